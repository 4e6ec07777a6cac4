"""The stream of changes for people: the root and groups as lists of their pages, a page as a list of its members.

Read from the same quads that programs get, so that nothing is on the page that is not in the stream.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pyoxigraph as ox

from repository.feeds import ldes
from repository.model.site import Site
from repository.model.terms import DCTERMS, RDF, RDFS
from repository.web.documents import Form
from repository.web.html import Html

_KINDS = {"Create": "new", "Update": "changed", "Delete": "deleted"}


class Around(NamedTuple):
    """Names of the nodes before and behind a page or group; empty where there is none."""

    before: str = ""
    behind: str = ""


class Below(NamedTuple):
    """A page or group: from when to when its members are; `until` is empty while members are added."""

    address: str
    name: str
    since: str
    until: str


class Member(NamedTuple):
    """An entry: what became of which record when, and what is to be said of it besides."""

    seq: int
    identifier: str
    kind: str
    moment: str
    note: str


def render(html: Html, node: ldes.Node, name: str, address: str, around: Around, forms: list[Form]) -> bytes:
    site = html.site
    said = _said(node.quads)
    return html.render(
        "ldes.html",
        heading=_heading(name),
        retention=next(iter(said.get((ldes.address(site) + "#retention", RDFS + "comment"), ())), ""),
        below=list(_below(site, said)),
        members=list(_members(site, said)),
        is_page=node.members,
        address=address,
        root=ldes.address(site) if name else "",
        before=ldes.address(site, around.before) if around.before else "",
        behind=ldes.address(site, around.behind) if around.behind else "",
        forms=forms,
    )


_Said = dict[tuple[str, str], list[str]]


def _said(quads: bytes) -> _Said:
    """What stands in no graph: the bodies of members are on pages of their own."""
    found: _Said = defaultdict(list)
    for quad in ox.parse(quads, format=ox.RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, ox.DefaultGraph):
            found[str(getattr(quad.subject, "value", "")), quad.predicate.value].append(
                str(getattr(quad.object, "value", ""))
            )
    return found


def _one(said: _Said, subject: str, predicate: str) -> str:
    return next(iter(said.get((subject, predicate), ())), "")


def _heading(name: str) -> str:
    if not name:
        return "Stream of all changes"
    number = name.removeprefix("group-")
    return f"Changes, group {number} of pages" if number != name else f"Changes, page {number}"


def _below(site: Site, said: _Said) -> Iterator[Below]:
    edges: dict[str, dict[str, str]] = {}
    for (subject, predicate), values in said.items():
        if predicate == ldes.TREE + "node":
            end = "until" if subject.endswith("-until") else "since"
            edges.setdefault(values[0], {})[end] = _one(said, subject, ldes.TREE + "value")
    for address, edge in edges.items():
        name = address.removeprefix(ldes.address(site) + "/")
        yield Below(address, _heading(name).removeprefix("Changes, "), edge["since"], edge.get("until", ""))


def _members(site: Site, said: _Said) -> Iterator[Member]:
    for version in said.get((ldes.stream(site), ldes.TREE + "member"), ()):
        kinds = (each.removeprefix(ldes.ACTIVITY) for each in said[version, RDF + "type"])
        record = _one(said, version, DCTERMS + "isVersionOf")
        yield Member(
            int(_one(said, version, RDF + "value")),
            site.identifier_of(record) or record,
            _KINDS[next(kinds)],
            _one(said, version, DCTERMS + "created"),
            _one(said, version, RDFS + "comment"),
        )
