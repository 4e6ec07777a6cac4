"""Harvesters that nobody here wrote get the whole repository: pyoai's client, sickle, and anyone by `rdf`."""

import contextlib
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest
from lxml import etree
from sickle import Sickle

from repository.assembly import House, opened
from repository.dump import dump
from repository.ingest import Ingest, find_files
from repository.model.bodies import from_triples
from repository.model.errors import SourceError
from repository.model.records import Draft
from repository.model.settings import make_settings
from repository.readers.harvest import client_over, http_client
from tests.kit import shared
from tests.ports import free_port
from tests.serve.service import Service, eventually
from tests.soak.service import records as fill
from tests.soak.service import serving

RECORDS = Path(__file__).parents[1] / "records"


def filled(settings: Mapping[str, str]) -> None:
    """Samples, real data where it is at hand, and a tombstone."""
    with opened(make_settings(settings)) as house:
        folders = [RECORDS]
        with contextlib.suppress(pytest.skip.Exception):
            folders.append(shared() / "data" / "redif")
        Ingest(house.log, house.site).run(list(find_files(folders)))
        first = next(house.log.live())
        house.log.append([Draft(first.identifier, None)])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """(data folder, port) of a repository that is being served."""
    data, port = tmp_path_factory.mktemp("data"), free_port()
    filled({"data": str(data), "base_url": f"http://127.0.0.1:{port}"})
    service = Service(data, port)
    try:
        client = http_client(f"http://127.0.0.1:{port}/oai")
        assert eventually(lambda: _answers(client), 30)
        yield data, port
    finally:
        service.process.terminate()
        service.end()


def _answers(client: object) -> bool:
    try:
        return bool(client.identify())  # type: ignore[attr-defined]
    except SourceError:
        return False


@pytest.fixture
def house(base: tuple[Path, int]) -> Iterator[House]:
    data, port = base
    with opened(
        make_settings({"data": str(data), "base_url": f"http://127.0.0.1:{port}"}), read_only=True
    ) as house:
        yield house


def live(house: House, prefix: str) -> set[str]:
    return {house.site.oai_identifier(r.identifier) for r in house.log.live() if prefix in r.formats}


def dumped(house: House) -> dict[str, bytes]:
    """{identifier: body} as the dump has them."""
    graphs: dict[str, list[ox.Triple]] = {}
    for quad in ox.parse(b"".join(dump(house.log, house.site)), format=ox.RdfFormat.N_QUADS):
        graphs.setdefault(house.site.identifier_of(quad.graph_name.value) or "", []).append(quad.triple)
    return {name: from_triples(triples, name, house.site) for name, triples in graphs.items()}


@pytest.mark.parametrize("prefix", ["oai_dc", "rdf"])
def test_pyoais_client_gets_every_record(base: tuple[Path, int], house: House, prefix: str) -> None:
    client = http_client(f"http://127.0.0.1:{base[1]}/oai")
    found = {h.identifier(): h.isDeleted() for h, _, _ in client.listRecords(metadataPrefix=prefix)}
    assert {name for name, deleted in found.items() if not deleted} == live(house, prefix)
    assert prefix == "oai_dc" or sum(found.values()) == 1


@pytest.mark.parametrize("prefix", ["oai_dc", "rdf"])
def test_sickle_gets_every_record(base: tuple[Path, int], house: House, prefix: str) -> None:
    sickle = Sickle(f"http://127.0.0.1:{base[1]}/oai")
    found = {r.header.identifier: r.deleted for r in sickle.ListRecords(metadataPrefix=prefix)}
    assert {name for name, deleted in found.items() if not deleted} == live(house, prefix)
    assert len(list(sickle.ListSets())) == len({s.setSpec for s in sickle.ListSets()})
    some = next(iter(live(house, prefix)))
    assert sickle.GetRecord(identifier=some, metadataPrefix=prefix).header.identifier == some


def test_a_harvest_by_rdf_gives_byte_equal_bodies(house: House) -> None:
    client = client_over(lambda arguments: house.oai(list(arguments.items())).identity())
    bodies = {}
    for header, metadata, _ in client.listRecords(metadataPrefix="rdf"):
        if not header.isDeleted():
            name = house.site.from_oai_identifier(header.identifier())
            xml = etree.tostring(metadata.find("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"))
            bodies[name] = from_triples(
                [quad.triple for quad in ox.parse(xml, format=ox.RdfFormat.RDF_XML)], name, house.site
            )
    assert bodies == dumped(house)
    assert bodies == {record.identifier: record.body for record in house.log.live()}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at the service's processes in /proc")
def test_the_follower_renders_what_it_is_asked_to_before_anybody_comes(tmp_path: Path) -> None:
    fill(tmp_path, 150)
    with serving(tmp_path, oai_warm="oai_dc") as running:
        store = running.settings.oai_folder / "chunks.sqlite"

        def kept() -> int:
            with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
                return connection.execute("SELECT count(*) FROM chunk").fetchone()[0]

        assert eventually(lambda: store.exists() and kept() >= 2, 30)
