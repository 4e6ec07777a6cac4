"""Changes records at a steady rate, and knows when each entry was there: what the index is behind, it can tell."""

import threading
import time
from dataclasses import dataclass, field

from repository.log import Log
from repository.model.records import Draft, Record
from repository.model.settings import Settings

RATE = 20
_BATCH = 2


@dataclass
class Writer:
    """Retitles records in turn. One batch of every `deletes` takes its records away, and the next turn brings them
    back; none does where that is 0."""

    settings: Settings
    stopped: threading.Event
    deletes: int = 25
    written: list[tuple[int, float]] = field(default_factory=list)
    changes: int = 0
    failure: str = ""

    def run(self) -> None:
        try:
            self._run()
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
            raise

    def _run(self) -> None:
        log = Log(self.settings.log_url)
        try:
            records = list(log.live())
            began = time.monotonic()
            while not self.stopped.is_set():
                turn = self.changes // _BATCH
                batch = [records[(self.changes + n) % len(records)] for n in range(_BATCH)]
                log.append([self._changed(record, turn) for record in batch])
                self.changes += _BATCH
                self.written.append((log.newest(), time.monotonic()))
                self.stopped.wait(max(0.0, self.changes / RATE - (time.monotonic() - began)))
        finally:
            log.close()

    def _changed(self, record: Record, turn: int) -> Draft:
        assert record.body is not None
        if self.deletes and turn % self.deletes == 0:
            return Draft(record.identifier, None, source=record.source)
        body = record.body.replace(b'terms/title> "', f'terms/title> "{turn} '.encode(), 1)
        return Draft(record.identifier, body, record.sets, record.formats, record.source)

    def behind(self, seq: int) -> float:
        """How long ago the first entry was written that an index at `seq` does not have; 0 where it has all."""
        while self.written and self.written[0][0] <= seq:
            self.written.pop(0)
        return time.monotonic() - self.written[0][1] if self.written else 0.0
