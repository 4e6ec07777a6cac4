"""PostgreSQL and Virtuoso together serve the sample records as the embedded default does: the same tests over HTTP.

What is right is asked of each deployment alone; that both say the same, of all doors, lists and queries at once.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest

from tests import postgres
from tests.deployments.alike import anywhere, unanswered, undated
from tests.deployments.doors import (
    GRAPHS,
    MISTAKES,
    OAI,
    SEARCHES,
    SERIES,
    WORK,
    answers,
    doors,
    prefixes_of,
    walks,
)
from tests.deployments.queries import OTHERWISE, PREFIXES, QUERIES
from tests.deployments.stand import EMBEDDED, GONE, TOGETHER, WAIT, Deployment, standing
from tests.deployments.views import (
    Views,
    dataset_counts,
    everything,
    headers,
    quads,
    queried_counts,
    unjoined,
)
from tests.serve.hosts import PUBLIC
from tests.serve.service import eventually
from tests.soak.asking import broken, query
from tests.sparql.differential.known import VIRTUOSO
from tests.sparql.differential.normalise import rows, triples
from tests.sparql.differential.oracle import Oracle

pytestmark = pytest.mark.slow

RECORDS, WORKS = 60, 41
_LISTED = "verb=ListRecords&metadataPrefix=rdf"
_RESULTS = "application/sparql-results+json, application/n-triples;q=0.9"


@pytest.fixture(scope="module")
def both(
    postgresql: postgres.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Deployment]]:
    with standing(tmp_path_factory.mktemp("deployments"), postgresql) as found:
        yield found


@pytest.fixture(params=[EMBEDDED, TOGETHER])
def deployment(request: pytest.FixtureRequest, both: dict[str, Deployment]) -> Deployment:
    return both[request.param]


def test_each_keeps_its_records_where_it_should(both: dict[str, Deployment]) -> None:
    logs = {name: (each.folder / "data" / "log.sqlite").exists() for name, each in both.items()}
    stores = {name: any((each.folder / "data" / "index").rglob("*.sst")) for name, each in both.items()}
    assert logs == stores == {EMBEDDED: True, TOGETHER: False}
    records = f'FILTER(STRSTARTS(STR(?g), "{PUBLIC}/record/"))'
    asked = {"query": f"SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} {records} }}"}
    # Past Sheaf.
    told = httpx.get(both[TOGETHER].settings["sparql_url"], params=asked | {"format": "text/csv"}, timeout=60)
    assert told.text.split()[-1] == str(RECORDS)


# -- harvesting ----------------------------------------------------------------------------------------------------


def test_every_format_is_harvested_whole(deployment: Deployment) -> None:
    prefixes = prefixes_of(deployment)
    assert {"oai_dc", "rdf", "mods", "marcxml", "oai_datacite", "oai_openaire", "redif"} < set(prefixes)
    for prefix in prefixes:
        live = RECORDS if prefix == "rdf" else WORKS
        for verb, size in (("ListRecords", 7), ("ListIdentifiers", 9)):
            pages = deployment.pages(f"verb={verb}&metadataPrefix={prefix}")
            found = [header for page in pages for header in page.headers]
            assert OAI + GONE in [header.identifier for header in found if header.deleted], prefix
            assert len([header for header in found if not header.deleted]) == live, prefix
            assert len({header.identifier for header in found}) == len(found)
            assert {page.size for page in pages} == {len(found)}
            assert [page.cursor for page in pages] == list(range(0, len(found), size))
            bodies = sum(page.answer.count(b"<metadata>") for page in pages)
            assert bodies == (live if verb == "ListRecords" else 0)


def test_sets_hold_what_their_names_say(deployment: Deployment) -> None:
    specs = {spec for page in deployment.pages("verb=ListSets") for spec in page.specs}
    assert {"RePEc:xde:dpgard", "jel:H", "jel:H:H4", "jel:H:H4:H41"} < specs
    assert all(spec.rpartition(":")[0] in specs for spec in specs if ":" in spec)
    held = {
        spec: set(deployment.identifiers(f"verb=ListIdentifiers&metadataPrefix=oai_dc&set={spec}"))
        for spec in ("RePEc:xde:dpgard", "jel:H", "jel:H:H4:H41")
    }
    assert held["RePEc:xde:dpgard"] == {f"RePEc:xde:dpgard:{n}" for n in (1, 7, 12, 15, 18, 20, 21)}
    assert len(held["jel:H:H4:H41"]) == 12
    assert held["jel:H:H4:H41"] < held["jel:H"]


def test_a_window_of_time_holds_what_was_kept_in_it(deployment: Deployment) -> None:
    listed = "verb=ListIdentifiers&metadataPrefix=rdf"
    found = headers(deployment, listed)
    dates = sorted({header.datestamp for header in found})
    for date in dates:
        window = headers(deployment, f"{listed}&from={date}&until={date}")
        assert window == [header for header in found if header.datestamp == date]
    assert headers(deployment, f"{listed}&from={dates[0][:10]}&until={dates[-1][:10]}") == found
    after = (datetime.fromisoformat(dates[-1]) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for nothing in (f"from={after}", "until=2001-01-01"):
        assert b'code="noRecordsMatch"' in deployment.get(f"/oai?{listed}&{nothing}").body


def test_a_mistake_of_a_harvester_has_its_name(deployment: Deployment) -> None:
    for asked, code in MISTAKES.items():
        heard = deployment.get(f"/oai?{asked}")
        found = re.findall('<error code="([^"]*)"', heard.body.decode())
        assert (heard.status, found) == (200, [code]), asked


# -- reading, searching, following ---------------------------------------------------------------------------------


def test_a_thing_leads_to_its_record_in_the_notation_that_is_asked_for(deployment: Deployment) -> None:
    heard = deployment.get(f"/id/{WORK}")
    assert (heard.status, heard.headers["location"]) == (303, f"{PUBLIC}/record/{WORK}")
    title = ox.NamedNode(f"{PUBLIC}/id/{WORK}"), ox.NamedNode("http://purl.org/dc/terms/title")
    kept = set()
    for accept, syntax in GRAPHS.items():
        heard = deployment.get(f"/record/{WORK}", accept)
        assert (heard.status, heard.media_type) == (200, accept)
        graph = {quad.triple for quad in ox.parse(heard.body, format=syntax)}
        said = [triple.object for triple in graph if (triple.subject, triple.predicate) == title]
        assert said == [ox.Literal("Slugs, lettuces and the common pool", language="en")], accept
        kept.add(frozenset(graph))
    assert len(kept) == 1


def test_a_search_finds_what_is_there_and_counts_it(deployment: Deployment) -> None:
    for asked, total in SEARCHES.items():
        found = json.loads(deployment.get(f"/search.json?q={quote(asked)}").body)
        names = {each["identifier"] for each in found["results"]}
        assert (found["total"], len(names)) == (total, min(total, 20)), asked
    facets = json.loads(deployment.get("/search.json?q=*").body)["facets"]
    kinds = {each["value"]: each["count"] for each in facets["type"]}
    works = {"paper": 15, "article": 13, "chapter": 5, "book": 4, "software": 4}
    assert {kind: kinds[kind] for kind in works} == works
    assert sum(kinds.values()) == RECORDS


def test_an_export_has_each_result_once(deployment: Deployment) -> None:
    for end, beginning in (("bib", r"(?m)^@\w+\{"), ("ris", "(?m)^TY  - "), ("csl.json", '"title"')):
        body = deployment.get(f"/search.{end}?q=type:article").body.decode()
        assert len(re.findall(beginning, body)) == 13, end


def test_a_page_to_browse_names_each_work_of_its_kind(deployment: Deployment) -> None:
    for path, works in (("types/article", 13), ("years/2020", 4), (f"in/{SERIES}", 8)):
        body = deployment.get(f"/browse/{path}", "text/html").body.decode()
        assert len(set(re.findall(rf'href="{PUBLIC}/id/([^"]*)"', body)) - {SERIES}) == works, path


def test_the_feeds_tell_of_every_change(deployment: Deployment) -> None:
    newest = json.loads(deployment.get("/readyz", "application/json").body)["entry"]
    stream = deployment.get("/feeds/ldes/1.nq").body.decode()
    members = re.findall(rf"tree#member> <{PUBLIC}/version/(\d+)/", stream)
    assert sorted(map(int, members)) == list(range(1, newest + 1))
    atom = "".join(deployment.get(path).body.decode() for path in ("/feeds/atom", "/feeds/atom/1"))
    assert len(set(re.findall(rf"<id>{PUBLIC}/record/([^<]*)</id>", atom))) == RECORDS
    assert f'<at:deleted-entry ref="{PUBLIC}/record/{GONE}"' in atom


# -- querying ------------------------------------------------------------------------------------------------------


def test_the_dataset_has_the_numbers_that_queries_count(deployment: Deployment) -> None:
    said = dataset_counts(deployment)
    assert (said["entities"], said["documents"]) == (RECORDS, RECORDS)
    asked = queried_counts(deployment)
    assert len(asked) > 12
    assert {name: said[name] for name in asked} == asked


def test_queries_find_what_linked_data_says(deployment: Deployment) -> None:
    oracle = Oracle(quads(deployment))
    for name, asked in QUERIES.items():
        answer = oracle.ask(PREFIXES + (asked.means or asked.text))
        expected = triples(answer.encode()) if isinstance(answer, str) else rows(answer)
        found = deployment.solutions(asked.text)
        assert len(found) == asked.solutions, name
        assert Counter(found) == Counter(expected), name
        assert not asked.ordered or found == expected, name


@pytest.mark.parametrize("name", OTHERWISE)
def test_virtuoso_differs_where_it_is_known_to(deployment: Deployment, name: str) -> None:
    text, right, other = OTHERWISE[name]
    assert name in VIRTUOSO
    heard = query(deployment.port, PREFIXES + text, accept="text/csv", patience=60)
    assert heard.body.decode() == (other if deployment.name == TOGETHER else right)


def test_virtuoso_has_no_bnode_and_says_so(deployment: Deployment) -> None:
    heard = query(deployment.port, "SELECT (BNODE() AS ?b) {}", accept="text/csv", patience=60)
    refused = (heard.status, b"the SPARQL server says" in heard.body)
    assert refused == ((400, True) if deployment.name == TOGETHER else (200, False))


# -- the same in both ----------------------------------------------------------------------------------------------


def test_both_answer_every_door_alike(both: dict[str, Deployment]) -> None:
    asked = doors(both[EMBEDDED].identifiers())
    one, other = (answers(each, asked) for each in both.values())
    assert len(one) > 250
    for door, heard in one.items():
        if heard.status == 200 and heard.media_type in ("text/html", "text/turtle", "application/n-triples"):
            assert not broken(heard), door
        assert anywhere(heard) == anywhere(other[door]), door


def test_both_give_the_same_lists_to_harvesters(both: dict[str, Deployment]) -> None:
    one, other = (walks(each) for each in both.values())
    assert one.keys() == other.keys()
    for asked, pages in one.items():
        mine, its = ([undated(unanswered(page)) for page in each] for each in (pages, other[asked]))
        assert mine == its, asked


def test_both_answer_every_named_query_alike(both: dict[str, Deployment]) -> None:
    page = both[EMBEDDED].get("/sparql/named/", "text/html").body.decode()
    names = sorted(set(re.findall(r'/sparql/named/([a-z0-9-]+)"', page)))
    assert len(names) > 40
    empty = set()
    for name in names:
        one, other = (each.get(f"/sparql/named/{name}", _RESULTS) for each in both.values())
        assert (one.status, other.status, one.media_type) == (200, 200, other.media_type), name
        read = rows if one.media_type.endswith("json") else triples
        found = Counter(map(unjoined, read(one.body)))
        assert found == Counter(map(unjoined, read(other.body))), name
        empty |= set() if found else {name}
    # The sample records have none of these faults.
    assert empty == {"duplicate-dois", "duplicate-titles", "one-sided-versions"}


# -- what changes --------------------------------------------------------------------------------------------------


def test_what_is_written_is_seen_in_every_view_and_gone_from_each(deployment: Deployment) -> None:
    name = "x:written"
    seen = Views(deployment, name)
    for word, status, told in (("Zeppelins", 201, "Create"), ("Airships", 200, "Update")):
        title = f"{word} over the quay"
        assert deployment.put(name, title).status == status
        # Out of the log, at once.
        assert title in seen.record()
        assert title in seen.harvested()
        assert (seen.listed(), seen.doi(), seen.told()) == ([False], 303, told)
        # Out of what follows it.
        assert eventually(lambda word=word: seen.indexed(word) == ([f"{word} over the quay"],) * 2, WAIT)
        assert eventually(seen.browsed, WAIT)
    assert seen.found("Zeppelins") == []
    assert deployment.delete("RePEc:xde:dpgard:1").status == 403
    assert deployment.delete(name).status == 204
    assert deployment.get(f"/record/{name}.ttl").status == 410
    assert "<metadata>" not in seen.harvested()
    assert (seen.listed(), seen.doi(), seen.told()) == ([True], 404, "Delete")
    assert eventually(lambda: seen.indexed("Airships") == ([], []), WAIT)
    assert eventually(lambda: not seen.browsed(), WAIT)


def test_all_answers_are_the_same_after_a_restart(both: dict[str, Deployment]) -> None:
    each = list(both.values())
    asked = doors(each[0].identifiers())
    before = [everything(one, asked) for one in each]
    tokens = [one.pages(_LISTED)[0].token or "" for one in each]
    with ThreadPoolExecutor(len(each)) as threads:
        list(threads.map(Deployment.restart, each))
    for one, token, (doors_before, lists_before, rows_before) in zip(each, tokens, before, strict=True):
        # A harvester that was in the middle of a list goes on with the token that it holds.
        second = one.oai([("verb", "ListRecords"), ("resumptionToken", token)])
        assert unanswered(second) == lists_before[_LISTED][1]
        doors_now, lists_now, rows_now = everything(one, asked)
        for door, said in doors_now.items():
            assert said == doors_before[door], (one.name, door)
        for name, pages in lists_now.items():
            assert pages == lists_before[name], (one.name, name)
        assert rows_now == rows_before, one.name
        assert one.put(GONE, "Back again").status == 201
        assert one.delete(GONE).status == 204
