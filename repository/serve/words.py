"""How the service tells people what became of its processes."""

import contextlib
import signal

from repository.telling import say

__all__ = ["announce", "how_it_ended", "say"]


def announce(text: str) -> None:
    """One line of good news, on stdout."""
    # Nobody may be listening any more; that stops nothing.
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)  # noqa: T201


def how_it_ended(code: int) -> str:
    """What an exit code of subprocess or multiprocessing means: minus a signal, or a status."""
    if code >= 0:
        return f"ended with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "a real-time one"
    return f"was ended by signal {-code} ({name})"
