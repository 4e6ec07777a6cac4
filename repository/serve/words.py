"""How the service tells people what became of its processes."""

import contextlib
import signal
import sys
from typing import TextIO


def say(text: str) -> None:
    """One line of trouble, on stderr."""
    _print(f"sheaf: {text}", sys.stderr)


def announce(text: str) -> None:
    """One line of good news, on stdout."""
    _print(text, sys.stdout)


def _print(line: str, file: TextIO) -> None:
    # Nobody may be listening any more; that stops nothing.
    with contextlib.suppress(OSError, ValueError):
        print(line, file=file, flush=True)


def how_it_ended(code: int) -> str:
    """What an exit code of subprocess or multiprocessing means: minus a signal, or a status."""
    if code >= 0:
        return f"ended with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "a real-time one"
    return f"was ended by signal {-code} ({name})"
