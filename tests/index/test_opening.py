"""The index as those who ask see it, where a SPARQL server keeps it and does not answer."""

import socket
import time
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from repository.index import opening
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
