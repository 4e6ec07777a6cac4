"""Kept replies: the same as made anew, gone at the first write of anybody, and bounded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.assembly import House, open_house, opened
from repository.model.settings import make_settings
from repository.web.app import create_app
from repository.web.http import Reply
from repository.web.kept import Kept
from tests.kit import draft, removal

FORMS = ("text/turtle", "application/ld+json", "text/html", "application/n-triples")


def settings_of(data: Path):
    return make_settings({"data": str(data), "base_url": "https://papers.example.org"})


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[House, House]]:
    """(a house that writes, another that serves the same log)."""
    with opened(settings_of(tmp_path)) as writer:
        writer.log.append([draft(1, "First"), draft(2)])
        reader = open_house(settings_of(tmp_path), read_only=True)
        yield writer, reader
        reader.close()


@pytest.mark.parametrize("accept", FORMS)
def test_a_reply_that_was_kept_is_the_reply_made_anew(served, accept) -> None:
    _, reader = served
    client = create_app(reader).test_client()
    path, headers = f"/record/{draft(1).identifier}", {"Accept": accept}
    first, again = client.get(path, headers=headers), client.get(path, headers=headers)
    fresh = create_app(reader).test_client().get(path, headers=headers)
    assert first.data == again.data == fresh.data
    assert list(first.headers) == list(again.headers) == list(fresh.headers)
    tagged = {**headers, "If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=tagged).status_code == 304


@pytest.mark.parametrize("accept", FORMS)
def test_what_another_writes_is_seen_by_the_next_request(served, accept) -> None:
    writer, reader = served
    client = create_app(reader).test_client()
    path, headers = f"/record/{draft(1).identifier}", {"Accept": accept}
    before = client.get(path, headers=headers)
    writer.log.append([draft(1, "Second")])
    after = client.get(path, headers=headers)
    assert b"First" in before.data
    assert b"Second" in after.data
    assert after.headers["ETag"] != before.headers["ETag"]
    writer.log.append([removal(1)])
    assert client.get(path, headers=headers).status_code == 410
    assert client.get(f"/id/{draft(1).identifier}").status_code == 303
    writer.log.append([draft(1, "Third")])
    assert b"Third" in client.get(path, headers=headers).data


def test_a_page_shows_a_link_that_came_since(served) -> None:
    writer, reader = served
    client = create_app(reader).test_client()
    path = f"/record/{draft(2).identifier}.html"
    assert b"A citing work" not in client.get(path).data
    writer.log.append([draft(3, "A citing work", cites=(draft(2).identifier,))])
    assert b"A citing work" in client.get(path).data


def test_what_is_kept_is_bounded() -> None:
    made: list[int] = []

    def make(n: int) -> Reply:
        made.append(n)
        return Reply(lambda: b"x" * 100_000, "text/plain")

    kept = Kept(lambda: 1)
    for n in range(3000):
        assert len(kept.reply(n, lambda n=n: make(n)).write()) == 100_000
    assert len(kept._replies) == 1500
    kept.reply(2999, lambda: make(2999))
    assert made[-1] == 2999
    assert len(made) == 3000


def test_a_reply_that_was_overtaken_while_it_was_made_is_not_kept() -> None:
    state = [1]
    kept = Kept(lambda: state[0])

    def overtaken() -> Reply:
        state[0] = 2
        kept.reply("other", lambda: Reply(lambda: b"other", "text/plain"))
        return Reply(lambda: b"old", "text/plain")

    assert kept.reply("page", overtaken).write() == b"old"
    assert kept.reply("page", lambda: Reply(lambda: b"new", "text/plain")).write() == b"new"
