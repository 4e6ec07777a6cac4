"""What SPARQL queries are run on: the meeting point of the index that is followed and the guests that ask it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Source:
    """A state of the index: the folder of a snapshot, or the URL of a SPARQL 1.1 server where `remote`.

    `seq` is the entry of the log that it has come to; `key` is another for every state.
    """

    seq: int
    key: str
    place: str
    remote: bool = False


class Look(Protocol):
    """Gives the state of the index that queries see now; None where there is none, or nobody tells."""

    def __call__(self) -> Source | None: ...

    def close(self) -> None: ...
