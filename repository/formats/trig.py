"""TriG: the record in the graph that its URI names, and beside it where this version of it came from.

The default graph holds what the entry says of the record. It and the record's graph are together, triple for triple,
what the other notations carry; the graph of provenance comes on top and has a name of its own.
"""

from repository.formats.format import Format, always
from repository.formats.graph import about_record, body_of
from repository.formats.provenance import about_version
from repository.formats.turtle import Writer
from repository.model.records import Record
from repository.model.site import Site

PROVENANCE = "#provenance"


def write(record: Record, site: Site) -> bytes:
    writer = Writer(record.identifier, site)
    graph = site.record(record.identifier)
    parts = [
        *writer.blocks(about_record(record, site)),
        _graph(graph, writer.blocks(site.externalise(body_of(record)))),
        _graph(graph + PROVENANCE, writer.blocks(about_version(record, site))),
    ]
    return "\n".join([*writer.head(), "", *parts]).encode()


def _graph(name: str, blocks: list[str]) -> str:
    # No literal reaches over a line's end: N-Triples escapes it.
    lines = (line for block in blocks for line in block.rstrip("\n").split("\n"))
    return f"<{name}> {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


TRIG = Format(
    name="trig",
    label="TriG with provenance",
    media_type="application/trig",
    extension="trig",
    version=2,
    applies=always,
    write=write,
)
