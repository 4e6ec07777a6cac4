"""`Reader`: one way in. What a reader yields: items, each with its findings, in the order of the source.

No reader keeps anything, asks a network or writes a file: that is for those who call it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Literal

from repository.model.site import Site
from repository.model.work import Work

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know of: where it stands, what is wrong, and what was done about it.

    `line` counts from 1; 0 where the format has no lines (a graph). `code` is a short stable word for programs
    (`unknown-field`); `text` is for people and names the field and value; `done` says what became of it
    (`record refused`, `field dropped`, `kept as it is` ...). `field` and `value` (quoted, and cut where it is long) are
    what it is about, where the reader tells; the value of a private field is never told.
    """

    severity: Severity
    code: str
    line: int
    text: str
    done: str
    identifier: str = ""
    field: str = ""
    value: str = ""


def of_refused(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is told of a record that is not kept, although what is no error would have been."""
    return tuple(
        each if each.severity == "error" else replace(each, done="not kept, since the record is refused")
        for each in findings
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One record as found, or one that is refused (`content` None; a finding of severity error says why).

    `content` is a Work, or a body (bytes) where the source was RDF. `private` holds facts for the sidecar. Of a refused
    record no finding says that something was kept.
    """

    identifier: str
    line: int
    content: Work | bytes | None
    findings: tuple[Finding, ...] = ()
    private: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.content is None:
            object.__setattr__(self, "findings", of_refused(self.findings))


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes to read and what they are called in reports. The site tells which URIs are ours.

    `namespace` begins the identifiers of entries that have none of their own; empty: these are refused.
    `about` is the identifier of what speaks of itself (`<>` of RDF) where it says none; empty where nobody knows.
    A piece of a large file begins at `line`; `text` is there where it was decoded already, and counts then.
    """

    name: str
    data: bytes
    site: Site
    strict: bool = False
    namespace: str = ""
    line: int = 1
    text: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Large:
    """What is too large to be held whole. `open` gives a stream from its beginning, as often as asked."""

    name: str
    open: Callable[[], BinaryIO]
    site: Site
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """`read` is a generator; it raises SourceError when the source as a whole cannot be read.

    It yields each record found as an Item; a Finding yielded by itself is about the source as a whole.
    `pieces` cuts what is large into sources that can be read one by one; None where the format cannot be cut.
    `native`: a parser of machine code reads it, which hostile input might crash.
    """

    name: str
    extensions: tuple[str, ...]
    read: Callable[[Source], Iterator[Item | Finding]]
    pieces: Callable[[Large], Iterator[Source | Finding]] | None = None
    native: bool = False
