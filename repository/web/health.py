"""Is it alive, is it ready: what load balancers, supervisors and people ask. Each part of the house has a line.

Nothing is mended here.
"""

import time
from dataclasses import dataclass

from repository.assembly import House
from repository.model.errors import LogError
from repository.web.http import NEVER_KEEP, Reply

# An index that is further behind than this is no longer what `ready` promises.
BEHIND_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Health:
    house: House

    def alive(self) -> Reply:
        """200 from every worker that can answer at all, whatever its data."""
        return Reply(lambda: b"alive\n", "text/plain", cache=NEVER_KEEP, tagged=False)

    def ready(self) -> Reply:
        """200 where every part answers, else 503; the text has a line for each part and says which is behind."""
        log, newest = self._log()
        parts = [log, self._oai(), self._index(newest), self._sparql(), self._search(newest)]
        good = all(held for held, _ in parts)
        first = f"ready {newest}" if good else "not ready"
        text = "\n".join([first, *(line for _, line in parts), ""])
        status = 200 if good else 503
        return Reply(
            lambda: text.encode(),
            "text/plain",
            status=status,
            cache=NEVER_KEEP,
            tagged=False,
            retry_after=0 if good else 2,
        )

    def _log(self) -> tuple[tuple[bool, str], int]:
        try:
            newest = self.house.log.newest()
        except LogError as error:
            return (False, f"log: {error}"), 0
        return (True, f"log: at entry {newest}"), newest

    def _oai(self) -> tuple[bool, str]:
        """Records that were skipped on pages: a maintainer's matter, harvesters get all others."""
        found = self.house.chunks.broken() if self.house.chunks else set()
        try:
            with self.house.log.read() as reading:
                kept = {r.identifier: r.seq for r in reading.many([each.identifier for _, each in found])}
        except LogError:
            kept = {}
        broken = sum(kept.get(each.identifier) == seq for seq, each in found)
        names = "record cannot" if broken == 1 else "records cannot"
        return (
            True,
            f"oai: {broken} {names} be shown; sheaf verify names them" if broken else "oai: answering",
        )

    def _index(self, newest: int) -> tuple[bool, str]:
        source = self.house.index()
        if source is None:
            return (
                False,
                "index: there is none yet under this base URL; it is being made, or cannot be reached",
            )
        if source.seq > newest:
            return False, f"index: at entry {source.seq}, of another log than this; it is being made anew"
        try:
            lag = self.house.log.lag(source.seq)
        except LogError:
            return False, f"index: at entry {source.seq}"
        if not lag.entries or lag.since is None:
            return True, f"index: at entry {source.seq}"
        seconds = max(0, int(time.time()) - lag.since)
        text = f"index: at entry {source.seq}, behind by {lag.entries} entries and {seconds} s"
        return seconds <= BEHIND_SECONDS, text

    def _search(self, newest: int) -> tuple[bool, str]:
        """Told, and no reason to send readers elsewhere: all but /search answers without it."""
        if self.house.settings.search != "yes":
            return True, "search: switched off"
        position = self.house.search.position()
        if position is None:
            return True, "search: there is no index yet; it is being made"
        behind = max(0, newest - position.seq)
        return True, f"search: at entry {position.seq}" + (f", behind by {behind} entries" if behind else "")

    def _sparql(self) -> tuple[bool, str]:
        if self.house.sparql_alive():
            return True, "sparql: answering"
        return False, "sparql: not answering; it is just starting, or was stopped"
