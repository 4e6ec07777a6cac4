"""A question to the SPARQL index, its answer, and why there may be none. Plain values; nothing is run here."""

from dataclasses import dataclass, field
from typing import Literal

from repository.model.errors import SheafError

# syntax    the engine cannot read the query
# refused   the guard will not have it: too long, too deep, SERVICE, an undeclared prefix ...
# update    it is an update, not a query
# time      it took longer than the deadline
# memory    it wanted more memory than a query may have
# rows      the result has more rows than a result may have
# bytes     the result has more bytes than a result may have
# format    the result cannot be written in the format asked for (RDF/XML cannot say every predicate)
# budget    the client has spent its query seconds; `retry_after` says when there are some again
# busy      all places are taken; `retry_after`
# absent    there is no index yet, or nobody who answers; `retry_after`
Reason = Literal[
    "syntax", "refused", "update", "time", "memory", "rows", "bytes", "format", "budget", "busy", "absent"
]


@dataclass(eq=False)  # context managers write to a passing exception, so it cannot be frozen
class QueryError(SheafError):
    """A query that was not answered. `message` says what and where; `retry_after` is in seconds, 0 for never."""

    reason: Reason
    message: str
    retry_after: int = 0

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Question:
    """A guarded query and how it is to be answered.

    `media_type` is one of `results.FORMATS` that fits the query's form. `default_graphs` and `named_graphs` are those
    of the protocol, which go before the query's own. `own_dataset`: the query has FROM clauses (the guard says so).
    `client` pays for it; the empty client is the house itself and pays nothing. `seconds`: its deadline, 0 for the
    configured one.
    """

    query: str
    media_type: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    own_dataset: bool = False
    client: str = field(default="", compare=False)
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole result. `seq`: the entry of the log that the index had come to. `seconds`: what it took to run."""

    body: bytes
    media_type: str
    seq: int
    seconds: float
    cached: bool = False
