"""The real service behind a real nginx that caches and compresses: all get what they asked for, and nothing old."""

import contextlib
import gzip
import http.client
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository.assembly import opened
from repository.model.settings import make_settings
from tests.kit import draft, needs, work
from tests.ports import free_port
from tests.serve.service import Service, eventually
from tests.web.conftest import ARTICLE, as_draft, records
from tests.web.nginx import nginx
from tests.web.test_signposts import MANY

ACCEPTS = (
    "text/turtle",
    "application/ld+json",
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"',
    'application/ld+json;profile="https://schema.org"',
    "application/rdf+xml",
    "application/x-bibtex",
    "text/html",
    "image/png",
    "",
)
CODINGS = ("gzip", "identity")
PATH = f"/record/{ARTICLE}"
LONG = work("long" * 40, creators=MANY.creators, files=MANY.files, dois=("10.1000/" + "long" * 20,))
# nginx counts whole seconds.
LONGER_THAN_BRIEF = 2.1

# Four ways in: `cache` keeps replies as we say, `brief` for a second; `packed` compresses what it keeps, and `through`
# compresses and keeps nothing. The last two ask us for no coding, as proxies do that compress themselves.
_SERVERS = """
  proxy_cache_path {folder}/kept keys_zone=kept:1m;
  proxy_cache_path {folder}/short keys_zone=short:1m;
  proxy_cache_path {folder}/small keys_zone=small:1m;
  proxy_cache_revalidate on;
  gzip_proxied any;
  gzip_types *;
  gzip_min_length 0;
  add_header X-Cache $upstream_cache_status always;
  server {{
    listen 127.0.0.1:{cache};
    location / {{ proxy_pass http://127.0.0.1:{origin}; proxy_cache kept; }}
  }}
  server {{
    listen 127.0.0.1:{brief};
    location / {{
      proxy_pass http://127.0.0.1:{origin};
      proxy_cache short;
      proxy_ignore_headers Cache-Control;
      proxy_cache_valid any 1s;
    }}
  }}
  server {{
    listen 127.0.0.1:{packed};
    gzip on;
    location / {{ proxy_pass http://127.0.0.1:{origin}; proxy_cache small; proxy_set_header Accept-Encoding ""; }}
  }}
  server {{
    listen 127.0.0.1:{through};
    gzip on;
    location / {{ proxy_pass http://127.0.0.1:{origin}; proxy_set_header Accept-Encoding ""; }}
  }}
"""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> bytes:
        return gzip.decompress(self.body) if self.headers["Content-Encoding"] == "gzip" else self.body


def ask(port: int, path: str = PATH, **headers: str) -> Reply:
    """One request on a connection of its own; `If_Match` names If-Match."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            if value:
                connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())


@dataclass(frozen=True)
class Ways:
    """Ports: that of the service, and those of nginx."""

    data: Path
    origin: int
    cache: int
    brief: int
    packed: int
    through: int

    def edit(self, title: str) -> None:
        with opened(make_settings({"data": str(self.data)})) as house:
            house.log.append([draft(1, title)])


@pytest.fixture(scope="module")
def ways(tmp_path_factory) -> Iterator[Ways]:
    needs("nginx")
    data, folder = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("nginx")
    with opened(make_settings({"data": str(data)})) as house:
        house.log.append([*records(), *map(as_draft, (MANY, LONG))])
    found = Ways(data, *(free_port() for _ in range(5)))
    ports = {name: getattr(found, name) for name in ("origin", "cache", "brief", "packed", "through")}
    service = Service(data, found.origin)
    try:
        with nginx(folder, _SERVERS, **ports):
            assert service.ready()
            assert eventually(lambda: answers(found.through), 20)
            yield found
    finally:
        service.process.terminate()
        service.end()


def answers(port: int) -> bool:
    try:
        return ask(port, "/healthz").status == 200
    except OSError:
        return False


def asked(accept: str, coding: str) -> dict[str, str]:
    return {"Accept": accept, "Accept_Encoding": coding}


@pytest.mark.parametrize("order", range(4))
def test_in_any_order_everybody_gets_their_own_form_in_their_own_coding(ways, order):
    """Pitfalls 1 and 2: one address, many bodies, one cache."""
    path = f"{PATH}?order={order}"
    wishes = [(accept, coding) for accept in ACCEPTS for coding in CODINGS] * 2
    random.Random(order).shuffle(wishes)
    direct = {wish: ask(ways.origin, path, **asked(*wish)) for wish in set(wishes)}
    seen = set()
    for wish in wishes:
        reply, own = ask(ways.cache, path, **asked(*wish)), direct[wish]
        assert (reply.status, reply.body) == (own.status, own.body)
        for name in ("Content-Type", "ETag", "Content-Location", "Content-Encoding", "Vary", "Link"):
            assert reply.headers[name] == own.headers[name]
        # An error is kept too (406), for as long as it says; the second time comes from the cache.
        if wish in seen:
            assert reply.headers["X-Cache"] == "HIT" or own.status == 406
        seen.add(wish)
    assert len({reply.body for reply in direct.values()}) > len(ACCEPTS)


@pytest.mark.parametrize("way", ["cache", "brief"])
def test_a_condition_is_met_by_the_own_form_alone(ways, way):
    port, path = getattr(ways, way), f"{PATH}?conditions"
    wishes = [(accept, coding) for accept in ACCEPTS for coding in CODINGS if accept != "image/png"]
    for turn in range(2):
        if turn and way == "brief":
            time.sleep(LONGER_THAN_BRIEF)
        tags = {wish: ask(port, path, **asked(*wish)).headers["ETag"] for wish in wishes}
        for wish in wishes:
            assert ask(port, path, **asked(*wish), If_None_Match=tags[wish]).status == 304
            for other in wishes:
                if tags[other] != tags[wish]:
                    reply = ask(port, path, **asked(*wish), If_None_Match=tags[other])
                    assert (reply.status, reply.headers["ETag"]) == (200, tags[wish])


@pytest.mark.slow
def test_a_kept_reply_is_confirmed_without_its_body_and_replaced_when_it_changed(ways):
    path, wish = f"{PATH}?edit", asked("text/turtle", "identity")
    first = ask(ways.brief, path, **wish)
    assert first.headers["X-Cache"] == "MISS"
    time.sleep(LONGER_THAN_BRIEF)
    again = ask(ways.brief, path, **wish)
    assert (again.headers["X-Cache"], again.body) == ("REVALIDATED", first.body)
    ways.edit("Edited once")
    assert b"Edited once" in ask(ways.origin, path, **wish).body
    time.sleep(LONGER_THAN_BRIEF)
    for accept in ("text/turtle", "application/ld+json", "text/html"):
        reply = ask(ways.brief, path, **asked(accept, "gzip"))
        assert b"Edited once" in reply.text
        assert reply.headers["ETag"] != first.headers["ETag"]
    kept = ask(ways.brief, path, **wish, If_None_Match=first.headers["ETag"])
    assert (kept.status, b"Edited once" in kept.body) == (200, True)


@pytest.mark.parametrize("way", ["cache", "brief", "packed", "through"])
@pytest.mark.parametrize("path", ["", ".html", ".ttl", ".mods.xml"])
@pytest.mark.parametrize("record", [MANY, LONG], ids=["many authors", "long handle"])
def test_pitfall_21_no_header_is_too_big_for_nginx_as_it_comes(ways, way, path, record):
    for accept in ("text/html", "text/turtle"):
        reply = ask(getattr(ways, way), f"/record/{record.identifier}{path}", **asked(accept, "gzip"))
        assert reply.status == 200
        assert 'rel="linkset"' in reply.headers["Link"]


def test_a_reply_is_kept_as_long_as_it_says_and_not_longer(ways):
    path = f"{PATH}.ttl?fresh"
    assert [ask(ways.cache, path).headers["X-Cache"] for _ in range(2)] == ["MISS", "HIT"]
    assert ask(ways.cache, path).headers["Cache-Control"] == "public, max-age=60"
    assert [ask(ways.cache, f"/id/{ARTICLE}").headers["X-Cache"] for _ in range(2)] == ["MISS", "HIT"]
    assert [ask(ways.cache, "/healthz").headers["X-Cache"] for _ in range(2)] == ["MISS", "MISS"]


@pytest.mark.parametrize("way", ["packed", "through"])
def test_behind_a_compressing_proxy_the_weakened_tag_still_saves_the_body(ways, way):
    port = getattr(ways, way)
    for accept in ("text/turtle", "application/ld+json", "text/html"):
        packed, plain = (ask(port, **asked(accept, coding)) for coding in CODINGS)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["ETag"] == "W/" + plain.headers["ETag"]
        assert packed.text == plain.body
        for coding in CODINGS:
            for tag in (packed.headers["ETag"], plain.headers["ETag"]):
                assert ask(port, **asked(accept, coding), If_None_Match=tag).status == 304
        other = "text/html" if accept != "text/html" else "text/turtle"
        reply = ask(port, **asked(other, "gzip"), If_None_Match=packed.headers["ETag"])
        assert reply.status == 200


def test_behind_a_compressing_proxy_if_match_holds_until_the_record_changes(ways):
    tag = ask(ways.through, **asked("text/turtle", "gzip")).headers["ETag"]
    assert tag.startswith('W/"')
    for given in (tag, tag.removeprefix("W/"), f'"{tag[3:-1]}-gzip"'):
        assert ask(ways.through, **asked("text/turtle", "gzip"), If_Match=given).status == 200
        assert ask(ways.through, **asked("text/html", "gzip"), If_Match=given).status == 412
    ways.edit("Edited twice")
    for given in (tag, tag.removeprefix("W/"), f'"{tag[3:-1]}-gzip"'):
        assert ask(ways.through, **asked("text/turtle", "gzip"), If_Match=given).status == 412


def test_a_range_is_answered_with_the_whole_but_by_a_cache_that_has_it(ways):
    whole = ask(ways.origin, f"{PATH}.nt").body
    assert ask(ways.origin, f"{PATH}.nt", Range="bytes=0-9").body == whole
    assert ask(ways.origin, f"{PATH}.nt").headers["Accept-Ranges"] == "none"
    # nginx cuts what it keeps by itself.
    reply = ask(ways.cache, f"{PATH}.nt", Range="bytes=0-9")
    assert (reply.status, reply.body) == (206, whole[:10])
