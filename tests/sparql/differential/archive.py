"""A few records that change from round to round, asked through the broker; and what it must answer from.

The way is the real one: log, follower, index, guard, broker, worker. Only the oracle reads the index beside it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from repository.assembly import followed, open_broker
from repository.index.compare import differences
from repository.index.opening import shown
from repository.log import Log
from repository.model.settings import Settings
from repository.sparql.limits import Limits
from repository.sparql.question import QueryError
from tests.sparql.conftest import Asking
from tests.sparql.differential.normalise import Row, rows, triples
from tests.sparql.differential.oracle import ROWS, Oracle, TooLargeError
from tests.sparql.differential.records import records
from tests.sparql.differential.scope import Pool

_LIMITS = Limits(
    seconds=10,
    megabytes=1024,
    rows=ROWS,
    bytes=8 << 20,
    client_seconds=60_000,
    workers=1,
    cache_bytes=1 << 20,
)


@dataclass(frozen=True, slots=True)
class Round:
    """The records as one round left them. `quads` is what the index holds."""

    number: int
    quads: bytes
    pool: Pool
    asking: Asking
    oracle: Oracle

    def ours(self, query: str) -> list[Row]:
        """Raises TooLargeError where our own limits end it."""
        graph = "CONSTRUCT {" in query
        try:
            answer = self.asking(query, "application/n-triples" if graph else "")
        except QueryError as error:
            if error.reason in ("rows", "bytes", "time", "memory"):
                raise TooLargeError from error
            raise
        return triples(answer) if graph else rows(answer)

    def theirs(self, query: str) -> list[Row]:
        answer = self.oracle.ask(query)
        return triples(answer.encode()) if isinstance(answer, str) else rows(answer)


@dataclass(frozen=True, slots=True)
class Archive:
    settings: Settings
    asking: Asking
    log: Log

    def round(self, number: int) -> Round:
        """Give the records of that round to the log, and have the index follow."""
        self.log.append(records(number))
        with followed(self.settings) as follower:
            follower.catch_up()
        quads = self.held()
        return Round(
            number, quads, Pool(quads), self.asking, Oracle(quads, pairs_once=not self.settings.sparql_url)
        )

    def held(self) -> bytes:
        """What the index holds, as N-Quads."""
        with shown(self.settings) as seen:
            assert seen is not None
            return b"".join(
                triples.replace(b" .\n", f" <{graph}> .\n".encode()) for graph, triples in seen.graphs([])
            )

    def kept(self) -> bytes:
        """What the log holds, as N-Quads."""
        return b"".join(
            self.settings.site.quads(record.identifier, record.body)
            for record in self.log.live()
            if record.body is not None
        )

    def differences(self) -> list[str]:
        """What `sheaf verify` would say."""
        with shown(self.settings) as seen:
            assert seen is not None
            return [each.text for each in differences(self.log, self.settings.site, seen)]


@contextmanager
def archive(settings: Settings, folder: Path) -> Iterator[Archive]:
    with ExitStack() as stack:
        log = Log(settings.log_url)
        stack.callback(log.close)
        broker = open_broker(settings, folder, _LIMITS)
        stack.callback(broker.close)
        yield Archive(settings, Asking(settings, broker), log)
