"""The index as those who ask see it: where a SPARQL server keeps it and does not answer, and where the log was put
back."""

import json
import socket
import time
from contextlib import closing
from pathlib import Path
from threading import Thread

import pyoxigraph as ox
import pytest

from repository.index import opening
from repository.index.compare import differences
from repository.index.embedded import EmbeddedIndex
from repository.index.index import Position
from repository.index.opening import shown, source
from repository.index.remote_terms import sendable
from repository.log import Log
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.model.source import Source
from repository.model.terms import INTERNAL, XSD
from tests.sparql_server import answering

BASE = "http://127.0.0.1:8080"


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


_TYPED = [
    ("5", "short"),
    ("7", "int"),
    ("7", "integer"),
    ("1.0", "decimal"),
    ("1", "integer"),
    ("1e3", "double"),
]
_TYPED += [
    ("1000", "decimal"),
    ("2020-02-29T24:00:00", "dateTime"),
    ("12:00:00.10Z", "time"),
    ("P0Y", "duration"),
]


@pytest.mark.parametrize("keeps_values", [False, True])
def test_a_server_that_has_what_it_was_sent_has_what_the_log_has(tmp_path: Path, keeps_values: bool) -> None:
    """Whether it keeps what is written, as Virtuoso does of a short, or its value, as Oxigraph."""
    graph: list[ox.Triple] = []
    with answering(lambda form: _answer(form["query"][0], graph)) as url:
        settings = make_settings({"data": str(tmp_path), "base_url": BASE, "sparql_url": url})
        lines = [f'<{INTERNAL}id/a> <urn:p> "{text}"^^<{XSD}{kind}> .\n' for text, kind in _TYPED]
        body = "".join(sorted(lines)).encode()
        sent = "\n".join(sendable(settings.site.externalise(body)))
        triples = [quad.triple for quad in ox.parse(sent, format=ox.RdfFormat.N_TRIPLES)]
        store = ox.Store()
        store.extend(ox.Quad(*triple) for triple in triples)
        graph += [quad.triple for quad in store] if keeps_values else triples
        with closing(Log(settings.log_url)) as log, shown(settings) as index:
            log.append([Draft("a", body)])
            assert index is not None
            assert list(differences(log, settings.site, index)) == []
            graph.pop()
            (missing,) = differences(log, settings.site, index)
            assert missing.identifier == "a"


def _answer(query: str, graph: list[ox.Triple]) -> bytes:
    """What a server at entry 1 says of the one record's graph, in JSON."""
    if "COUNT" in query:
        rows: list[dict[str, object]] = [{"n": {"type": "literal", "value": "1"}}]
    elif "?s ?p ?o" in query:
        rows = [
            {
                "g": {"type": "uri", "value": f"{BASE}/record/a"},
                "s": {"type": "uri", "value": subject.value},
                "p": {"type": "uri", "value": predicate.value},
                "o": {"type": "literal", "value": target.value, "datatype": target.datatype.value},
            }
            for subject, predicate, target in graph
        ]
    else:
        rows = [{"p": {"type": "literal", "value": json.dumps([1, "mark", f"{BASE}/", 1])}}]
    return json.dumps({"head": {"vars": list(rows[0])}, "results": {"bindings": rows}}).encode()
