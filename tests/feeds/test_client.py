"""Somebody else's follower: ldes-client, of the community that wrote TREE and LDES, replicates our stream over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from repository.feeds import ldes
from repository.model.datestamps import parse_since
from repository.model.records import Record
from tests.feeds.feeding import small_pages
from tests.harvest.upstream import Sheaf
from tests.kit import draft, needs, removal

SCRIPT = Path(__file__).parent / "client" / "replicate.mjs"


def client_folder() -> Path:
    """Where `make test` put it."""
    folder = Path(os.environ.get("TEST_FEED_CLIENT", Path(sys.prefix) / "share" / "sheaf" / "feeds"))
    if not (folder / "node_modules" / "ldes-client").is_dir():
        pytest.skip(f"needs ldes-client in {folder}: `make test` brings it in where there is npm")
    return folder


@pytest.fixture
def sheaf(tmp_path: Path) -> Iterator[Sheaf]:
    upstream = Sheaf(tmp_path / "there")
    with small_pages(5, 3):
        upstream.house.log.append([draft(n, f"Tïtle {n} \u0085") for n in range(33)])
        upstream.house.log.append([removal(3, "RePEc:xxx:joujou:4")])
        upstream.house.log.append([draft(5, "New")])
        yield upstream
    upstream.close()


def replicate(sheaf: Sheaf, **options: Any) -> list[dict[str, Any]]:
    chosen = {"url": ldes.address(sheaf.house.site), **options}
    words = [needs("node"), str(SCRIPT), str(client_folder()), json.dumps(chosen)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def entries(sheaf: Sheaf) -> dict[str, Record]:
    site, names = sheaf.house.site, [f"RePEc:xxx:joujou:{n}" for n in range(40)]
    found = [record for name in names for record in sheaf.house.log.history(name)]
    return {site.version(record.seq, record.identifier): record for record in found}


def body_of(member: dict[str, Any]) -> set[ox.Triple]:
    quads = ox.parse(member["quads"].encode(), format=ox.RdfFormat.N_QUADS)
    return {quad.triple for quad in quads if quad.graph_name == ox.NamedNode(member["id"])}


def triples(sheaf: Sheaf, record: Record) -> set[ox.Triple]:
    text = sheaf.house.site.externalise(record.body or b"")
    return {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)}


def same(sheaf: Sheaf, members: Sequence[dict[str, Any]], expected: dict[str, Record]) -> None:
    assert sorted(member["id"] for member in members) == sorted(expected)
    for member in members:
        record = expected[member["id"]]
        assert body_of(member) == triples(sheaf, record)
        assert member["of"] == sheaf.house.site.record(record.identifier)
        assert parse_since(member["made"].replace(".000Z", "Z")) == record.datestamp
        assert (f"{ldes.ACTIVITY}Delete" in member["quads"]) == record.deleted


@pytest.mark.slow
def test_every_version_is_replicated_once_and_then_only_what_is_new(sheaf: Sheaf, tmp_path: Path) -> None:
    state = {"statePath": str(tmp_path / "state")}
    first = entries(sheaf)
    same(sheaf, replicate(sheaf, **state), first)
    sheaf.house.log.append([draft(n, "Newer") for n in range(5, 9)])
    same(
        sheaf, replicate(sheaf, **state), {name: r for name, r in entries(sheaf).items() if name not in first}
    )


def test_in_the_order_of_time_the_last_version_comes_last(sheaf: Sheaf) -> None:
    members = replicate(sheaf, order="ascending")
    same(sheaf, members, entries(sheaf))
    made = [member["made"] for member in members]
    assert made == sorted(made)
