"""Single records against the application profile, judged by pyshacl: an implementation that is not ours.

The report over all records asks the index instead (`conformance`); this reads bodies, and needs no index.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import rdflib
from rdflib.namespace import RDF

from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import INTERNAL
from repository.model.vocabulary import read_vocab
from repository.report.query import Words
from repository.report.result import ReportError

_SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
INSTALL = "pip install 'sheaf-repository[shapes]'"


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a record breaks the profile. `shape` and `path` under their prefixes; `message` is pyshacl's."""

    record: str
    shape: str
    focus: str
    path: str
    value: str
    severity: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


Validate = Callable[[Any], Any]


def breaches(records: Iterable[Record], site: Site) -> Iterator[tuple[Record, tuple[Breach, ...]]]:
    """Each record that has a body, with where it breaks the profile. Raises ReportError where pyshacl is missing."""
    shapes = _shapes(site)
    validate = _pyshacl(shapes)
    words = Words(site.base)
    for record in records:
        if record.body is not None:
            data = rdflib.Graph().parse(data=site.externalise(record.body), format="nt")
            yield record, tuple(_read(record, validate(data), shapes, words))


def _pyshacl(shapes: rdflib.Graph) -> Validate:
    try:
        import pyshacl
    except ImportError:
        raise ReportError(f"this needs pyshacl, which is not installed: {INSTALL}") from None
    return lambda data: pyshacl.validate(data, shacl_graph=shapes, inplace=True)[1]


def _shapes(site: Site) -> rdflib.Graph:
    """The profile. A shape that another includes by sh:node gets its targets too, so that what is wrong is named
    where it is wrong instead of being summed up."""
    text = read_vocab("shapes.ttl").replace(INTERNAL.encode(), site.base.encode())
    shapes = rdflib.Graph().parse(data=text, format="turtle")
    waiting = list(shapes.subject_objects(_SH.targetClass))
    while waiting:
        shape, target = waiting.pop()
        for included in shapes.objects(shape, _SH.node):
            if (included, _SH.targetClass, target) not in shapes:
                shapes.add((included, _SH.targetClass, target))
                waiting.append((included, target))
    return shapes


def _read(record: Record, report: rdflib.Graph, shapes: rdflib.Graph, words: Words) -> Iterator[Breach]:
    results = report.subjects(RDF.type, _SH.ValidationResult)
    found = [_breach(record, result, report, shapes, words) for result in results]
    yield from sorted(filter(None, found), key=lambda each: (each.focus, each.path, each.message))


def _breach(
    record: Record, result: Any, report: rdflib.Graph, shapes: rdflib.Graph, words: Words
) -> Breach | None:
    def said(predicate: rdflib.URIRef) -> str:
        value = report.value(result, predicate)
        return "" if value is None else str(value)

    path = said(_SH.resultPath)
    if not path and said(_SH.sourceConstraintComponent) == str(_SH.NodeConstraintComponent):
        return None  # the sum of what the included shape names by itself
    source = report.value(result, _SH.sourceShape)
    shape = shapes.value(predicate=_SH.property, object=source) or source
    return Breach(
        record=record.identifier,
        shape=words.short(str(shape)) if isinstance(shape, rdflib.URIRef) else "",
        focus=said(_SH.focusNode),
        path=words.short(path) if path else "",
        value=said(_SH.value),
        severity=said(_SH.resultSeverity).removeprefix(str(_SH)),
        message=said(_SH.resultMessage),
    )
