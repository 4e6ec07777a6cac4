"""No result has more rows than it may have, whatever its rows bind and its texts hold."""

import io
import json
from dataclasses import replace

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.sparql.limits import Limits
from repository.sparql.question import QueryError
from repository.sparql.results import FORMATS
from repository.sparql.spool import Spool
from repository.sparql.writing import write_table

TABLES = [form.media_type for form in FORMATS if not form.graph]
TEXTS = st.text(st.sampled_from('{},"\\ab\n'), max_size=12)


def spool(media_type: str, rows: int) -> Spool:
    return Spool(io.BytesIO(), media_type, replace(Limits(), rows=rows))


@pytest.mark.parametrize("media_type", TABLES)
@pytest.mark.parametrize("select", ["?s", "?nothing", "?o", "?nothing ?s"])
def test_rows_are_counted_though_they_bind_nothing(media_type: str, select: str) -> None:
    store = ox.Store()
    for n in range(50):
        store.add(ox.Quad(ox.NamedNode(f"urn:{n}"), ox.NamedNode("urn:p"), ox.Literal("},{} ,{}")))
    query = f"SELECT {select} {{ ?s ?p ?o }}"
    write_table(store.query(query), media_type, spool(media_type, 50))
    with pytest.raises(QueryError) as caught:
        write_table(store.query(query), media_type, spool(media_type, 48))
    assert caught.value.reason == "rows"


@given(st.lists(st.none() | TEXTS, min_size=2), st.lists(st.integers(1, 9), min_size=1))
def test_rows_of_json_are_counted_wherever_chunks_end(texts: list[str | None], sizes: list[int]) -> None:
    rows = [{} if text is None else {"a": {"type": "literal", "value": text}} for text in texts]
    whole = {"head": {"vars": ["a"]}, "results": {"bindings": rows}}
    data = json.dumps(whole, separators=(",", ":")).encode()

    def write(most: int) -> None:
        file, place, n = spool(TABLES[0], most), 0, 0
        while place < len(data):
            file.write(data[place : (place := place + sizes[n % len(sizes)])])
            n += 1

    write(len(rows))
    with pytest.raises(QueryError):
        write(len(rows) - 1)
