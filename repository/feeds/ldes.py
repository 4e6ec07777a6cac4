"""The log as a Linked Data Event Stream (https://w3id.org/ldes/specification) in a view of TREE.

A member is an entry of the log, named by its version's URI; the graph of that name holds the body, byte for byte when
it is sorted again under the internal base. Page n has the entries of PAGE seqs, and never another. Above the pages are
groups of GROUP pages, above these the root; groups that are full, and pages that are, change no more.

The one exception is the law: where a body was erased, its member says since when, and has no graph.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from repository.formats.provenance import moment
from repository.log import Reading, Step
from repository.model.ntriples import literal
from repository.model.site import Site
from repository.model.terms import DCTERMS, PROV, RDF, RDFS, XSD

PAGE = 250
GROUP = 250

ROOT = "feeds/ldes"
LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"

_TIMESTAMP = f"<{DCTERMS}created>"
_SEQUENCE = f"<{RDF}value>"
_RETENTION = (
    "Every version of every record is kept, and none is ever left out. One exception: a body that the law has "
    "erased. Its member stays and says when that was."
)


class Node(NamedTuple):
    """A page, a group or the root as N-Quads. `full`: nothing will be added to it. `members`: it is a page."""

    quads: bytes
    full: bool
    members: bool


class _Reach(NamedTuple):
    """A node below another: its name, and the seqs of its first entry and of its last, None while it is open."""

    name: str
    first: int
    last: int | None


def address(site: Site, name: str = "", extension: str = "") -> str:
    """Of the root, of page `7`, of group `group-1`; in one notation where an extension is given."""
    return site.page(ROOT + (f"/{name}" if name else "") + (f".{extension}" if extension else ""))


def stream(site: Site) -> str:
    return address(site) + "#stream"


# -- the nodes -----------------------------------------------------------------------------------------------


def root(reading: Reading, site: Site, name: str) -> Node:
    """The root: the stream's description, its full groups, and the pages that are in no full group yet."""
    newest, _ = reading.newest()
    groups = newest // (PAGE * GROUP)
    below = [_group(number) for number in range(1, groups + 1)]
    below += _pages(groups * GROUP, newest)
    here = address(site)
    lines = [*_description(site, name), *_relations(reading, here, site, below)]
    return Node(_written([*lines, *_about_node(site, here)]), False, False)


def group(reading: Reading, site: Site, number: int) -> Node | None:
    """A full group of pages; None where there is none."""
    newest, _ = reading.newest()
    last = number * GROUP * PAGE
    if newest < last:
        return None
    here = address(site, f"group-{number}")
    below = _pages((number - 1) * GROUP, last)
    found = _written([*_relations(reading, here, site, below), *_about_node(site, here)])
    return Node(found, True, False)


def page(reading: Reading, site: Site, number: int) -> Node | None:
    """The members of a page; None where no entry has come so far. An empty log has an empty first page."""
    newest, _ = reading.newest()
    after = (number - 1) * PAGE
    if newest <= after and number > 1:
        return None
    steps = [step for step in reading.steps(after, limit=PAGE) if step.entry.seq <= after + PAGE]
    here = address(site, str(number))
    parts = [_written(_about_node(site, here))]
    parts += [_member(reading, step, site) for step in steps]
    return Node(b"".join(parts), newest >= after + PAGE, True)


def _group(number: int) -> _Reach:
    last = number * GROUP * PAGE
    return _Reach(f"group-{number}", last - GROUP * PAGE + 1, last)


def _pages(before: int, newest: int) -> list[_Reach]:
    """Those behind a page that have an entry up to `newest`."""
    count = -(-newest // PAGE)
    return [
        _Reach(str(n), (n - 1) * PAGE + 1, n * PAGE if n * PAGE <= newest else None)
        for n in range(before + 1, count + 1)
    ]


# -- what they say -------------------------------------------------------------------------------------------


def _description(site: Site, name: str) -> list[str]:
    here, whole = f"<{address(site)}>", f"<{stream(site)}>"
    view, kept = f"<{address(site)}#view>", f"<{address(site)}#retention>"
    return [
        f"{whole} <{RDF}type> <{LDES}EventStream> .",
        f"{whole} <{DCTERMS}title> {literal(f'Changes of {name}', 'en')} .",
        f"{whole} <{LDES}timestampPath> {_TIMESTAMP} .",
        f"{whole} <{LDES}sequencePath> {_SEQUENCE} .",
        f"{whole} <{LDES}versionOfPath> <{DCTERMS}isVersionOf> .",
        f"{whole} <{LDES}versionDeletePath> <{RDF}type> .",
        *(
            f"{whole} <{LDES}version{kind}Object> <{ACTIVITY}{kind}> ."
            for kind in ("Create", "Update", "Delete")
        ),
        f"{here} <{TREE}viewDescription> {view} .",
        f"{view} <{RDF}type> <{TREE}ViewDescription> .",
        f"{view} <{RDF}type> <{LDES}EventSource> .",
        f"{view} <{LDES}retentionPolicy> {kept} .",
        f"{kept} <{RDF}type> <{LDES}RetentionPolicy> .",
        f"{kept} <{RDFS}comment> {literal(_RETENTION, 'en')} .",
    ]


def _about_node(site: Site, here: str) -> list[str]:
    lines = [
        f"<{here}> <{RDF}type> <{TREE}Node> .",
        f"<{stream(site)}> <{TREE}view> <{address(site)}> .",
    ]
    if here != address(site):
        lines.append(f"<{here}> <{DCTERMS}isPartOf> <{address(site)}> .")
    return lines


def _relations(reading: Reading, here: str, site: Site, below: list[_Reach]) -> Iterator[str]:
    """From when to when the members of each node below were made."""
    edges = [seq for each in below for seq in (each.first, each.last) if seq]
    moments = reading.moments(edges)
    for each in below:
        yield from _relation(here, site, each.name, "GreaterThanOrEqualTo", moments[each.first])
        if each.last:
            yield from _relation(here, site, each.name, "LessThanOrEqualTo", moments[each.last])


def _relation(here: str, site: Site, name: str, kind: str, seconds: int) -> Iterator[str]:
    relation = f"<{here}#{name}-{'from' if kind[0] == 'G' else 'until'}>"
    yield f"<{here}> <{TREE}relation> {relation} ."
    yield f"{relation} <{RDF}type> <{TREE}{kind}Relation> ."
    yield f"{relation} <{TREE}node> <{address(site, name)}> ."
    yield f"{relation} <{TREE}path> {_TIMESTAMP} ."
    yield f"{relation} <{TREE}value> {moment(seconds)} ."


def _member(reading: Reading, step: Step, site: Site) -> bytes:
    """One entry: what became of its record, when, and the body in a graph of its own."""
    entry = step.entry
    version = site.version(entry.seq, entry.identifier)
    there_before = step.before is not None and not step.before.deleted
    kind = "Delete" if entry.deleted else "Update" if there_before else "Create"
    lines = [
        f"<{stream(site)}> <{TREE}member> <{version}> .",
        f"<{version}> <{RDF}type> <{ACTIVITY}{kind}> .",
        f"<{version}> <{DCTERMS}isVersionOf> <{site.record(entry.identifier)}> .",
        f"<{version}> {_TIMESTAMP} {moment(entry.datestamp)} .",
        f'<{version}> {_SEQUENCE} "{entry.seq}"^^<{XSD}integer> .',
    ]
    if entry.successor:
        lines.append(f"<{version}> <{DCTERMS}isReplacedBy> <{site.thing(entry.successor)}> .")
    if entry.body is not None:
        graph = f" <{version}> .\n".encode()
        return _written(lines) + site.externalise(entry.body).replace(b" .\n", graph)
    if not entry.deleted:
        lines += _gap(reading, entry.seq, version)
    return _written(lines)


def _gap(reading: Reading, seq: int, version: str) -> list[str]:
    """An erased body, or one that was damaged: then only `sheaf verify` can tell more."""
    entry = reading.entry(seq)
    text = literal("What this version said is kept no more.", "en")
    lines = [f"<{version}> <{RDFS}comment> {text} ."]
    if entry and entry.erased is not None:
        lines.append(f"<{version}> <{PROV}invalidatedAtTime> {moment(entry.erased)} .")
    return lines


def _written(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
