"""What every index is to its follower: something that takes changes and knows how far it has come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

# Another number makes every index rebuild itself: raise it when a body's way into the index changes.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index has come. Stored with its result, so that both are lost or kept together.

    `mark` is a checksum of the log's entry at `seq`: an index of another log (or of one that was restored from an
    older copy) is noticed by it. `base` is the base URL that the index's IRIs have.
    """

    seq: int
    mark: str
    base: str
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Change:
    """A record's graph is now this. `graph` is its IRI (`/record/X` of the site), `triples` its N-Triples with the
    site's base; None takes the graph away."""

    identifier: str
    graph: str
    triples: bytes | None


class Index(Protocol):
    """A projection that answers SPARQL. Only one process at a time may hold one open."""

    def position(self) -> Position | None:
        """How far it has come; None where nothing whole is there."""

    def load(self, position: Position, quads: Iterable[bytes]) -> None:
        """Be `quads` (N-Quads, a chunk for each record) and nothing else. The position is stored last."""

    def apply(self, position: Position, changes: Sequence[Change]) -> None:
        """Take changes in; an identifier occurs once. Doing it again is harmless, a killed one is done again."""

    def publish(self) -> None:
        """Show what was applied to those who ask; nothing where that is so anyway."""

    def graphs(self, names: Iterable[str] = ()) -> Iterator[tuple[str, bytes]]:
        """(graph IRI, its N-Triples, sorted) of every record, in no order: what `verify` compares with the log.

        `names` are those that there should be; who knows them finds the graphs sooner.
        """

    def close(self) -> None: ...
