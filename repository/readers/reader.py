"""`Reader`: one way in. What a reader yields: items, each with its findings, in the order of the source.

No reader keeps anything, asks a network or writes a file: that is for those who call it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from repository.model.site import Site
from repository.model.work import Work

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know of: where it stands, what is wrong, and what was done about it.

    `line` counts from 1; 0 where the format has no lines (a graph). `code` is a short stable word for programs
    (`unknown-field`); `text` is for people and names the field and value; `done` says what became of it
    (`record refused`, `field dropped`, `kept as it is` ...).
    """

    severity: Severity
    code: str
    line: int
    text: str
    done: str
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One record as found, or one that is refused (`content` None; a finding of severity error says why).

    `content` is a Work, or a body (bytes) where the source was RDF. `private` holds facts for the sidecar.
    """

    identifier: str
    line: int
    content: Work | bytes | None
    findings: tuple[Finding, ...] = ()
    private: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes to read and what they are called in reports. The site tells which URIs are ours."""

    name: str
    data: bytes
    site: Site
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """`read` is a generator; it raises SourceError when the source as a whole cannot be read.

    It yields each record found as an Item; a Finding yielded by itself is about the source as a whole.
    """

    name: str
    extensions: tuple[str, ...]
    read: Callable[[Source], Iterator[Item | Finding]]
