"""Replies that were made a moment ago, kept until anything is written to the log.

Whoever asks again, or asks whether what they have is still right, costs no look at a record. Nothing here can be stale:
what is kept goes at the first write of anybody.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import cache
from threading import Lock

from cachetools import LRUCache

from repository.web.http import Reply

# With the body of each: some thirty megabytes at the most.
_MOST = 1500
_LARGEST = 16_384


class Kept:
    """Shared by the threads of a worker. `state` is another number after any write (Log.state)."""

    def __init__(self, state: Callable[[], int]) -> None:
        self._state, self._seen = state, -1
        self._replies: LRUCache[Hashable, Reply] = LRUCache(_MOST)
        self._lock = Lock()

    def reply(self, key: Hashable, make: Callable[[], Reply]) -> Reply:
        """The reply under a key, which holds everything of the request that decides it; what is raised is not kept."""
        # Before the record is read: what is written meanwhile changes the number, and the reply is not kept for it.
        state = self._state()
        with self._lock:
            if state != self._seen:
                self._replies.clear()
                self._seen = state
            found = self._replies.get(key)
        if found is None:
            found = _lasting(make())
            with self._lock:
                if state == self._seen:
                    self._replies[key] = found
        return found


def _lasting(reply: Reply) -> Reply:
    """The same reply, whose body and links are made once."""
    links = reply.links
    return replace(
        reply, write=_once(reply.write), links=cache(lambda: tuple(links())) if callable(links) else links
    )


def _once(write: Callable[[], bytes]) -> Callable[[], bytes]:
    kept: list[bytes] = []

    def written() -> bytes:
        if kept:
            return kept[0]
        body = write()
        if len(body) <= _LARGEST:
            kept.append(body)
        return body

    return written
