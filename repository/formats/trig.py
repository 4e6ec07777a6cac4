"""TriG: the record in the graph that its URI names, and beside it where this version came from and its other forms.

The default graph holds what the entry says of the record. It and the record's graph are together, triple for triple,
what the other notations carry; the graphs of provenance and of forms come on top, each with a name of its own.
"""

from collections.abc import Callable, Sequence

from repository.formats.distributions import about_forms
from repository.formats.format import Format, always
from repository.formats.graph import about_record, body_of
from repository.formats.provenance import about_version
from repository.formats.turtle import Writer
from repository.model.records import Record
from repository.model.site import Site

PROVENANCE, FORMS = "#provenance", "#formats"


def trig(forms: Callable[[], Sequence[Format]]) -> Format:
    """The format; `forms` gives all there are, itself among them, once they are known."""
    return Format(
        name="trig",
        label="TriG with provenance",
        media_type="application/trig",
        extension="trig",
        version=3,
        applies=always,
        write=lambda record, site: _write(record, site, forms()),
    )


def _write(record: Record, site: Site, forms: Sequence[Format]) -> bytes:
    writer = Writer(record.identifier, site)
    graph = site.record(record.identifier)
    parts = [
        *writer.blocks(about_record(record, site)),
        _graph(graph, writer.blocks(site.externalise(body_of(record)))),
        _graph(graph + PROVENANCE, writer.blocks(about_version(record, site))),
        _graph(graph + FORMS, writer.blocks(about_forms(record, site, forms))),
    ]
    return "\n".join([*writer.head(), "", *parts]).encode()


def _graph(name: str, blocks: list[str]) -> str:
    # No literal reaches over a line's end: N-Triples escapes it.
    lines = (line for block in blocks for line in block.rstrip("\n").split("\n"))
    return f"<{name}> {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"
