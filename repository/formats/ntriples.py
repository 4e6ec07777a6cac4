"""N-Triples: one statement a line, for programs that read without a parser.

Nothing is computed here; the body is N-Triples already.
"""

from repository.formats.format import Format, always
from repository.formats.graph import record_graph

NTRIPLES = Format(
    name="ntriples",
    label="N-Triples",
    media_type="application/n-triples",
    extension="nt",
    version=1,
    applies=always,
    write=record_graph,
)
