"""What an upstream tells beside its records: rights go with them alone; what is no date or URI goes nowhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from repository.check.structure import faults
from repository.check.vocabularies import VOCABULARIES
from repository.model.records import Origin
from repository.web.app import create_app
from tests.harvest.conftest import Harvester
from tests.harvest.upstream import Reply, Repository, Sheaf, deletion, listing, record, serving
from tests.kit import draft

OURS = "https://ours.example/licence"
THEIRS = "https://creativecommons.org/publicdomain/zero/1.0/"
NS = "http://www.openarchives.org/OAI/2.0/rights/"
SPACES = {"o": "http://www.openarchives.org/OAI/2.0/", "r": NS, "l": "urn:licence"}
DEFINITION = (
    '<rightsDefinition xmlns:x="urn:words"><l:licence xmlns:l="urn:licence" kind="x:free">Take &amp; give'
    "</l:licence></rightsDefinition>"
)
SCRIPT = "<s xmlns='http://www.w3.org/1999/xhtml'/>"


def reference(uri: str) -> str:
    return f'<rightsReference ref="{uri}"/>'


def rights(*statements: str) -> str:
    return "".join(f'<about><rights xmlns="{NS}">{each}</rights></about>' for each in statements)


def manifest(*statements: str, applies: str = "http://www.openarchives.org/OAI/2.0/entity#metadata") -> str:
    inside = "".join(f"<rights>{each}</rights>" for each in statements)
    return f'<description><rightsManifest xmlns="{NS}" appliesTo="{applies}">{inside}</rightsManifest></description>'


def describing(upstream: Repository, description: str) -> Callable[[dict[str, str]], Reply]:
    def reply(arguments: dict[str, str]) -> Reply:
        answer = upstream(arguments)
        assert isinstance(answer, str)
        return answer.replace("</Identify>", f"{description}</Identify>")

    return reply


@pytest.fixture
def middle(tmp_path: Path) -> Iterator[Sheaf]:
    """A Sheaf that harvests, gives on what it has, and has a licence for what is its own."""
    sheaf = Sheaf(tmp_path / "middle", metadata_licence=OURS)
    yield sheaf
    sheaf.close()


def ways(harvest: Harvester) -> dict[str, tuple[Origin, ...]]:
    live = harvest.live()
    with harvest.house.log.read() as reading:
        found = reading.origins([kept.seq for kept in live.values()])
    return {name: found.get(kept.seq, ()) for name, kept in live.items()}


def told(sheaf: Sheaf, prefix: str = "oai_dc") -> dict[str, list[str]]:
    """{local identifier: its rights, as the Sheaf gives them}."""
    found = {}
    for each in etree.fromstring(answer(sheaf, prefix)).iterfind(".//o:record", SPACES):
        name = each.findtext("o:header/o:identifier", "", SPACES).removeprefix(
            f"oai:{sheaf.house.site.namespace}:"
        )
        references = [
            str(one.get("ref")) for one in each.iterfind("o:about/r:rights/r:rightsReference", SPACES)
        ]
        words = [one.text or "" for one in each.iterfind("o:about/r:rights/r:rightsDefinition/l:*", SPACES)]
        found[name] = references + words
        for element in each.iterfind("o:about/r:rights", SPACES):
            assert not list(faults(element, {NS: VOCABULARIES[NS]}))
    return found


def answer(sheaf: Sheaf, prefix: str = "oai_dc") -> bytes:
    client = create_app(sheaf.house).test_client()
    return bytes(client.get(f"/oai?verb=ListRecords&metadataPrefix={prefix}").data)


# -- rights ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "kept"),
    [
        ((reference(THEIRS),), [THEIRS]),
        ((reference(THEIRS), reference("urn:x:other")), [THEIRS, "urn:x:other"]),
        ((DEFINITION,), ["Take & give"]),
    ],
    ids=["one", "two", "in words"],
)
def test_rights_told_of_a_record_go_with_it_and_ours_with_our_own(
    middle: Sheaf, statements: tuple[str, ...], kept: list[str]
) -> None:
    middle.house.log.append([draft(1)])
    with serving(Repository(listing(record("oai:e:1", about=rights(*statements))))) as server:
        assert Harvester(middle.house)(server.url).clean
    for prefix in ("oai_dc", "rdf"):
        assert told(middle, prefix) == {draft(1).identifier: [OURS], "oai:e:1": kept}


def test_rights_of_a_whole_repository_are_for_records_that_tell_none_of_their_own(middle: Sheaf) -> None:
    own = record("oai:e:2", about=rights(reference("urn:x:own")))
    upstream = Repository(listing(record("oai:e:1"), own))
    with serving(describing(upstream, manifest(reference(THEIRS)))) as server:
        assert Harvester(middle.house)(server.url).clean
    assert told(middle) == {"oai:e:1": [THEIRS], "oai:e:2": ["urn:x:own"]}


@pytest.mark.parametrize(
    "description",
    [
        manifest(reference(THEIRS), reference("urn:x:other")),
        manifest(reference(THEIRS)) + manifest(reference("urn:x:other")),
        manifest(reference(THEIRS), applies="urn:of:something:else"),
        manifest(),
        manifest(reference("not a URI")),
    ],
    ids=["one of two", "two manifests", "of something else", "empty", "no URI"],
)
def test_where_a_repository_does_not_tell_which_rights_a_record_has_none_are_told(
    middle: Sheaf, description: str
) -> None:
    with serving(describing(Repository(listing(record("oai:e:1"))), description)) as server:
        assert Harvester(middle.house)(server.url).clean
    assert told(middle) == {"oai:e:1": []}


def test_rights_go_on_through_a_row_of_houses_unchanged(middle: Sheaf, harvest: Harvester) -> None:
    middle.house.log.append([draft(1)])
    with serving(Repository(listing(record("oai:e:1", about=rights(DEFINITION))))) as server:
        assert Harvester(middle.house)(server.url).clean
    for prefix in ("rdf", "oai_dc"):
        assert harvest(middle.url, prefix=prefix, full=True).clean
        found = ways(harvest)
        assert found[draft(1).identifier][0].rights == (OURS,)
        (statement,) = found["oai:e:1"][0].rights
        element = etree.fromstring(statement)
        assert (element.text, element.nsmap["x"]) == ("Take & give", "urn:words")
    assert not list(harvest.house.log.verify())


def test_rights_that_alone_were_changed_make_a_new_entry_and_the_same_ones_none(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1", about=rights(reference(THEIRS)))))
    with serving(upstream) as server:
        assert harvest(server.url).outcomes == {"new": 1}
        assert harvest(server.url, full=True).outcomes == {"unchanged": 1}
        upstream.chain(listing(record("oai:e:1", about=rights(reference("urn:x:other")))))
        assert harvest(server.url, full=True).outcomes == {"changed": 1}
        assert ways(harvest)["oai:e:1"][0].rights == ("urn:x:other",)
        upstream.chain(listing(record("oai:e:1")))
        assert harvest(server.url, full=True).outcomes == {"changed": 1}
        assert ways(harvest)["oai:e:1"][0].rights == ()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (reference("all rights reserved"), "is no URI"),
        (reference("http://x/ y"), "is no URI"),
        (reference("urn:" + "x" * 3000), "is no URI"),
        ("<rightsDefinition>in words alone</rightsDefinition>", "no one element"),
        ("<rightsDefinition><l xmlns=''/></rightsDefinition>", "no namespace of its own"),
        (f"<rightsDefinition><l xmlns='urn:l'>{SCRIPT}</l></rightsDefinition>", "a web page"),
        (f"<rightsDefinition><l xmlns='urn:l'>{'x' * 20_000}</l></rightsDefinition>", "too long"),
    ],
    ids=["words", "a blank", "long", "text", "no namespace", "a script", "a book"],
)  # fmt: skip
def test_rights_that_could_not_be_given_on_are_left_out_and_told(
    harvest: Harvester, statement: str, says: str
) -> None:
    with serving(Repository(listing(record("oai:e:1", about=rights(statement))))) as server:
        assert harvest(server.url).clean
    assert ways(harvest)["oai:e:1"][0].rights == ()
    assert [(f.code, f.severity, says in f.text) for f in harvest.findings] == [("origin", "warning", True)]


# -- dates and addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date", ["yesterday", "2026-02-30", "2026-01-01T00:00:00.000Z", "", "2026-01-01T00:00:00+01:00"]
)
def test_a_datestamp_that_is_none_is_not_kept_and_the_record_is(harvest: Harvester, date: str) -> None:
    upstream = Repository(listing(record("oai:e:1", date=date)))
    with serving(upstream) as server:
        assert harvest(server.url).clean
        assert ways(harvest)["oai:e:1"][0].datestamp == ""
        assert [f.code for f in harvest.findings] == ["origin"]
        upstream.chain(listing(deletion("oai:e:1", date=date)))
        assert harvest(server.url).outcomes == {"deleted": 1}
        assert [f.code for f in harvest.findings] == ["origin"]


STEP = (
    '<originDescription harvestDate="2025-01-01T00:00:00Z" altered="false"><baseURL>https://o.example/oai</baseURL>'
    "<identifier>oai:o.example:1</identifier><datestamp>2024-01-01</datestamp>"
    "<metadataNamespace>urn:m#</metadataNamespace>{}</originDescription>"
)


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ("https://o.example/oai", "the old server", "baseURL 'the old server' is no URI"),
        ("oai:o.example:1", "1 of 2", "identifier '1 of 2' is no URI"),
        ("oai:o.example:1", "no-scheme", "identifier 'no-scheme' is no URI"),
        ("2024-01-01", "01.01.2024", "datestamp '01.01.2024' is no UTC datestamp"),
        ("urn:m#", "urn:m#a#b", "metadataNamespace 'urn:m#a#b' is no URI"),
        ("2025-01-01T00:00:00Z", "last year", "harvestDate is no UTC datestamp"),
        ("2025-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "harvestDate is no UTC datestamp"),
    ],
)
def test_a_step_that_could_not_be_told_on_ends_the_way_and_is_told(
    harvest: Harvester, good: str, bad: str, says: str
) -> None:
    steps = STEP.format(STEP.format("").replace(good, bad))
    about = f'<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">{steps}</provenance></about>'
    with serving(Repository(listing(record("oai:e:1", about=about)))) as server:
        assert harvest(server.url).clean
    assert [step.base_url for step in ways(harvest)["oai:e:1"]] == [server.url, "https://o.example/oai"]
    (finding,) = harvest.findings
    assert says in finding.text


def test_an_upstream_whose_every_date_is_wrong_is_told_so_for_a_while_and_then_counted(
    harvest: Harvester,
) -> None:
    page = listing(*(record(f"oai:e:{n}", date="1/2/2026") for n in range(50)))
    with serving(Repository(page)) as server:
        report = harvest(server.url)
    assert (report.clean, len(harvest.findings), report.records) == (True, 20, 50)
    assert any(note.startswith("50 dates, addresses and rights were left out") for note in report.notes)


def test_an_identifier_that_is_no_uri_is_told_and_the_record_known_by_it(middle: Sheaf) -> None:
    harvest = Harvester(middle.house)
    upstream = Repository(listing(record("oai:e:1 2")))
    with serving(upstream) as server:
        assert harvest(server.url).clean
        assert ["no URI" in f.text for f in harvest.findings] == [True]
        assert b"provenance" not in answer(middle)
        upstream.chain(listing(deletion("oai:e:1 2")))
        assert harvest(server.url).outcomes == {"deleted": 1}
