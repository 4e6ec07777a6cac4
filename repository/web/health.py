"""Is it alive, is it ready: what load balancers, supervisors and people ask. Each part of the house has a line.

Nothing is mended here.
"""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from repository.assembly import House
from repository.model.errors import LogError
from repository.web.http import NEVER_KEEP, Reply
from repository.web.negotiation import Offer, choose

# An index that is further behind than this is no longer what `ready` promises.
BEHIND_SECONDS = 60


# Below this a whole batch may not find room.
LOW_BYTES = 256 << 20

# Records that cannot be shown are looked at, so many at most: whoever balances the load asks each second.
_MOST_BROKEN = 500

# Whether a part holds, and what is to be said of it.
Part = tuple[bool, str]

_OFFERS = (Offer("text", "text/plain"), Offer("json", "application/json"))


@dataclass(frozen=True, slots=True)
class Health:
    house: House

    def alive(self) -> Reply:
        """200 from every worker that can answer at all, whatever its data."""
        return Reply(lambda: b"alive\n", "text/plain", cache=NEVER_KEEP, tagged=False)

    def ready(self) -> Reply:
        """200 where every part answers, else 503: a line for each part, or JSON for whoever wants that."""
        log, newest = self._log()
        parts = {
            "log": log,
            "oai": self._oai(),
            "index": self._index(),
            "sparql": self._sparql(),
            "search": self._search(newest),
            "disk": self._disk(),
        }
        good = all(held for held, _ in parts.values())
        wanted = choose(request.environ.get("HTTP_ACCEPT"), _OFFERS) or _OFFERS[0]
        body = (_as_json if wanted.name == "json" else _as_text)(good, newest, parts)
        return Reply(
            lambda: body,
            wanted.media_type,
            status=200 if good else 503,
            cache=NEVER_KEEP,
            tagged=False,
            negotiated=True,
            retry_after=0 if good else 2,
        )

    def _log(self) -> tuple[Part, int]:
        try:
            newest = self.house.log.newest()
        except LogError as error:
            return (False, str(error)), 0
        return (True, f"at entry {newest}"), newest

    def _disk(self) -> Part:
        """Told, and no reason to send readers elsewhere: whatever is read can be read on a full disk."""
        try:
            free = shutil.disk_usage(self.house.settings.data).free
        except OSError as error:
            return True, f"cannot be asked: {error.strerror}"
        low = "; nothing can be written soon" if free < LOW_BYTES else ""
        return True, f"{free >> 20} MiB free{low}"

    def _oai(self) -> Part:
        """Records that were skipped on pages: a maintainer's matter, harvesters get all others."""
        found = self.house.chunks.broken(_MOST_BROKEN) if self.house.chunks else set()
        try:
            with self.house.log.read() as reading:
                kept = {r.identifier: r.seq for r in reading.many([each.identifier for _, each in found])}
        except LogError:
            kept = {}
        broken = sum(kept.get(each.identifier) == seq for seq, each in found)
        names = "record cannot" if broken == 1 else "records cannot"
        least = "at least " if len(found) == _MOST_BROKEN else ""
        return (
            True,
            f"{least}{broken} {names} be shown; sheaf verify names them" if broken else "answering",
        )

    def _index(self) -> Part:
        source = self.house.index()
        if source is None:
            return (
                False,
                "there is none yet under this base URL; it is being made, or cannot be reached",
            )
        try:
            lag = self.house.log.lag(source.seq)
        except LogError:
            return False, f"at entry {source.seq}"
        if source.seq > lag.newest:
            # Another host, whose replica is further, may follow for all.
            if self.house.settings.database_read_url:
                return True, f"at entry {source.seq}, further than the replica that is read here"
            return False, f"at entry {source.seq}, of another log than this; it is being made anew"
        if not lag.entries or lag.since is None:
            return True, f"at entry {source.seq}"
        seconds = max(0, int(time.time()) - lag.since)
        text = f"at entry {source.seq}, behind by {lag.entries} entries and {seconds} s"
        return seconds <= BEHIND_SECONDS, text

    def _search(self, newest: int) -> Part:
        """Told, and no reason to send readers elsewhere: all but /search answers without it."""
        if self.house.settings.search != "yes":
            return True, "switched off"
        position = self.house.search.position()
        if position is None:
            return True, "there is no index yet; it is being made"
        behind = max(0, newest - position.seq)
        return True, f"at entry {position.seq}" + (f", behind by {behind} entries" if behind else "")

    def _sparql(self) -> Part:
        if self.house.sparql_alive():
            return True, "answering"
        return False, "not answering; it is just starting, or was stopped"


def _as_text(good: bool, newest: int, parts: Mapping[str, Part]) -> bytes:
    first = f"ready {newest}" if good else "not ready"
    return "\n".join([first, *(f"{name}: {text}" for name, (_, text) in parts.items()), ""]).encode()


def _as_json(good: bool, newest: int, parts: Mapping[str, Part]) -> bytes:
    told = {name: {"ready": held, "text": text} for name, (held, text) in parts.items()}
    return json.dumps({"ready": good, "entry": newest, "parts": told}, indent=1).encode() + b"\n"
