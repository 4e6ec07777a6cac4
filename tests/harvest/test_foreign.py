"""Repositories that are no Sheaf: which format, identifier, sets and dates; and what they say of a record's way."""

from collections.abc import Callable

import pytest

from repository.model.lens import read_work
from repository.model.records import Origin
from repository.readers.bounds import Bounds
from tests.harvest.conftest import Harvester
from tests.harvest.upstream import Reply, Repository, deletion, error, listing, record, serving

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def rdf(*nodes: str) -> str:
    return (
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:bibo="http://purl.org/ontology/bibo/" xmlns:foaf="http://xmlns.com/foaf/0.1/">'
        f"{''.join(nodes)}</rdf:RDF>"
    )


ARTICLE = (
    '<bibo:AcademicArticle rdf:about="https://e.example/article/7"><dcterms:title>On Things</dcterms:title>'
    '<dcterms:creator rdf:resource="https://e.example/article/7#a"/><bibo:handle>RePEc:not:ours:1</bibo:handle>'
    "</bibo:AcademicArticle>"
    '<foaf:Person rdf:about="https://e.example/article/7#a"><foaf:name>Ada</foaf:name></foaf:Person>'
)


def test_rdf_is_taken_before_oai_dc_where_it_can_be_read(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e.example:7", rdf(ARTICLE))), formats=("oai_dc", "rdf"))
    with serving(upstream) as server:
        assert harvest(server.url).prefix == "rdf"


def test_rdf_of_another_namespace_or_shape_gives_way_to_oai_dc(harvest: Harvester) -> None:
    both = Repository(formats=("rdf", "oai_dc"))

    def reply(arguments: dict[str, str]) -> Reply:
        if arguments["verb"] != "ListRecords":
            return both(arguments)
        by_rdf = arguments.get("metadataPrefix") == "rdf"
        two = rdf(ARTICLE, ARTICLE.replace("article/7", "article/8").replace(":1<", ":2<"))
        return listing(record("oai:e.example:9", two if by_rdf else ""))

    with serving(reply) as server:
        report = harvest(server.url)
        assert (report.prefix, report.outcomes) == ("oai_dc", {"new": 1})
        assert any("its rdf cannot be read" in note for note in report.notes)
        # The second time nothing is tried out again.
        del server.asked[:]
        harvest(server.url)
        assert [a.get("metadataPrefix") for a in server.asked if a["verb"] == "ListRecords"] == ["oai_dc"]


def test_a_foreign_graph_gets_a_name_of_ours_and_says_what_it_was(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e.example:7", rdf(ARTICLE))), formats=("rdf",))
    with serving(upstream) as server:
        assert harvest(server.url).clean
        (kept,) = harvest.live().values()
        assert kept.identifier == "oai:e.example:7"
        work = read_work(kept.identifier, kept.body or b"")
        assert (work.title.value, work.type, work.same_as) == (
            "On Things",
            "article",
            ("https://e.example/article/7",),
        )
        assert b"id/oai:e.example:7#a> <http://xmlns.com/foaf/0.1/name>" in (kept.body or b"")
        with harvest.house.log.read() as reading:
            assert reading.origins([kept.seq])[kept.seq][0].altered
        upstream.chain(listing(deletion("oai:e.example:7")))
        assert harvest(server.url).outcomes == {"deleted": 1}


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        (("<bibo:Book><dcterms:title>Blank</dcterms:title></bibo:Book>",), ""),
        ((), "0 subjects"),
        ((ARTICLE, ARTICLE.replace("article/7", "article/8")), "2 subjects"),
        (('<bibo:Book rdf:about="https://e.example/x"/>',), "no title"),
        (('<bibo:Book rdf:about="https://e.example/x y"/>',), "not valid RDF/XML"),
    ],
    ids=["blank", "empty", "two", "untitled", "no IRI"],
)
def test_a_foreign_graph_that_names_no_one_record_is_held(
    harvest: Harvester, nodes: tuple[str, ...], says: str
) -> None:
    upstream = Repository(listing(record("oai:e.example:1", rdf(*nodes))), formats=("rdf",))
    with serving(upstream) as server:
        report = harvest(server.url, prefix="rdf")
        reasons = [held.reason for held in harvest.house.log.held(server.url).items]
    assert report.quarantined == bool(says)
    assert all(says in reason for reason in reasons)


def test_a_foreign_graph_keeps_mail_addresses_private(harvest: Harvester) -> None:
    node = ARTICLE.replace("<foaf:name>", '<foaf:mbox rdf:resource="mailto:ada@e.example"/><foaf:name>')
    with serving(Repository(listing(record("oai:e.example:7", rdf(node))), formats=("rdf",))) as server:
        harvest(server.url)
    (kept,) = harvest.live().values()
    assert b"ada@" not in (kept.body or b"")
    assert harvest.house.log.private(kept.identifier) == {"foaf:mbox": ("ada@e.example",)}


@pytest.mark.parametrize(
    ("upstream", "here"),
    [
        ("oai:RePEc:AAA:Bbb:1", "RePEc:aaa:bbb:1"),
        ("oai:econpapers.example:RePEc:aaa:bbb:1", "RePEc:aaa:bbb:1"),
        ("RePEc:aaa:bbb:1", "RePEc:aaa:bbb:1"),
        ("oai:e.example:hdl%3A1/2", "oai:e.example:hdl~253A1/2"),
        ("oai:e.example:1 2", "oai:e.example:1~202"),
        ("oai:e.example:a//b", "oai:e.example:a~2F~2Fb"),
        ("oai:e.example:a/../b", "oai:e.example:a~2F..~2Fb"),
        ("oai:e.example:a~2Fb", "oai:e.example:a~7E2Fb"),
        ("http://e.example/?id=é#1", "http:~2F~2Fe.example/~3Fid=~C3~A9~231"),
    ],
)
def test_a_record_is_known_by_its_handle_or_its_whole_oai_identifier(
    harvest: Harvester, upstream: str, here: str
) -> None:
    with serving(Repository(listing(record(upstream)))) as server:
        assert harvest(server.url).clean
        assert list(harvest.live()) == [here]
    with serving(Repository(listing(deletion(upstream)))) as other:
        assert harvest(other.url).outcomes == {"foreign": 1}


def test_a_deletion_of_what_was_never_kept_leaves_nothing(harvest: Harvester) -> None:
    with serving(Repository(listing(deletion("oai:e:1")))) as server:
        report = harvest(server.url)
    assert (report.outcomes, report.clean, harvest.house.log.newest()) == ({"absent": 1}, True, 0)


@pytest.mark.parametrize("missing", [80, 300, 1000])
def test_a_page_that_breaks_off_gives_its_whole_records_and_is_asked_for_again(
    harvest: Harvester, missing: int
) -> None:
    whole = listing(*(record(f"oai:e:{n}") for n in range(20)), token="1")
    last = listing(*(record(f"oai:e:{n}") for n in range(20, 25)))
    upstream = Repository(whole[: len(whole) - missing], last)
    with serving(upstream) as server:
        report = harvest(server.url)
        kept = len(list(harvest.live()))
        assert 15 <= kept <= 20
        assert "breaks off" in (report.stopped or "")
        assert harvest(server.url).outcomes == {"unchanged": kept}
        upstream.chain(whole, last)
        assert harvest(server.url).clean
    assert len(list(harvest.live())) == 25


@pytest.mark.parametrize(
    ("page", "held"),
    [
        (lambda page: without_end(page, 19), {19}),
        (lambda page: without_end(page, 19)[:-12], {19}),
        (lambda page: without_end(page, 7), {7}),
        (lambda page: without_end(without_end(page, 7), 8), {7, 8}),
        (lambda page: without_end(page, 0), {0}),
        (lambda page: with_gap(page, 7, 8), {7, 8}),
        (lambda page: with_gap(page, 18, 19), {18, 19}),
        (
            lambda page: page.replace(
                "<record><header><identifier>oai:e:19<", "<header><identifier>oai:e:19<"
            ),
            {19},
        ),
    ],
    ids=[
        "the last",
        "the last, and the page",
        "within",
        "two in a row",
        "the first",
        "a gap",
        "a late gap",
        "no beginning",
    ],
)
def test_a_record_without_an_end_is_held_under_its_own_name_and_takes_no_other_along(
    harvest: Harvester, page: Callable[[str], str], held: set[int]
) -> None:
    whole = listing(*(record(f"oai:e:{n}") for n in range(20)), token="1")
    upstream = Repository(page(whole), listing(record("oai:e:20")))
    with serving(upstream) as server:
        report = harvest(server.url)
        assert (report.stopped or "", report.quarantined) == ("", len(held))
        assert {one.identifier for one in harvest.house.log.held(server.url).items} == {
            f"oai:e:{n}" for n in held
        }
        assert len(list(harvest.live())) == 21 - len(held)


def with_gap(page: str, first: int, second: int) -> str:
    """The page without what stands between one record's title and the next one's identifier."""
    return page[: page.index(f"Title of oai:e:{first}<")] + page[page.index(f"<identifier>oai:e:{second}<") :]


def without_end(page: str, number: int) -> str:
    """The page with one record cut off in the middle of its title."""
    begin = page.index(f"Title of oai:e:{number}<")
    return page[:begin] + page[page.index("</record>", begin) + len("</record>") :]


def test_a_page_cut_inside_its_first_record_is_asked_for_again(harvest: Harvester) -> None:
    whole = listing(record("oai:e:0"), record("oai:e:1"))
    upstream = Repository(whole[: whole.index("Title of oai:e:0")])
    with serving(upstream) as server:
        assert "breaks off" in (harvest(server.url).stopped or "")
        upstream.chain(whole)
        assert harvest(server.url).clean
    assert len(list(harvest.live())) == 2


def test_what_comes_in_good_behind_a_bad_one_of_its_page_is_not_held(harvest: Harvester) -> None:
    bad = record("oai:e:1", "<nothing/>")
    with serving(Repository(listing(bad, record("oai:e:1"), record("oai:e:2")))) as server:
        report = harvest(server.url)
        assert (report.quarantined, harvest.house.log.held(server.url).items) == (0, ())
    assert len(list(harvest.live())) == 2


def test_a_page_whose_token_came_before_it_breaks_off_is_gone_on_from(harvest: Harvester) -> None:
    whole = listing(*(record(f"oai:e:{n}") for n in range(20)), token="1")
    with serving(Repository(whole[:-12], listing(record("oai:e:20")))) as server:
        assert harvest(server.url).stopped in (None, "")
    assert len(list(harvest.live())) == 21


@pytest.mark.parametrize(
    ("records", "deleted"),
    [
        ([record("oai:e:1"), record("oai:e:2"), deletion("oai:e:1")], True),
        ([deletion("oai:e:1"), record("oai:e:1")], False),
        ([record("oai:e:1"), deletion("oai:e:1"), record("oai:e:1")], False),
    ],
    ids=["deleted", "live", "live again"],
)
def test_the_last_word_of_a_page_about_a_record_counts(
    harvest: Harvester, records: list[str], deleted: bool
) -> None:
    with serving(Repository(listing(*records))) as server:
        harvest(server.url)
    kept = harvest.kept("oai:e:1")
    assert kept is not None
    assert kept.deleted is deleted


def test_sets_of_an_upstream_stand_under_its_host(harvest: Harvester) -> None:
    upstream = Repository(
        listing(
            record("oai:e:1", sets=("physics:hep", "open access!", "x")),
            record("oai:e:2"),
            record("oai:RePEc:aaa:bbb:1", sets=("physics",)),
        )
    )
    with serving(upstream) as server:
        harvest(server.url)
    sets = {name: record.sets for name, record in harvest.live().items()}
    assert sets["oai:e:1"] == ("from:127.0.0.1:physics:hep", "from:127.0.0.1:x", "type:document")
    assert sets["oai:e:2"] == ("from:127.0.0.1", "type:document")
    assert sets["RePEc:aaa:bbb:1"] == ("RePEc:aaa:bbb", "type:document")


def test_an_upstream_of_day_granularity_is_asked_by_days(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1", date="2026-05-05")), granularity="YYYY-MM-DD")
    with serving(upstream) as server:
        harvest(server.url)
        assert harvest(server.url).since == "2026-05-04"
        given = harvest(server.url, since="2026-05-01T10:00:00Z", until="2026-05-03T10:00:00Z")
        assert (given.since, given.until) == ("2026-05-01", "2026-05-03")


def test_an_upstream_that_promises_seconds_and_takes_days_alone_is_asked_by_days(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1", date="2026-05-05"), date="2026-05-06T00:00:00Z"))

    def reply(arguments: dict[str, str]) -> Reply:
        if any("T" in arguments.get(name, "") for name in ("from", "until")):
            return error("badArgument")
        return upstream(arguments)

    with serving(reply) as server:
        assert harvest(server.url).clean
        again = harvest(server.url)
        assert (again.clean, server.asked[-1]["from"]) == (True, "2026-05-05")
        assert any("takes days alone" in note for note in again.notes)
        window = harvest(server.url, since="2026-05-01T10:00:00Z", until="2026-05-03T10:00:00Z")
        assert (window.clean, server.asked[-1]["until"]) == (True, "2026-05-03")


def test_a_window_that_is_refused_by_days_too_stops_the_run(harvest: Harvester) -> None:
    with serving(Repository(error("badArgument"))) as server:
        assert "badArgument" in harvest(server.url, since="2026-05-01T10:00:00Z").stopped
        assert [one.get("from") for one in server.asked if one["verb"] == "ListRecords"] == [
            "2026-05-01T10:00:00Z",
            "2026-05-01",
        ]


@pytest.mark.slow
def test_an_upstream_of_seconds_gets_whole_days_as_seconds(harvest: Harvester) -> None:
    with serving(Repository(listing(record("oai:e:1")))) as server:
        given = harvest(server.url, since="2026-05-01", until="2026-05-03")
        assert server.asked[-1] | {"verb": ""} == {
            "verb": "",
            "metadataPrefix": "oai_dc",
            "from": "2026-05-01T00:00:00Z",
            "until": "2026-05-03T23:59:59Z",
        }
        assert given.clean


def test_nothing_new_is_a_success(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1")))
    with serving(upstream) as server:
        harvest(server.url)
        upstream.chain(error("noRecordsMatch").replace("2026-05-05", "2026-06-06"))
        report = harvest(server.url)
        assert (report.clean, report.records, report.since) == (True, 0, "2026-05-05T05:00:04Z")
        assert harvest(server.url).since == "2026-06-06T05:00:04Z"


def _step(inner: str = "", n: int = 0) -> str:
    return (
        f'<originDescription harvestDate="2025-01-0{n + 1}T00:00:00Z" altered="{"true" if n else "false"}">'
        f"<baseURL>https://o{n}.example/oai</baseURL><identifier>oai:o{n}.example:1</identifier>"
        f"<datestamp>2024-01-0{n + 1}</datestamp><metadataNamespace>urn:{n}</metadataNamespace>{inner}"
        "</originDescription>"
    )


def _about(steps: str) -> str:
    return (
        "<about><rights xmlns='urn:r'/></about>"
        f'<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">{steps}</provenance></about>'
    )


def _chain(harvest: Harvester, about: str) -> tuple[Origin, ...]:
    with serving(Repository(listing(record("oai:e:1", about=about)))) as server:
        assert harvest(server.url).clean
    (kept,) = harvest.live().values()
    with harvest.house.log.read() as reading:
        return reading.origins([kept.seq])[kept.seq]


def test_the_way_that_a_record_came_to_the_upstream_is_kept(harvest: Harvester) -> None:
    _, first, second = _chain(harvest, _about(_step(_step(n=1))))
    assert first == Origin(
        "https://o0.example/oai", "oai:o0.example:1", "2024-01-01", "urn:0", 1735689600, False
    )
    assert (second.base_url, second.altered) == ("https://o1.example/oai", True)


@pytest.mark.parametrize(
    ("about", "length"),
    [
        (_about(""), 1),
        ("<about/>", 1),
        (_about("<originDescription harvestDate='soon'/>"), 1),
        (_about("".join(_step()[: -len("</originDescription>")] for _ in range(60)) + "</originDescription>" * 60), 21),
        (_about(_step().replace("urn:0", "urn:" + "u" * 100_000)), 1),
    ],
    ids=["nothing", "no provenance", "no date", "deep", "long"],
)  # fmt: skip
def test_a_way_without_end_or_sense_is_kept_within_bounds(
    harvest: Harvester, about: str, length: int
) -> None:
    chain = _chain(harvest, about)
    assert len(chain) == length
    assert max(len(step.namespace) for step in chain) <= 2000


def test_a_window_of_ones_own_leaves_no_gap_behind_the_mark(harvest: Harvester) -> None:
    upstream = Repository(listing(record("oai:e:1")))
    with serving(upstream) as server:
        harvest(server.url)
        upstream.chain(listing(record("oai:e:1"), date="2026-08-08T00:00:00Z"))
        # What changed between May and July was not asked for, so the next harvest still begins in May.
        harvest(server.url, since="2026-07-01")
        assert harvest(server.url).since == "2026-05-05T05:00:04Z"


def test_a_window_that_ends_early_moves_the_mark_no_further(harvest: Harvester) -> None:
    with serving(Repository(listing(record("oai:e:1")))) as server:
        harvest(server.url, until="2026-03-03")
        assert harvest(server.url).since == "2026-03-03T23:54:58Z"


def test_a_harvest_of_another_window_does_not_go_on_with_the_token_of_this(harvest: Harvester) -> None:
    harvest.bounds = Bounds(tries=1)
    upstream = Repository(listing(record("oai:e:1"), token="1"), (500, {}, b""))
    with serving(upstream) as server:
        harvest(server.url)
        del server.asked[:]
        report = harvest(server.url, since="2026-01-01")
        assert not report.resumed
        assert "from" in server.asked[2]
        assert any("another window" in note for note in report.notes)


def test_values_that_break_a_rule_are_harvested_as_they_are_and_told_of(harvest: Harvester) -> None:
    typed = '<dcterms:issued rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2020-13-45</dcterms:issued>'
    odd = ARTICLE.replace("</dcterms:title>", f"</dcterms:title>{typed}<bibo:doi>hello</bibo:doi>")
    with serving(Repository(listing(record("oai:e.example:7", rdf(odd))), formats=("rdf",))) as server:
        report = harvest(server.url)
    assert (report.outcomes, report.quarantined) == ({"new": 1}, 0)
    (body,) = (record.body for record in harvest.house.log.live())
    assert b'"2020-13-45"^^<http://www.w3.org/2001/XMLSchema#date>' in (body or b"")
    told = {finding.code: (finding.severity, finding.done) for finding in harvest.findings}
    assert told == dict.fromkeys(
        ("ill-typed-value", "invalid-doi", "other-handle"), ("warning", "kept as it is")
    )


def test_contacts_in_dublin_core_are_kept_private(harvest: Harvester) -> None:
    dc = (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>On waves</dc:title>'
        "<dc:creator>Garden, Ada (ada@secret.example)</dc:creator></oai_dc:dc>"
    )
    with serving(Repository(listing(record("oai:e.example:8", dc)))) as server:
        assert harvest(server.url).outcomes == {"new": 1}
    (kept,) = harvest.house.log.live()
    assert b"secret" not in (kept.body or b"")
    assert harvest.house.log.private(kept.identifier) == {"creators": ("ada@secret.example",)}
