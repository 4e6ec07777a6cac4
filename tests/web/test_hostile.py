"""Requests that nobody means well by (rows of design notes on threats): never a 5xx, never a way out."""

import json
import re

import pytest

from repository.assembly import open_house
from repository.model.records import Draft
from repository.model.work import File, Organisation, Person, Text
from repository.web.app import create_app
from tests.kit import draft, work
from tests.web.conftest import ARTICLE, BASE, as_draft
from tests.web.steady import steady

ODD = {
    "nul": "%00",
    "nul in a handle": "RePEc:xxx:joujou:1%00",
    "dots": "../../etc/passwd",
    "coded dots": "..%2f..%2fetc%2fpasswd",
    "twice coded dots": "%252e%252e%252f",
    "one dot": "a/./b",
    "bad utf-8": "%ff%fe",
    "overlong utf-8": "%c0%ae%c0%ae/",
    "unicode dots": "%e2%80%a4%e2%80%a4/",
    "backslash": "..%5c..%5cwindows",
    "new line": "RePEc:a%0d%0aSet-Cookie: x",
    "quote": "RePEc:a%22onload=",
    "angle": "%3Cscript%3Ealert(1)%3C/script%3E",
    "blank": "a%20b",
    "only blanks": "%20%20",
    "percent": "100%25",
    "sql": "x'%20OR%201=1--",
    "slashes": "//evil.example/",
    "at": "@evil.example",
    "long": "a" * 10_000,
    "long handle": "RePEc:" + "b:" * 5_000,
    "many dots": "." * 5_000,
    "extension alone": ".ttl",
    "extensions": ".ttl.ttl.ttl",
    "brackets": "[::1]",
    "fragment": "a%23b",
    "query": "a%3Fb",
    "emoji": "%F0%9F%98%80",
}


@pytest.mark.parametrize("path", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("door", ["/id/", "/record/", "/doi/", "/", "/timegate/", "/timemap/", "/version/1/"])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_rows_22_24_odd_paths_are_404(client, door, path, accept):
    reply = client.get(door + path, headers={"Accept": accept})
    assert reply.status_code == 404
    assert "Location" not in reply.headers
    assert "Set-Cookie" not in reply.headers
    assert b"<script>" not in reply.data
    assert b"Traceback" not in reply.data


@pytest.mark.parametrize(
    "identifier", ["@evil.example", "a/@evil.example", "evil.example/x", "http:evil.example"]
)
def test_row_27_redirects_stay_at_home(fresh, house, identifier):
    house.log.append(
        [
            as_draft(work(1)),
            Draft(
                identifier,
                f'<https://sheaf.invalid/id/{identifier}> <http://purl.org/dc/terms/title> "x" .\n'.encode(),
            ),
        ]
    )
    reply = fresh.get(f"/id/{identifier}")
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith(BASE + "record/")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", f"/id/{ARTICLE}", f"/record/{ARTICLE}", "/vocab", "/readyz"])
def test_a_wrong_method_is_405_with_what_is_right(client, method, path):
    reply = client.open(path, method=method)
    if path.startswith("/record/") and method in ("PUT", "DELETE"):
        # These are for who has a token.
        assert reply.status_code == 401
        return
    assert reply.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= set(reply.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "path",
    ["/", f"/id/{ARTICLE}", f"/record/{ARTICLE}", f"/record/{ARTICLE}.bib", "/oai?verb=Identify", "/nothing"],
)
def test_head_has_the_headers_of_get_and_no_body(client, path):
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    if "oai" not in path:
        assert steady(head.headers) == steady(get.headers)


@pytest.mark.parametrize("path", ["/", f"/id/{ARTICLE}", f"/record/{ARTICLE}.bib", "/oai", "/context.jsonld"])
def test_a_preflight_is_answered(client, path):
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "accept",
    }
    reply = client.options(path, headers=asked)
    assert reply.status_code == 204
    assert "GET" in reply.headers["Allow"]
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in reply.headers["Access-Control-Allow-Methods"]
    assert "Accept" in reply.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in reply.headers


HEADERS = {
    "accept, 100 kB": {"Accept": "text/html," * 10_000},
    "accept, binary": {"Accept": "\x80\xff;q=\x01"},
    "accept-encoding, 100 kB": {"Accept-Encoding": "gzip;q=0.1," * 10_000},
    "if-none-match, 100 kB": {"If-None-Match": '"a",' * 25_000},
    "if-modified-since": {"If-Modified-Since": "Mon, 01 Jan 99999 00:00:00 +9999"},
    "range": {"Range": "bytes=0-0,1-1," * 100},
    "cookie": {"Cookie": "a=" + "b" * 10_000},
    "content-length on get": {"Content-Length": "99999999999"},
    "transfer-encoding on get": {"Transfer-Encoding": "chunked"},
    "origin": {"Origin": "null"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("path", [f"/record/{ARTICLE}", f"/id/{ARTICLE}", "/", "/nothing"])
def test_row_42_odd_headers_are_never_a_failure(client, headers, path):
    assert client.get(path, headers=headers).status_code < 500


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}{% raw %}",
    "</title><svg onload=alert(1)>",
    "<!--<script>",
    "\u202e<b>",
    "&lt;b&gt;",
    "]]><script>",
)
BAD_LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "http:/nohost",
    "//evil.example/x",
)


@pytest.mark.parametrize(
    "kind", ["article", "paper", "chapter", "journal", "person", "institution", "archive"]
)
def test_row_23_no_field_breaks_out_of_the_page(fresh, house, kind):
    payload = " ".join(PAYLOADS)
    text = Text(payload, "en")
    place = Organisation(payload, payload, "https://example.org/", payload, payload)
    made = work(
        "xss",
        payload,
        type=kind,
        creators=(Person(payload, payload, payload, workplaces=(place,)),),
        editors=(Person(payload),),
        alternatives=(text,),
        abstracts=(text,),
        descriptions=(text,),
        notes=(text,),
        keywords=(text,),
        restriction=text,
        files=(File("https://example.org/", payload, payload, text, payload),),
        references=(payload,),
        providers=(place,),
        workplaces=(place,),
        publishers=(payload,),
        source_fields=(payload,),
        isbns=(payload,),
        dois=("10.1/x",),
        **dict.fromkeys(
            (
                "host",
                "volume",
                "issue",
                "number",
                "pages",
                "page_start",
                "edition",
                "chapter",
                "status",
                "name_english",
                "short_id",
                "maintainer",
                "postal",
                "location",
            ),
            payload,
        ),
    )
    house.log.append([as_draft(made)])
    for path in (f"/record/{made.identifier}.html", "/", f"/record/{MENTION}.html"):
        page = DATA.sub("", fresh.get(path).text, count=1)
        for mark in ("<script", "<img", "<svg onload", "\u202e<b>", "onerror=alert(1)>", "<!--"):
            assert mark not in page


MENTION = "RePEc:xxx:joujou"
# The one script element of a page: data, from which only a `<` leads out.
DATA = re.compile(r'<script type="application/ld\+json">([^<]*)</script>')


@pytest.mark.parametrize(
    "payload", [*PAYLOADS, "</script>", "</SCRIPT/>", "<!--<script>--></script>", "\u2028]]>"]
)
def test_pitfall_20_no_text_breaks_out_of_the_data_for_search_engines(fresh, house, payload):
    made = work("data", payload, abstracts=(Text(payload, "en"),), creators=(Person(payload),), host=payload)
    house.log.append([as_draft(made)])
    page = fresh.get(f"/record/{made.identifier}.html").text
    found = json.loads(DATA.search(page)[1])
    assert found["name"] == payload
    assert found["author"][0]["name"] == payload
    assert page.lower().count("<script") == page.lower().count("</script") == 1


@pytest.mark.parametrize("link", BAD_LINKS)
def test_row_23_no_odd_link_becomes_an_href(fresh, house, link):
    made = work(
        "links",
        creators=(Person("A", homepage=link, identifier=link if "//" in link else ""),),
        files=(File(link),),
        landing_pages=(link,),
        homepages=(link,),
        see_also=(link,),
        same_as=(link,),
        providers=(Organisation("B", homepage=link),),
    )
    house.log.append([as_draft(made)])
    page = fresh.get(f"/record/{made.identifier}.html").text
    assert f'href="{link}' not in page
    assert f'href="{link.lower()}' not in page


def test_pages_allow_no_script_and_no_frame(client):
    policy = client.get(f"/record/{ARTICLE}.html").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_an_unknown_failure_is_ours_and_tells_nothing(house, capsys, monkeypatch):
    app = create_app(house)

    def broken() -> None:
        raise RuntimeError("the secret path /srv/secret")

    app.add_url_rule("/broken", "broken", broken)
    reply = app.test_client().get("/broken")
    assert reply.status_code == 500
    assert b"secret" not in reply.data
    assert reply.headers["Cache-Control"] == "no-store"
    number = reply.text.split("Its number is ")[1].split(".")[0]
    log = capsys.readouterr().err
    assert number in log
    assert "/srv/secret" in log


def test_row_41_no_control_character_reaches_the_maintainers_terminal(house, capsys):
    app = create_app(house)
    app.add_url_rule("/broken/<path:x>", "broken", lambda x: 1 / 0)
    app.test_client().get("/broken/%1b[31m%0dforged")
    assert "\x1b" not in capsys.readouterr().err


def test_a_log_that_is_not_there_is_503_until_it_is_and_one_line_for_each_who_asks(house, capsys):
    folder = house.settings.data
    away = folder.with_name("away")
    reader = open_house(house.settings, read_only=True)
    client = create_app(reader).test_client()
    assert "log: at entry" in client.get("/readyz").text
    reader.close()
    house.close()
    folder.rename(away)
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert "log: at entry" not in reply.text
    capsys.readouterr()
    reply = client.get(f"/record/{ARTICLE}")
    assert reply.status_code == 503
    (line,) = capsys.readouterr().err.splitlines()
    assert f"'GET /record/{ARTICLE}': " in line
    assert "record log" in line
    assert client.get("/healthz").status_code == 200
    away.rename(folder)
    assert "log: at entry" in client.get("/readyz").text
    reader.close()


def test_titles_are_never_templates(fresh, house):
    house.log.append([draft("t", "{{ 7*7 }} {{ site.base }}")])
    assert "{{ 7*7 }} {{ site.base }}" in fresh.get("/record/RePEc:xxx:joujou:t.html").text
