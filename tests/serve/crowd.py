"""Readers and writers who go on asking while a service is replaced, each from its own address; and what was lost."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from repository.assembly import opened
from repository.log import hashed_secret, make_token
from repository.model.settings import make_settings
from tests.web.conftest import ARTICLE

# Below what nginx lets one address have.
_PAUSE_SECONDS = 0.06
# A client that keeps connections drops one before the server does: after 5 s without a request.
_IDLE_SECONDS = 3.0
_REDIF = "Template-Type: ReDIF-Paper 1.0\nTitle: Number {0}\nAuthor-Name: Ann Other\nHandle: {1}\n"
_COUNT = "/sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn{})%20%7B%3Fs%20%3Fp%20%3Fo%7D"
# Each is asked by one who keeps the connection and by one who takes a new one each time. None may come from a cache.
_PATHS = {
    "record": f"/record/{ARTICLE}?{{}}",
    "list": "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "query": _COUNT,
    "put": "",
}


class Crowd:
    """`answered` counts by kind and way; in `lost` are the requests that got no whole answer, or one that says no."""

    def __init__(self, port: int, token: str) -> None:
        self.answered: Counter[str] = Counter()
        self.lost: list[str] = []
        self._port, self._token, self._over = port, token, threading.Event()
        ways = [(kind, way) for kind in _PATHS for way in ("kept", "fresh")]
        self._clients = [
            threading.Thread(target=self._ask_on, args=(number, *way)) for number, way in enumerate(ways, 2)
        ]

    def everyone_has(self, more: int, before: "Counter[str] | None" = None) -> bool:
        """Whether each got so many answers, or so many since it was `before`."""
        now = self.answered - (before or Counter())
        return all(now[f"{kind}, {way}"] >= more for kind in _PATHS for way in ("kept", "fresh"))

    @contextmanager
    def asking(self) -> Iterator[None]:
        for client in self._clients:
            client.start()
        try:
            yield
        finally:
            self._over.set()
            for client in self._clients:
                client.join()

    def _ask_on(self, number: int, kind: str, way: str) -> None:
        connection, last, count = self._connection(number), 0.0, 0
        while not self._over.wait(_PAUSE_SECONDS):
            count += 1
            if way == "fresh" or time.monotonic() - last > _IDLE_SECONDS:
                connection.close()
                connection = self._connection(number)
            used = connection.sock is not None
            try:
                status = self._ask(connection, kind, way, count)
            except (OSError, HTTPException) as error:
                self.lost.append(f"{kind}, {way}: {error!r} ({'again' if used else 'first'})")
                connection.close()
                continue
            last = time.monotonic()
            if status in (200, 201, 204):
                self.answered[f"{kind}, {way}"] += 1
            else:
                self.lost.append(f"{kind}, {way}: {status}")
        connection.close()

    def _connection(self, number: int) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._port, timeout=60, source_address=(f"127.0.1.{number}", 0))

    def _ask(self, connection: HTTPConnection, kind: str, way: str, count: int) -> int:
        headers = {"Connection": "close"} if way == "fresh" else {}
        if kind == "put":
            handle = f"RePEc:xxx:crowd:{way}"
            headers |= {"Authorization": f"Bearer {self._token}", "Content-Type": "application/x-redif"}
            connection.request("PUT", f"/record/{handle}", _REDIF.format(count, handle).encode(), headers)
        else:
            connection.request("GET", _PATHS[kind].format(count), headers=headers)
        reply = connection.getresponse()
        reply.read()
        return reply.status


def token_in(data: Path) -> str:
    """A token for whoever may write everything."""
    token, text = make_token("crowd", ["*"], ["write", "delete"], 0, None)
    with opened(make_settings({"data": str(data)})) as house:
        house.log.add_token(token, hashed_secret(text))
    return text
