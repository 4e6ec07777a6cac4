"""The broker's socket: takes questions from web workers and commands, and sends answers. Answering is not done here."""

import os
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from repository import crash
from repository.sparql import wire
from repository.sparql.broker import Broker
from repository.sparql.question import QueryError, Question

# Connections answered at a time; more are told to come back.
_CONNECTIONS = 64
# A question is here, or its asker is gone, within this time.
_SILENCE_SECONDS = 10.0
# Whoever leaves has so long for the answers that it owes.
_FINISH_SECONDS = 30.0
_GLANCE_SECONDS = 0.1


class BrokerServer(socketserver.ThreadingUnixStreamServer):
    """The broker behind a Unix socket that only this user may connect to."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, broker: Broker) -> None:
        self.broker = broker
        self._open, self._counting, self._closed = 0, threading.Lock(), False
        self.places = threading.BoundedSemaphore(_CONNECTIONS)
        # Listens before it has its name, which one that leaves may have until then: nobody finds the door closed.
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            with wire.address(new) as address:
                super().__init__(address, _Handler)
        finally:
            os.umask(before)
        new.replace(path)

    def finish(self, stopped: Callable[[float], bool]) -> None:
        """Take no more questions, and answer those that there are, unless `stopped(seconds)` says to end."""
        self.shutdown()
        self.server_close()
        until = time.monotonic() + _FINISH_SECONDS
        while self._open and time.monotonic() < until:
            if stopped(_GLANCE_SECONDS):
                return

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._counting:
            self._open += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._counting:
            self._open -= 1

    def server_close(self) -> None:
        self._closed = True
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A web worker that went away needs no answer. While this process ends, all that a question needs ends
        # before it: whoever asked is told, and there is nothing to mend.
        if not isinstance(sys.exception(), OSError) and not self._closed:
            super().handle_error(request, client_address)


class _Handler(socketserver.BaseRequestHandler):
    server: BrokerServer
    request: socket.socket

    def handle(self) -> None:
        if not self.server.places.acquire(blocking=False):
            self._refuse(QueryError("busy", "too many questions at a time", retry_after=2))
            return
        try:
            self._answer()
        except QueryError as error:
            self._refuse(error)
        except OSError:
            # Whoever asked has gone away.
            raise
        except Exception as error:
            with suppress(OSError):
                wire.send(self.request, {"failed": f"{type(error).__name__}: {error}"})
            raise
        finally:
            self.server.places.release()

    def _answer(self) -> None:
        self.request.settimeout(_SILENCE_SECONDS)
        head = wire.receive(self.request)
        if head == wire.PING:
            wire.send(self.request, head)
            return
        if head == wire.COUNTS:
            wire.send(self.request, self.server.broker.counts())
            return
        for name in ("default_graphs", "named_graphs"):
            head[name] = tuple(head[name])
        answer, file = self.server.broker.answer(Question(**head))
        crash.point("broker.answered")
        with file:
            about = asdict(answer)
            del about["body"]
            wire.send(self.request, {**about, "size": os.fstat(file.fileno()).st_size})
            self.request.sendfile(file)

    def _refuse(self, error: QueryError) -> None:
        with suppress(OSError):
            wire.send(
                self.request,
                {"reason": error.reason, "message": error.message, "retry_after": error.retry_after},
            )
