"""Defects that only show where there are no sets, days for datestamps, or a record in the last second of a day."""

import re

import pytest
from lxml import etree

from tests.check.conftest import checked, verdicts
from tests.check.defects.planting import attribute, each, echoed, error, find, q, remove, text
from tests.check.proxy import Asked, Defect, Proxy, Reply, Serve
from tests.check.small import MINIMAL, TRANSIENT, Small

ENDS = ("from", "until")


def empty_list_of_sets(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    root = reply.root
    if asked.verb == "ListSets":
        root.replace(root.find(q("error")), root.makeelement(q("ListSets")))
    return reply.of(root)


def set_is_ignored(asked: Asked, serve: Serve) -> Reply:
    return echoed(asked, serve(asked.put(set=None))) if "set" in asked.arguments else serve(asked)


def seconds_are_days(asked: Asked, serve: Serve) -> Reply:
    cut = {
        n: asked.arguments[n][:10] for n in ENDS if re.fullmatch(r".{10}T.{8}Z", asked.arguments.get(n, ""))
    }
    return echoed(asked, serve(asked.put(**cut))) if cut else serve(asked)


def until_is_exclusive(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    root = reply.root
    end = asked.arguments.get("until", "")
    path = f"(//o:ListRecords/o:record | //o:ListIdentifiers/o:header)[.//o:datestamp='{end}']"
    for item in find(root, path) if end and not reply.codes else ():
        remove(item)
    return (
        reply.of(root)
        if reply.codes or not end or find(root, "//o:header")
        else error(asked, serve, "noRecordsMatch")
    )


def a_second_short(asked: Asked, serve: Serve) -> Reply:
    until = asked.arguments.get("until", "")
    if len(until) != 10 or serve(asked).codes:
        return serve(asked)
    days = {n: asked.arguments[n] for n in ENDS if n in asked.arguments}
    ends = {n: f"{day}T{'00:00:00' if n == 'from' else '23:59:58'}Z" for n, day in days.items()}
    return echoed(asked, serve(asked.put(**ends)))


def no_tombstones_in_sets(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    root = reply.root
    for item in find(root, "//o:record[o:header/@status] | //o:ListIdentifiers/o:header[@status]"):
        if "set" in asked.arguments:
            remove(item)
    return reply.of(root)


def one_token(element: etree._Element) -> None:
    etree.SubElement(element, q("resumptionToken")).text = "more"


def midnight(element: etree._Element) -> None:
    element.text += "T00:00:00Z"


def always_the_last(asked: Asked, serve: Serve) -> Reply:
    found = asked.verb == "GetRecord" and not serve(asked).codes
    return echoed(asked, serve(asked.put(identifier="urn:x:5"))) if found else serve(asked)


PLANTED: tuple[tuple[Small, str, str, Defect], ...] = (
    (MINIMAL, "E1", "no sets, but a list of them", empty_list_of_sets),
    (MINIMAL, "E1", "no sets, and set is ignored", set_is_ignored),
    (MINIMAL, "G1", "seconds among days", each("(//o:header/o:datestamp)[2]", midnight)),
    (MINIMAL, "G5", "seconds are taken for days", seconds_are_days),
    (MINIMAL, "G9", "until is exclusive", until_is_exclusive),
    (MINIMAL, "C6", "earliestDatestamp is a second", each("//o:earliestDatestamp", midnight)),
    (MINIMAL, "K1", "one is deleted all the same", each("(//o:header)[3]", attribute("status", "deleted"))),
    (MINIMAL, "F1", "a token behind all records", each("//o:ListRecords", one_token)),
    (MINIMAL, "H3", "GetRecord gives the last one", always_the_last),
    (TRANSIENT, "G10", "the last second of a day is none of it", a_second_short),
    (TRANSIENT, "E5", "tombstones are in no set", no_tombstones_in_sets),
    (TRANSIENT, "K5", "altered yes", lambda a, s: s(a).text('altered="true"', 'altered="yes"')),
    (TRANSIENT, "E2", "the parent of a set is not listed", each("//o:set[o:setSpec='a']", remove)),
    (TRANSIENT, "F4", "an empty expirationDate", each("//o:resumptionToken[text()]", attribute("expirationDate", ""))),
    (TRANSIENT, "E1", "a slash in a set", each("//o:set/o:setSpec[.='c']", text("c/d"))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("small", "row", "name", "defect"), PLANTED, ids=[f"{row}-{name}" for _, row, name, _ in PLANTED]
)
def test_a_defect_planted_in_a_small_repository_is_named(
    small: Small, row: str, name: str, defect: Defect
) -> None:
    proxy = Proxy(defect=lambda asked, serve: defect(asked, lambda other: small.answer(other, serve)))
    with proxy.running():
        small.base = proxy.url
        report = checked(proxy, row)
    assert list(verdicts(report, "FAILED", "warning")) == [row], name
