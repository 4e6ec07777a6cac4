"""Values that the log takes and gives. Frozen, plain; no SQL, no RDF."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a harvested record came from, in the upstream's own words; `harvested` is in seconds since 1970.

    `namespace` is that of the metadata as it was given; `altered` tells that what is kept here is not the same.
    `rights` are what the upstream told of the metadata: URIs, or elements as XML, which begin with `<`.
    """

    base_url: str
    identifier: str
    datestamp: str
    namespace: str
    harvested: int
    altered: bool
    rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What someone wants kept. No seq and no date: only the log gives those.

    `body=None` asks for deletion; then `successor` may name the record that took its place.
    `sets` are the setSpecs the record is in, without ancestors; `formats` the OAI prefixes that can show it.
    `private` holds facts that no public exit reads (e-mail addresses, phone numbers).
    `origin` is the way of a harvested record, newest step first. `source` is the place it was read from, `agent` who
    had it kept (a command, the name of a token) and `reader` which reader read it; all three are published.
    """

    identifier: str
    body: bytes | None
    sets: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    source: str = ""
    agent: str = ""
    reader: str = ""
    successor: str | None = None
    private: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origin: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A record of another repository that could not be kept: where it stands there, why, and its bytes as they came.

    `source` and `identifier` (the upstream's) name it; `record` is the identifier that it would have here, empty
    where that could not be told. `since` is in seconds since 1970.
    """

    source: str
    identifier: str
    datestamp: str
    reason: str
    raw: bytes
    record: str = ""
    since: int = 0


class Former(NamedTuple):
    """A handle that moved to where a record is, and the second in which that was told."""

    identifier: str
    datestamp: int


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the log: usually the newest of its identifier.

    `body` is None for a tombstone, and for a version whose body was erased; `deleted` tells the first.
    `gone` is for lists: the record is to be shown as deleted there, although it may live elsewhere.
    `erased` is the second in which the body was blanked. `former` is the seq of the version before this one, and
    `origin` the way that it came; these are told where one record was asked for, and of no list. `formers` are told
    where they were asked for (`Reading.formers`).
    """

    identifier: str
    seq: int
    datestamp: int
    digest: bytes | None
    body: bytes | None
    sets: tuple[str, ...]
    formats: tuple[str, ...]
    source: str = ""
    agent: str = ""
    reader: str = ""
    successor: str | None = None
    gone: bool = False
    erased: int | None = None
    former: int | None = None
    origin: tuple[Origin, ...] = ()
    formers: tuple[Former, ...] = ()

    @property
    def deleted(self) -> bool:
        return self.digest is None


@dataclass(frozen=True, slots=True)
class Selection:
    """A window of the log: first and last second, both included; None is open. `set` is a setSpec."""

    since: int | None = None
    until: int | None = None
    set: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T, K]):
    """A slice of a list. `after` is the key to go on from, None at the end; `total` counts the whole list
    where it was asked for, else None."""

    items: tuple[T, ...]
    after: K | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class SetInfo:
    """A set as ListSets shows it."""

    spec: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An inbound link: `subject` says `predicate` of the object asked for. `sort` orders a list of them."""

    subject: str
    predicate: str
    sort: str
