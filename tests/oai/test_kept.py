"""Chunks in the hands of maintainers: warmed, compared, cleared; and what is told about records."""

import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from repository.cli.main import sheaf
from repository.formats import OAI_DC
from repository.log import Log
from repository.model.errors import SettingsError
from repository.model.records import Draft, Origin, Selection
from repository.model.settings import Settings, make_settings
from repository.oai import Provider
from repository.oai.chunk import Chunk
from repository.oai.chunks import Chunks
from repository.oai.compare import differences
from repository.oai.pieces import pack
from repository.oai.runs import place_of
from repository.oai.show import Show
from repository.oai.warming import Warmer, formats_to_warm
from tests.kit import Clock, draft
from tests.oai.conftest import NS, Repository

LIST = [("verb", "ListRecords"), ("metadataPrefix", "oai_dc")]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings({"data": str(tmp_path), "oai_page_size": 500, "oai_warm": "oai_dc, rdf"})


@pytest.fixture
def log(settings: Settings, clock: Clock) -> Iterator[Log]:
    log = Log(settings.log_url, clock=clock)
    log.append([draft(number) for number in range(300)])
    yield log
    log.close()


@pytest.fixture
def store(settings: Settings, log: Log) -> Iterator[Chunks]:
    store = Chunks(settings.oai_folder / "chunks.sqlite", 1 << 26, log.mark)
    yield store
    store.close()


def test_what_was_warmed_is_not_rendered_when_a_harvester_comes(
    settings: Settings, log: Log, store: Chunks, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Provider(log, settings, clock=clock).answer(LIST)
    turns = iter([False, False, True, True, True])
    Warmer(log, settings, store).run(lambda seconds: next(turns))
    monkeypatch.setattr("repository.oai.show.rendered", lambda *_: "")
    assert Provider(log, settings, chunks=store, clock=clock).answer(LIST) == expected


def test_a_format_to_warm_that_there_is_not_is_named() -> None:
    with pytest.raises(SettingsError, match="oai_cd"):
        formats_to_warm(make_settings({"oai_warm": "oai_cd"}))


def test_kept_chunks_that_are_right_have_no_difference(
    settings: Settings, log: Log, store: Chunks, clock: Clock
) -> None:
    Provider(log, settings, chunks=store, clock=clock).answer(LIST)
    log.append([draft(7, title="Moved away")])
    assert store.count() >= 3
    assert list(differences(log, settings, store)) == []


def test_a_kept_text_that_is_not_what_would_be_rendered_is_named(
    settings: Settings, log: Log, store: Chunks, clock: Clock
) -> None:
    Provider(log, settings, chunks=store, clock=clock).answer(LIST)
    place = place_of(Show(settings.site, "", OAI_DC, True, None), 0)
    (chunk,) = store.get(place, [1]).values()
    texts = [text.replace(b"A title", b"A tilte") for _, text in chunk.texts()]
    ends = array("q", (sum(map(len, texts[: n + 1])) for n in range(len(texts))))
    store.keep(place, {1: Chunk(chunk.seqs, ends, pack(b"".join(texts)))}, {})
    found = list(differences(log, settings, store))
    assert len(found) == len(chunk.seqs)
    assert "oai_dc" in found[0].text


def test_verify_names_a_record_that_cannot_be_shown_and_rebuild_forgets_what_was_kept(
    settings: Settings, log: Log, store: Chunks, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Provider(log, settings, chunks=store, clock=clock).answer(LIST)
    with closing(sqlite3.connect(settings.data / "log.sqlite", isolation_level=None)) as connection:
        connection.execute(
            "UPDATE body SET bytes = x'00' WHERE digest = (SELECT digest FROM entry WHERE seq = 9)"
        )
    assert [each.identifier for each in differences(log, settings, store)] == [draft(8).identifier]
    monkeypatch.setenv("SHEAF_DATA", str(settings.data))
    assert CliRunner().invoke(sheaf, ["rebuild"]).exit_code in (0, 1)
    assert store.count() == 0


def test_erase_leaves_no_byte_of_the_record_in_what_was_kept(
    settings: Settings, log: Log, store: Chunks, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Provider(log, settings, chunks=store, clock=clock).answer(LIST)
    monkeypatch.setenv("SHEAF_DATA", str(settings.data))
    assert CliRunner().invoke(sheaf, ["erase", draft(8).identifier, "--yes"]).exit_code == 0
    assert store.count() == 0


# -- about, branding, rights ----------------------------------------------------------------------------------

_CHAIN = (
    Origin(
        "https://b.example/oai", "oai:b.example:1", "2026-01-02T03:04:05Z", OAI_DC.namespace, 1780000000, True
    ),
    Origin("https://a.example/oai?x&y", "oai:a.example:1", "2025-01-02", OAI_DC.namespace, 1770000000, False),
)
_ABOUT = {
    "p": "http://www.openarchives.org/OAI/2.0/provenance",
    "r": "http://www.openarchives.org/OAI/2.0/rights/",
    "b": "http://www.openarchives.org/OAI/2.0/branding/",
}


def _told(repository: Repository) -> Repository:
    settings = make_settings(
        {
            "data": "unused",
            "metadata_licence": "https://creativecommons.org/publicdomain/zero/1.0/",
            "oai_icon_url": "https://example.org/icon.png",
            "repository_name": "Quay & Co",
        }
    )
    repository.provider = Provider(repository.log, settings, clock=repository.clock)
    ours, theirs = draft(1), draft(2)
    repository.log.append(
        [ours, Draft(theirs.identifier, theirs.body, theirs.sets, theirs.formats, "elsewhere", origin=_CHAIN)]
    )
    return repository


def test_a_harvested_record_tells_its_whole_way_and_ours_the_licence(repository: Repository) -> None:
    root = _told(repository).ask("verb=ListRecords&metadataPrefix=oai_dc")
    first, second = root.iterfind(".//o:record", NS)
    assert [child.tag.split("}")[1] for child in first] == ["header", "metadata", "about"]
    assert first.find(".//r:rightsReference", _ABOUT).get("ref").startswith("https://creativecommons.org/")
    assert second.find(".//r:rights", _ABOUT) is None
    outer = second.find("o:about/p:provenance/p:originDescription", {**NS, **_ABOUT})
    inner = outer.find("p:originDescription", _ABOUT)
    for step, element in zip(_CHAIN, (outer, inner), strict=True):
        assert element.findtext("p:baseURL", namespaces=_ABOUT) == step.base_url
        assert element.findtext("p:identifier", namespaces=_ABOUT) == step.identifier
        assert element.findtext("p:datestamp", namespaces=_ABOUT) == step.datestamp
        assert element.findtext("p:metadataNamespace", namespaces=_ABOUT) == step.namespace
        assert element.get("altered") == ("true" if step.altered else "false")
        assert element.get("harvestDate").endswith("Z")


def test_a_step_that_cannot_be_said_ends_the_way_that_is_told(repository: Repository) -> None:
    odd = [
        replace(_CHAIN[1], datestamp=date)
        for date in ("", "9999-99-99", "yesterday", "2024-02-30T25:61:61Z", "-5000-01-01T00:00:00Z")
    ]
    odd += [
        replace(_CHAIN[1], identifier=name) for name in ("no scheme here", "http://[bad", "oai:a:\u202e1", "")
    ]
    for number, step in enumerate(odd):
        made = draft(number)
        origin = (_CHAIN[0], step, _CHAIN[1]) if number % 2 else (step, _CHAIN[1])
        repository.log.append(
            [Draft(made.identifier, made.body, made.sets, made.formats, "elsewhere", origin=origin)]
        )
    for page in repository.walk("verb=ListRecords&metadataPrefix=oai_dc"):
        for record in page.iterfind(".//o:record", NS):
            steps = len(record.findall(".//p:originDescription", _ABOUT))
            assert steps == (1 if int(record.findtext(".//o:identifier", namespaces=NS)[-1]) % 2 else 0)
            assert bool(record.findall("o:about", NS)) == bool(steps)


def test_a_record_shown_in_another_format_than_it_was_harvested_in_is_altered(repository: Repository) -> None:
    told = _told(repository)
    for prefix, altered in (("oai_dc", "false"), ("rdf", "true"), ("mods", "true")):
        made = draft(3)
        origin = (replace(_CHAIN[0], altered=False),)
        told.log.append([Draft(made.identifier, made.body, made.sets, made.formats, "x", origin=origin)])
        name = told.settings.site.oai_identifier(made.identifier)
        root = told.ask(verb="GetRecord", metadataPrefix=prefix, identifier=name)
        assert root.find(".//p:originDescription", _ABOUT).get("altered") == altered


def test_get_record_tells_the_same_as_the_list_and_a_deleted_record_nothing(repository: Repository) -> None:
    told = _told(repository)
    for number, element in enumerate(
        told.ask("verb=ListRecords&metadataPrefix=oai_dc").iterfind(".//o:record", NS)
    ):
        name = element.findtext(".//o:identifier", namespaces=NS)
        alone = told.ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=name).find(".//o:record", NS)
        assert etree.tostring(alone, method="c14n") == etree.tostring(element, method="c14n"), number
    told.log.append([Draft(draft(2).identifier, None)])
    assert told.ask("verb=ListRecords&metadataPrefix=oai_dc").xpath("count(//o:about)", namespaces=NS) == 1


def test_identify_describes_identifiers_icon_and_rights(repository: Repository) -> None:
    root = _told(repository).ask("verb=Identify")
    described = [each[0].tag for each in root.iterfind(".//o:description", NS)]
    assert [tag.split("}")[1] for tag in described] == ["oai-identifier", "branding", "rightsManifest"]
    assert root.findtext(".//b:url", namespaces=_ABOUT) == "https://example.org/icon.png"
    assert root.findtext(".//b:title", namespaces=_ABOUT) == "Quay & Co"
    manifest = root.find(".//r:rightsManifest", _ABOUT)
    assert manifest.get("appliesTo") == "http://www.openarchives.org/OAI/2.0/entity#metadata"
    assert (
        manifest.find("r:rights/r:rightsReference", _ABOUT).get("ref").startswith("https://creativecommons")
    )


def test_without_icon_and_licence_identify_describes_identifiers_alone(repository: Repository) -> None:
    assert len(repository.ask("verb=Identify").findall(".//o:description", NS)) == 1


def test_a_list_of_a_set_is_kept_apart(settings: Settings, log: Log, store: Chunks, clock: Clock) -> None:
    with log.read() as reading:
        spec = "type:article"
        assert reading.total(Selection(set=spec), "oai_dc") == 300
    asked = [*LIST, ("set", spec)]
    expected = Provider(log, settings, clock=clock).answer(asked)
    for _ in range(2):
        assert Provider(log, settings, chunks=store, clock=clock).answer(asked) == expected
        assert Provider(log, settings, chunks=store, clock=clock).answer(LIST)
    assert len({place for place, _ in store.kept()}) == 2
