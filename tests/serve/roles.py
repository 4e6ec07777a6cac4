"""What children and applications of our own do, each in a process of the family. Imports little: it counts."""

import errno
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from repository.lifeline import tell_begun
from repository.model.errors import SheafError
from repository.model.settings import Settings


def wait(settings: Settings) -> None:
    """What a good child does: nothing after SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    signal.sigwait([signal.SIGTERM])


def brood(settings: Settings) -> None:
    """A child with a child, as the broker is."""
    die = "from repository.lifeline import die_with; die_with(int(sys.argv[1]))"
    code = f"import sys, time; {die}; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(os.getpid())]) as process:
        wait(settings)
        process.kill()


def fall(settings: Settings) -> None:
    with (settings.data / "fallen").open("a") as file:
        file.write("x")
    sys.exit(3)


def refuse(settings: Settings) -> None:
    with (settings.data / "asked").open("a") as file:
        file.write("x")
    raise SheafError("there is no engine at http://engine.example")


def barred(settings: Settings) -> None:
    raise PermissionError(errno.EACCES, "Permission denied", str(settings.data / "index" / "follower.lock"))


def cling(settings: Settings) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (settings.data / "clinging").touch()
    time.sleep(60)


def unready(settings: Settings) -> Callable[..., Iterable[bytes]]:
    """An application that lives, and is not ready."""

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        alive = environ["PATH_INFO"] == "/healthz"
        start_response("200 OK" if alive else "503 Service Unavailable", [("Content-Length", "2")])
        return [b"ok"]

    return answer


def slow(settings: Settings) -> Callable[..., Iterable[bytes]]:
    """An application whose answers to /N begin at once, take N seconds, and say which process gave them."""

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        seconds = environ["PATH_INFO"].removeprefix("/")
        yield f"{os.getpid()}\n".encode()
        if seconds.isdigit():
            time.sleep(int(seconds))
        yield b"whole\n"

    return answer


def settled(settings: Settings) -> Callable[..., Iterable[bytes]]:
    """An application that tells whether what it was made of is out of the collector's way."""
    made: list[object] = [[]]

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        young = any(each is made for each in gc.get_objects())
        return [b"in its way" if young else b"settled"]

    return answer


def clerk(settings: Settings) -> None:
    """A child that is succeeded as the broker is, by one that can begin while there is no file `closed`."""
    if (settings.data / "closed").exists():
        raise SheafError("it is closed")
    left: list[int] = []
    signal.signal(signal.SIGHUP, lambda number, _: left.append(number))
    (settings.data / "clerk").write_text(settings.repository_name)
    tell_begun()
    while not left:
        time.sleep(0.1)


def late(settings: Settings) -> None:
    """A child that is succeeded as the broker is, and never comes to begin."""
    (settings.data / f"late-{settings.repository_name}").touch()
    wait(settings)


def failing(settings: Settings) -> Callable[..., Iterable[bytes]]:
    """An application with a fault beside what answers for faults."""

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/fault":
            raise ValueError("a fault")
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    return answer


def while_good(settings: Settings) -> Callable[..., Iterable[bytes]]:
    """An application that is ready, and can be made as long as there is a file `good` in the data folder."""
    if not (settings.data / "good").exists():
        raise SheafError("good is gone")

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    return answer
