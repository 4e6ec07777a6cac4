"""How web workers come to have equal parts of the work, though connections are not dealt out evenly among them.

All accept from one queue, and whoever is awake first takes a whole burst of connections: of eight readers that came
at once and stayed, one worker of two had all. Nobody can hand a connection on; but an answer may end it, and who asks
again is perhaps taken by another.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

# With two requests more than one that has none it is worth a new connection, some hundred microseconds; with more where
# both have some, for their numbers vary from one moment to the next.
_UNEVEN = 2


class Shares:
    """The requests that each worker is at, in memory that all of them see; `ready` is true of those that answer."""

    def __init__(self, at_work: Any, ready: Sequence[bool], number: int) -> None:
        self._at_work, self._ready, self._number = at_work, ready, number
        self._lock = threading.Lock()
        # Of whoever had this number before and was killed.
        at_work[number] = 0

    def counting(self, application: Any) -> Any:
        """The application; each request is in the count until it has its answer."""

        def answer(environ: Any, start_response: Any) -> Any:
            self._add(1)
            try:
                return application(environ, start_response)
            finally:
                self._add(-1)

        return answer

    def ends(self, environ: Mapping[str, Any]) -> bool:
        """Whether the answer to a request should end its connection, for whoever asked to come again elsewhere.

        Not of HTTP/1.0: granian adds a `keep-alive` to our `close`, and clients believe that.
        """
        return environ["SERVER_PROTOCOL"] == "HTTP/1.1" and self._uneven()

    def _uneven(self) -> bool:
        """Whether another worker that answers has so much less to do that a reader should go and try."""
        own = self._at_work[self._number]
        return own >= _UNEVEN and any(
            self._ready[n] and count + count // 2 + _UNEVEN <= own
            for n, count in enumerate(self._at_work)
            if n != self._number
        )

    def _add(self, one: int) -> None:
        with self._lock:
            self._at_work[self._number] += one
