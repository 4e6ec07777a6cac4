"""Asking the broker: what web workers and commands call. One connection a question."""

import socket
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from repository.sparql import wire
from repository.sparql.question import Answer, QueryError, Question

# Beyond the deadline: the queue, the killing of a worker, the result on its way.
_GRACE_SECONDS = 5.0
# A broker may be about to start, as our own process has been, or the next one where one was reached a moment ago: so
# long it is waited for, by so many at a time, as they hold threads that pages need. Where there is none it is not.
_PATIENCE_SECONDS = 5.0
_RECENT_SECONDS = 10.0
_patient = threading.BoundedSemaphore(8)
_GLANCE_SECONDS = 0.05
_began = time.monotonic()
_reached: dict[Path, float] = {}


def ask(path: Path, question: Question, seconds: float) -> Answer:
    """The broker's answer. `seconds` is the deadline that it has.

    Raises QueryError, and RuntimeError where the fault is ours.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout((question.seconds or seconds) + _GRACE_SECONDS)
            _reach(connection, path)
            wire.send(connection, asdict(question))
            head = wire.receive(connection)
            if "reason" in head:
                raise QueryError(head["reason"], head["message"], head["retry_after"])
            if "failed" in head:
                raise RuntimeError(f"the broker failed, and its log says how: {head['failed']}")
            size = head.pop("size")
            return Answer(wire.read(connection, size), **head)
    except TimeoutError:
        raise QueryError("busy", "the SPARQL service did not answer in time", retry_after=5) from None
    except OSError as error:
        raise QueryError(
            "absent",
            f"the SPARQL service is not running or just starting ({error.strerror or error})",
            retry_after=2,
        ) from None


def _reach(connection: socket.socket, path: Path) -> None:
    """Connect; raises OSError where nobody came to listen in time."""
    recent = time.monotonic() - _reached.get(path, _began) < _RECENT_SECONDS
    patient = recent and _patient.acquire(blocking=False)
    until = time.monotonic() + (_PATIENCE_SECONDS if patient else 0)
    try:
        while True:
            try:
                with wire.address(path) as address:
                    connection.connect(address)
                _reached[path] = time.monotonic()
                return
            except (ConnectionRefusedError, FileNotFoundError):
                if time.monotonic() >= until:
                    raise
            time.sleep(_GLANCE_SECONDS)
    finally:
        if patient:
            _patient.release()


def alive(path: Path) -> bool:
    """Whether a broker answers there within a second."""
    return _told(path, wire.PING) == wire.PING


def counts(path: Path) -> dict[str, int]:
    """What the broker there has counted since it began; nothing where none answers within a second."""
    return {name: int(number) for name, number in _told(path, wire.COUNTS).items()}


def _told(path: Path, head: dict[str, Any]) -> dict[str, Any]:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            with wire.address(path) as address:
                connection.connect(address)
            wire.send(connection, head)
            return wire.receive(connection)
    except OSError:
        return {}
