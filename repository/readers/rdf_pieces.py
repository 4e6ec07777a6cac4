"""A large file of N-Triples or N-Quads in pieces, each of whole records: all statements of a subject stand together,
as in our dump. Other RDF cannot be cut without being parsed, and is read whole.
"""

from collections.abc import Iterator
from itertools import count

from repository.model.errors import SourceError
from repository.readers.reader import Finding, Large, Source

PIECE = 4 << 20
# All statements of one subject; a line.
MAX_RUN = 32 << 20
MAX_LINE = 16 << 20


def pieces(large: Large) -> Iterator[Source | Finding]:
    """Sources of whole runs of one subject. Raises SourceError for blank nodes, which may stand anywhere, and where a
    line or a run is too long."""
    held: list[bytes] = []
    size, begun, cut = 0, 1, 0
    before = b""
    with large.open() as stream:
        for number in count(1):
            line = stream.readline(MAX_LINE + 1)
            if len(line) > MAX_LINE:
                raise SourceError(f"line {number} is longer than {MAX_LINE >> 20} MiB")
            subject = _record(line, number)
            if size >= PIECE and (not line or (subject and subject != before)):
                yield Source(large.name, b"".join(held), large.site, large.strict, line=begun)
                held, size, begun = [], 0, number
                cut += 1
            if not line:
                break
            before = subject or before
            held.append(line)
            size += len(line)
            if size > MAX_RUN:
                raise SourceError(
                    f"the statements from line {begun} on are of one subject for more than {MAX_RUN >> 20} MiB"
                )
    if held or not cut:
        yield Source(large.name, b"".join(held), large.site, large.strict, line=begun)


def _record(line: bytes, number: int) -> bytes:
    """What a statement is about, without fragment, a thing and its page taken as one; empty for no statement."""
    text = line.lstrip(b" \t\xef\xbb\xbf")
    if text.startswith(b"_:"):
        raise SourceError(
            f"line {number} is about a blank node, which may belong to any record; a file with blank nodes is "
            "read whole, so split it"
        )
    if not text.startswith(b"<"):
        return b""
    end = text.find(b">")
    return text[1:end].partition(b"#")[0].replace(b"/record/", b"/id/", 1)
