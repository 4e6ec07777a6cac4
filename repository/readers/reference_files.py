"""The text of a file in a reference manager's format, and what is said of the file as a whole."""

from repository.readers.reader import Finding, Source
from repository.readers.redif_encoding import Decoded, decode
from repository.readers.reference_findings import CODES


def text_of(source: Source) -> tuple[str, list[Finding]]:
    """The text of a file, its line ends `\\n`; a byte order mark counts, then UTF-8, then Windows-1252."""
    decoded: Decoded = decode(source.data)
    notes = [note for note in decoded.notes if note.code in CODES]
    return decoded.text[1:], [
        Finding(CODES[note.code].lenient, note.code, note.line, note.text, CODES[note.code].done)
        for note in notes
    ]


def about_file(code: str, line: int, text: str) -> Finding:
    return Finding(CODES[code].lenient, code, line, text, CODES[code].done)
