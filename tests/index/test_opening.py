"""The index as those who ask see it: where a SPARQL server keeps it and does not answer, and where the log was put
back."""

import socket
import time
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from repository.index import opening
from repository.index.embedded import EmbeddedIndex
from repository.index.index import Position
from repository.index.opening import source
from repository.model.settings import make_settings
from repository.model.source import Source


def test_a_server_that_takes_questions_and_answers_none_keeps_nobody_who_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_LOOK_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/sparql"
        found: list[Source | None] = []
        with closing(source(make_settings({"data": str(tmp_path), "sparql_url": url}))) as look:
            looking = [Thread(target=lambda: found.append(look()), daemon=True) for _ in range(8)]
            begun = time.monotonic()
            for each in looking:
                each.start()
            for each in looking:
                each.join(10)
            assert found == [None] * 8
            # One asks for all: they do not wait one after the other.
            assert time.monotonic() - begun < 3


def test_snapshots_of_two_logs_at_the_same_entry_have_two_keys(tmp_path: Path) -> None:
    settings = make_settings({"data": str(tmp_path)})
    found: list[tuple[str, str]] = []
    with closing(EmbeddedIndex(settings.index_folder)) as index, closing(source(settings)) as look:
        # Of the log that was put back, the entry 5 came later.
        for seq, mark in ((5, "lost"), (4, "kept"), (5, "new")):
            index.load(Position(seq, mark, settings.site.base), [])
            state = look()
            assert state is not None
            found.append((state.place, state.key))
    assert found[0][0] == found[2][0]
    assert found[0][1] != found[2][1]
