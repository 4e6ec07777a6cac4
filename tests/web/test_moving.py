"""What is given out depends on the configured base URL and on nothing that a request says; and it moves with it."""

import re
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
import zstandard
from click.testing import CliRunner

from repository.assembly import House, opened
from repository.cli.main import sheaf
from repository.log import Log
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.web.asked import answering
from tests.web.conftest import ARTICLE, BASE, records
from tests.web.crawling import Answer, crawl

pytestmark = pytest.mark.slow

EVIL = {
    "Host": "evil.example:81",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Scheme": "gopher",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Port": "81",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-For": "192.0.2.81",
    "X-Forwarded-Uri": "/evil",
    "X-Original-Host": "evil.example",
    "X-Original-Url": "/evil",
    "X-Rewrite-Url": "/evil",
    "X-Http-Host-Override": "evil.example",
    "X-Host": "evil.example",
    "X-Script-Name": "/evil",
    "Script-Name": "/evil",
    "Front-End-Https": "on",
    "Forwarded": 'for=192.0.2.81;host="evil.example";proto=gopher',
    "Via": "1.1 evil.example",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
}


@pytest.fixture(scope="module")
def plain(client) -> Mapping[tuple[str, str], Answer]:
    return crawl(client, BASE)


def test_the_crawl_comes_by_every_door(client, plain):
    """Else what follows says little."""
    rules = {rule.rule.partition("<")[0] for rule in client.application.url_map.iter_rules()}
    # What is unsteady, and what there is only where there is more, or where somebody made it.
    unsteady = {"/report", "/report/kept/", "/healthz", "/readyz", "/metrics", "/sparql/named/"}
    unsteady |= {"/search", "/search.", "/similar/", "/unapi"}
    absent = {"/sitemap/", "/dumps/", "/feeds/atom/", "/browse/archives/"}
    # For writers, who know it by the OpenAPI document.
    writers = {"/records", "/openapi.json", "/problems"}
    behind = unsteady | absent | writers | {each for each in rules if each.startswith("/static/")}
    for rule in rules - behind:
        assert any(path.startswith(rule) and answer.status < 400 for (path, _), answer in plain.items()), rule
    assert len(plain) > 200


def test_no_answer_is_a_failure(plain):
    """503 is what /sparql says where nobody follows the log."""
    wrong = {
        key: answer.status for key, answer in plain.items() if answer.status >= 500 and answer.status != 503
    }
    assert not wrong


def test_no_header_changes_a_byte_of_any_answer(client, plain):
    poisoned = crawl(client, BASE, **EVIL)
    assert poisoned.keys() == plain.keys()
    for key, answer in plain.items():
        assert poisoned[key] == answer, key
        assert b"evil" not in poisoned[key].all, key


@pytest.mark.parametrize("name", EVIL)
def test_no_header_alone_changes_a_byte(client, plain, name):
    """Some count only where another is absent."""
    for path in (
        "/",
        f"/id/{ARTICLE}",
        f"/record/{ARTICLE}",
        "/oai?verb=Identify",
        "/.well-known/void",
        "/nothing",
    ):
        for accept in ("text/html", "text/turtle"):
            if (path, accept) in plain:
                reply = client.get(path, headers={"Accept": accept, name: EVIL[name]})
                assert (reply.status_code, reply.headers.get("Location")) == (
                    plain[path, accept].status,
                    plain[path, accept].headers.get("Location"),
                )
                assert b"evil" not in reply.data


# -- a path in the base URL ----------------------------------------------------------------------------------------

PREFIXED = "https://example.org/the/catalogue/"


@pytest.fixture(scope="module")
def prefixed(open_at) -> House:
    return open_at(PREFIXED)


class Stripped:
    """A client behind a proxy that strips the prefix, or does not."""

    def __init__(self, client, prefix: str) -> None:
        self.client, self.prefix = client, prefix

    def get(self, path: str, **options):
        return self.client.get(self.prefix + path, **options)


@pytest.fixture(scope="module")
def under_prefix(prefixed) -> Mapping[tuple[str, str], Answer]:
    return crawl(Stripped(create_app(prefixed).test_client(), ""), PREFIXED)


def test_a_proxy_may_strip_the_prefix_or_not(prefixed, under_prefix):
    kept = crawl(Stripped(create_app(prefixed).test_client(), "/the/catalogue"), PREFIXED)
    assert kept == under_prefix


def test_every_address_begins_with_the_prefix(under_prefix):
    """Whether it is whole, or a path alone, in whatever is given out."""
    for key, answer in under_prefix.items():
        text = answer.all.decode()
        for rest in re.findall(r"https://example\.org(/?[\w.-]*/?[\w.-]*)", text):
            assert rest.startswith(("/the/catalogue", "/a.pdf", "/omar")) or rest in ("/", ""), (key, rest)
        paths = re.findall(r"""(?:href|src|action|formaction)=["']?(/[^"'\s>]*)""", text)
        paths += re.findall(r"^(?:Disallow|Allow): (/\S*)", answer.body.decode(), re.MULTILINE)
        for path in paths:
            assert path.startswith("/the/catalogue/"), (key, path)


def test_the_prefix_changes_nothing_else(client, prefixed, plain, under_prefix):
    """Under another base the same is said: what stands where is the same, but for the base."""
    assert {path for path, _ in under_prefix} == {path for path, _ in plain}
    for key, answer in plain.items():
        assert under_prefix[key].status == answer.status, key
    other = create_app(prefixed).test_client()
    for path in (
        f"/record/{ARTICLE}.nt",
        f"/record/{ARTICLE}.rdf",
        f"/record/{ARTICLE}.jsonld",
        "/vocab.ttl",
    ):
        ours, moved = client.get(path).data, other.get(path).data
        assert _undated(moved) == _undated(ours.replace(BASE.encode(), PREFIXED.encode()))


def _undated(body: bytes) -> bytes:
    """The two houses were filled one after the other."""
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"then", body)


def test_a_path_that_only_begins_like_the_prefix_is_another(prefixed):
    client = create_app(prefixed).test_client()
    assert client.get("/the/catalogued").status_code == 404
    assert client.get("/the/cataloguerecord/" + ARTICLE).status_code == 404
    assert client.get("/the/catalogue/the/catalogue/").status_code == 404


# -- moving --------------------------------------------------------------------------------------------------------

# Equal in length: lists and lines stand in the same order under both.
OLD, NEW = "https://old.example.org/", "https://new.example.net/cat/"
OLD_WORD, NEW_WORD = b"old.example.org", b"new.example.net"
NAMESPACE = "records.example.org"
QUERY = "/sparql?" + urlencode({"query": "SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"})


def run(folder: Path, base: str, *words: str) -> bytes:
    environ = {"SHEAF_DATA": str(folder), "SHEAF_BASE_URL": base, "SHEAF_OAI_NAMESPACE": NAMESPACE}
    done = CliRunner().invoke(sheaf, words, env=environ)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def all_answers(folder: Path, base: str) -> dict[tuple[str, str], Answer]:
    settings = make_settings({"data": str(folder), "base_url": base, "oai_namespace": NAMESPACE})
    with opened(settings) as house, answering(house):
        client = create_app(house).test_client()
        found = crawl(client, base)
        for accept in ("text/csv", "application/sparql-results+xml"):
            reply = client.get(QUERY, headers={"Accept": accept})
            found[QUERY, accept] = Answer(reply.status_code, {}, reply.data)
        return found


@pytest.fixture(scope="module")
def moved(tmp_path_factory) -> dict[str, dict[tuple[str, str], Answer]]:
    """All answers before a move, after it, and back again; and what `sheaf dump` prints each time."""
    folder = tmp_path_factory.mktemp("moved")
    settings = make_settings({"data": str(folder), "base_url": OLD})
    # A minute ago: what was written in this second has no date yet.
    with closing(Log(settings.log_url, clock=lambda: time.time() - 60)) as log:
        log.append(records())
    found = {}
    for name, base in (("before", OLD), ("after", NEW), ("back", OLD)):
        run(folder, base, "rebuild")
        found[name] = all_answers(folder, base)
        found[name]["sheaf dump", ""] = Answer(0, {}, run(folder, base, "dump"))
    return found


def test_after_a_move_nothing_speaks_of_the_old_address(moved):
    assert len(moved["after"]) > 200
    for key, answer in moved["after"].items():
        assert OLD_WORD not in answer.all, key
    assert sum(NEW_WORD in answer.all for answer in moved["after"].values()) > 150


def test_after_a_move_the_same_is_said_of_the_new_addresses(moved):
    before, after = moved["before"], moved["after"]
    assert before.keys() == after.keys()
    for key in (("sheaf dump", ""), (QUERY, "text/csv"), (QUERY, "application/sparql-results+xml")):
        assert len(before[key].body) > 5000
        assert after[key].body == before[key].body.replace(OLD.encode(), NEW.encode()), key
    for key, answer in before.items():
        assert after[key].status == answer.status, key


def test_after_a_move_the_identifiers_of_oai_pmh_stay(moved):
    for name in ("before", "after"):
        body = next(a.body for (path, _), a in moved[name].items() if "metadataPrefix=oai_dc" in path)
        assert b"<identifier>oai:records.example.org:RePEc:xxx:joujou:1</identifier>" in body


def test_back_again_every_answer_is_byte_equal(moved):
    assert moved["back"].keys() == moved["before"].keys()
    for key, answer in moved["before"].items():
        assert moved["back"][key] == answer, key


def test_a_dump_that_is_published_after_a_move_speaks_of_the_new_addresses(tmp_path):
    """In place of the one of that day: two of a day would be one too many."""
    with opened(make_settings({"data": str(tmp_path), "base_url": OLD})) as house:
        house.log.append(records())
    for base in (OLD, NEW):
        run(tmp_path, base, "dump", "--publish")
    with opened(make_settings({"data": str(tmp_path), "base_url": NEW}), read_only=True) as house:
        client = create_app(house).test_client()
        latest = client.get("/dumps/sheaf-latest.nq.zst").headers["Location"].removeprefix(NEW[:-1])
        with zstandard.ZstdDecompressor().stream_reader(client.get(latest).data) as stream:
            assert stream.read() == run(tmp_path, NEW, "dump")
