"""Repositories larger than what is walked of a list: the rows about ends of lists are tried all the same."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from repository.check import as_json, lines
from tests.check.conftest import checked, verdicts
from tests.check.defects.planting import find, remove, tree
from tests.check.proxy import Asked, Defect, Proxy, Reply, Serve
from tests.check.small import Small

pytestmark = pytest.mark.slow

ENDS = ("F1", "F2", "F3", "F9")
START = datetime(2019, 3, 1, tzinfo=UTC)


def stamp(n: int) -> str:
    return (START + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%SZ")


def small(
    name: str, records: list[tuple[str, str, tuple[str, ...], str]], size: int = 100, deleted: str = "no"
) -> Small:
    sets = tuple(sorted({spec for record in records for spec in record[2]} | {"a", "a:b"}))
    return Small(name, "YYYY-MM-DDThh:mm:ssZ", deleted, records, size=size, sets=sets)


COUNT = 1955
LARGE = (
    small("four pages", [(f"urn:x:{n}", stamp(n), ("a:b",), f"N {n}") for n in range(COUNT)], 500),
    small("in order of datestamp", [(f"urn:x:{n}", stamp(n), ("a:b",), f"N {n}") for n in range(COUNT)]),
    small("newest first", [(f"urn:x:{n}", stamp(COUNT - n), ("a",), f"N {n}") for n in range(COUNT)]),
    small("in no order", [(f"urn:x:{n}", stamp(n * 997 % COUNT), ("a",), f"N {n}") for n in range(COUNT)]),
    small(
        "loaded at once",
        [(f"urn:x:{n}", stamp(0), ("a:b",) if n % 10 else ("a",), f"N {n}") for n in range(COUNT)],
    ),
)


def without_end(repository: Small) -> Defect:
    """No empty token on the last page."""

    def bare(root: object) -> None:
        for token in root.xpath("//*[local-name()='resumptionToken' and not(text())]"):  # type: ignore[attr-defined]
            remove(token)

    return lambda asked, serve: tree(bare)(asked, lambda a: repository.answer(a, serve))


@pytest.mark.parametrize("repository", LARGE, ids=lambda repository: repository.name)
def test_the_end_of_a_list_is_seen_in_a_large_repository(repository: Small) -> None:
    proxy = Proxy(defect=repository.answer)
    with proxy.running():
        repository.base = proxy.url
        report = checked(proxy, *ENDS)
        assert verdicts(report, "ok").keys() == set(ENDS), verdicts(report, "FAILED", "not applicable")
        with proxy.having(without_end(repository)):
            assert "F2" in verdicts(checked(proxy, "F2"), "FAILED")


def test_a_row_that_could_not_be_tried_is_named_in_the_last_line_and_in_json() -> None:
    repository = LARGE[4]
    proxy = Proxy(defect=repository.answer)
    with proxy.running():
        repository.base = proxy.url
        report = checked(proxy, "C1", "K6")
    assert "1 of 2 rows could not be tried (K6)" in list(lines(report))[-1]
    assert json.loads(as_json(report))["untried"] == ["K6"]


def paged_sets(specs: list[str], page: int, repository: Small) -> Defect:
    """ListSets of any length, by tokens that are numbers."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        if asked.verb != "ListSets":
            return repository.answer(asked, serve)
        start = int(asked.arguments.get("resumptionToken", "0"))
        reply = repository.answer(asked.having([("verb", "ListSets")]), serve)
        inside = "".join(
            f"<set><setSpec>{spec}</setSpec><setName>{spec}</setName></set>"
            for spec in specs[start : start + page]
        )
        end = start + page if start + page < len(specs) else ""
        body = re.sub(
            rb"(<ListSets>).*(</ListSets>)",
            rf"\g<1>{inside}<resumptionToken>{end}</resumptionToken>\2".encode(),
            reply.body,
        )
        return Reply(reply.status, reply.headers, body)

    return defect


def test_two_thousand_sets_are_read_to_their_end() -> None:
    repository = LARGE[1]
    specs = ["a", "a:b", *(f"s{n}" for n in range(2000))]
    proxy = Proxy()
    with proxy.running():
        repository.base = proxy.url
        with proxy.having(paged_sets(specs, 100, repository)):
            assert verdicts(checked(proxy, "E2", "E4"), "ok").keys() == {"E2", "E4"}
        with proxy.having(paged_sets([*specs[2:], "a:b"], 100, repository)):
            assert verdicts(checked(proxy, "E2"), "warning").keys() == {"E2"}
        with proxy.having(paged_sets(specs[:1] + specs[2:], 100, repository)):
            assert verdicts(checked(proxy, "E4"), "FAILED").keys() == {"E4"}


def without(name: str, repository: Small) -> Defect:
    """ListIdentifiers leaves one item out."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = repository.answer(asked, serve)
        if asked.verb != "ListIdentifiers":
            return reply
        root = reply.root
        for header in find(root, f"//o:header[o:identifier='{name}']"):
            remove(header)
        return reply.of(root)

    return defect


def test_the_two_lists_of_a_large_repository_are_compared_in_parts() -> None:
    repository = LARGE[1]
    proxy = Proxy(defect=repository.answer)
    with proxy.running():
        repository.base = proxy.url
        assert verdicts(checked(proxy, "F8"), "ok").keys() == {"F8"}
        with proxy.having(without("urn:x:77", repository)):
            assert "urn:x:77" in verdicts(checked(proxy, "F8"), "FAILED")["F8"]


def test_late_deletions_are_found_in_a_large_repository() -> None:
    lately = (datetime.now(UTC) - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    gone = [(f"urn:x:gone:{n}", lately, ("a",), "") for n in range(3)]
    live = [(f"urn:x:{n}", stamp(n), ("a:b",), f"N {n}") for n in range(COUNT)]
    repository = small("deletions at the end", live + gone, deleted="persistent")
    proxy = Proxy(defect=repository.answer)
    with proxy.running():
        repository.base = proxy.url
        assert verdicts(checked(proxy, "K2", "K3", "K4"), "ok").keys() == {"K2", "K3", "K4"}
        with proxy.having(unknown_if_deleted(repository)):
            assert verdicts(checked(proxy, "K3"), "FAILED").keys() == {"K3"}


def unknown_if_deleted(repository: Small) -> Defect:
    def defect(asked: Asked, serve: Serve) -> Reply:
        changed = (
            asked.put(identifier="urn:x:never") if "gone" in asked.arguments.get("identifier", "") else asked
        )
        return repository.answer(changed, serve)

    return defect
