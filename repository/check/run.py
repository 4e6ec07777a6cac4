"""Runs all rows against one repository. A fault of a row is the tool's own and stops no other row."""

import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from repository.check.answer import Answer
from repository.check.client import Client, GaveUpError, Limits, UnreachableError
from repository.check.dates import SECOND, moment, written
from repository.check.exchange import Exchange
from repository.check.probe import Probe, Sight
from repository.check.row import Ask, Look, Row
from repository.check.rows import ROWS
from repository.check.schemas import Schemas
from repository.check.sheet import Sheet, SkippedError

ALL = frozenset(row.id for row in ROWS)
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """All sheets in the order of the table."""

    url: str
    began: datetime
    seconds: float
    requests: int
    walked: int
    rows: tuple[tuple[Row, Sheet], ...]


@dataclass(slots=True)
class _Run:
    rows: tuple[Row, ...]
    sheets: dict[str, Sheet] = field(init=False)

    def __post_init__(self) -> None:
        self.sheets = {row.id: Sheet() for row in self.rows}

    def look(self, sight: Sight) -> None:
        for row in self.rows:
            if row.look is not None and not self.sheets[row.id].broken:
                self._try(row, partial(_looked, row.look, sight))

    def ask(self, row: Row, probe: Probe) -> None:
        if row.ask is not None and not self.sheets[row.id].broken:
            self._try(row, partial(_asked, row.ask, probe))

    def _try(self, row: Row, step: Callable[[Sheet], None]) -> None:
        sheet = self.sheets[row.id]
        try:
            step(sheet)
        except SkippedError as reason:
            sheet.skipped = str(reason)
        except GaveUpError:
            raise
        except Exception as error:  # a row must not end the run, whatever a server made it meet
            sheet.broken = f"{type(error).__name__}: {error}"


def check(
    url: str,
    limits: Limits,
    *,
    chosen_set: str = "",
    prefix: str = "",
    headers: Mapping[str, str] | None = None,
    schemas: Schemas | None = None,
    only: Container[str] = ALL,
    tell: Tell = lambda requests, rows: None,
) -> Report:
    """Raises UnreachableError where nobody answers the first request.

    `only`: ids of the rows to try. `tell` gets (requests, rows) so far.
    """
    began, clock = datetime.now(UTC), time.monotonic()
    run = _Run(tuple(row for row in ROWS if row.id in only))
    with Client(url, limits, headers or {}, _nothing) as client:
        probe = Probe(client, limits, url, chosen_set, prefix, run.look, schemas=schemas)
        client.witness = probe.witness
        _first(probe)
        for done, row in enumerate(sorted(run.rows, key=lambda row: row.late)):
            tell(client.requests, done)
            run.ask(row, probe)
        walked = len({header.identifier for walk in probe.walks for header in walk.headers})
        return Report(
            url,
            began,
            time.monotonic() - clock,
            client.requests,
            walked,
            tuple((row, run.sheets[row.id]) for row in run.rows),
        )


def _first(probe: Probe) -> None:
    """What every other answer is judged by comes first."""
    try:
        answer = probe.identify
        if not answer.exchange.answered:
            raise UnreachableError(f"{probe.url} cannot be reached: {answer.exchange.problem}")
        probe.began = _beginning(answer)
        _ = probe.formats, probe.sets, probe.records, probe.identifiers
    except SkippedError as stop:
        if not probe.began:
            raise UnreachableError(f"{probe.url} cannot be reached: {stop}") from None


def _beginning(answer: Answer) -> str:
    """When the run began, by the repository's clock where that can be believed."""
    told, ours = moment(answer.response_date, SECOND), answer.exchange.received
    return written(told if told and abs(told - ours) < timedelta(minutes=5) else ours, SECOND)


def _looked(look: Look, sight: Sight, sheet: Sheet) -> None:
    look(sheet, sight)


def _asked(ask: Ask, probe: Probe, sheet: Sheet) -> None:
    ask(sheet, probe)


def _nothing(_: Exchange) -> None:
    pass
