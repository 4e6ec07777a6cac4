"""The versions of one work as a list: who is in the cluster, why, and the derived statements, told apart from what
records say.

The rule is `repository.model.clusters`. No body says `sheaf:sameWorkAs`; whoever reads it knows that it was derived.
"""

from collections.abc import Iterator
from dataclasses import replace

from repository.log import Cluster, Reading
from repository.model.clusters import Edge, pair
from repository.model.ntriples import literal
from repository.model.records import Record
from repository.model.site import internal_thing
from repository.model.terms import DCTERMS, INTERNAL, RDF, SHEAF
from repository.web.targets import Listing, Target, describing, target

SAME_WORK = SHEAF + "sameWorkAs"
_VERSION = (f"<{DCTERMS}hasVersion>".encode(), f"<{DCTERMS}isVersionOf>".encode())
_WHY = {"stated": "named as a version", "equal-doi": "same DOI", "accepted": "joined by the maintainer"}
_BY_OTHERS = "by way of another version"


def listing(reading: Reading, identifier: str) -> Listing | None:
    """The whole cluster on one page, newest first; None where a limit holds it back."""
    cluster = reading.cluster(identifier)
    if not cluster.others:
        return None if cluster.held else Listing((), None, False)
    records = {record.identifier: record for record in reading.many([identifier, *cluster.others])}
    own = records.pop(identifier, None)
    shown = [_item(cluster, identifier, name, records.get(name)) for name in cluster.others]
    shown.sort(key=lambda item: item.identifier)
    shown.sort(key=lambda item: item.note[:4] if item.note[:4].isdecimal() else "", reverse=True)
    lines = [line for name, record in records.items() for line in describing(name, record.body or b"")]
    lines += _stated([own, *records.values()], {identifier, *cluster.others})
    lines += _derived(cluster, identifier)
    return Listing(
        tuple(shown), None, False, statements=b"".join(line + b"\n" for line in dict.fromkeys(lines))
    )


def _item(cluster: Cluster, identifier: str, name: str, record: Record | None) -> Target:
    plain = target(name, record, "")
    rules = dict.fromkeys(each.rule for each in cluster.edges if (each.a, each.b) == pair(identifier, name))
    why = ", ".join(_WHY[rule] for rule in rules) or _BY_OTHERS
    return replace(plain, note=", ".join(filter(None, (plain.note, why))))


def _stated(records: list[Record | None], group: set[str]) -> Iterator[bytes]:
    """What the records say of each other themselves."""
    things = {f"<{internal_thing(name)}> .".encode() for name in group}
    for record in records:
        for line in (record.body or b"").split(b"\n") if record else ():
            parts = line.split(b" ", 2)
            if len(parts) == 3 and parts[1] in _VERSION and parts[2] in things:
                yield line


def _derived(cluster: Cluster, identifier: str) -> Iterator[bytes]:
    """One statement for each version, and one node for each link by which they are joined: rule and evidence."""
    thing = internal_thing(identifier)
    for name in cluster.others:
        yield f"<{thing}> <{SAME_WORK}> <{internal_thing(name)}> .".encode()
    for number, edge in enumerate(cluster.edges, 1):
        yield from _reason(f"<{INTERNAL}links/versions/{identifier}#link-{number}>", edge)


def _reason(node: str, edge: Edge) -> Iterator[bytes]:
    lines = (
        f"{node} <{RDF}type> <{SHEAF}DerivedLink>",
        f"{node} <{RDF}subject> <{internal_thing(edge.a)}>",
        f"{node} <{RDF}predicate> <{SAME_WORK}>",
        f"{node} <{RDF}object> <{internal_thing(edge.b)}>",
        f"{node} <{SHEAF}rule> {literal(edge.rule)}",
        f"{node} <{SHEAF}evidence> {literal(edge.evidence)}",
    )
    yield from (f"{line} .".encode() for line in lines)
