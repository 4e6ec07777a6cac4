"""How the service tells people what became of its processes."""

import signal

from repository.telling import announce, say

__all__ = ["announce", "how_it_ended", "say"]


def how_it_ended(code: int) -> str:
    """What an exit code of subprocess or multiprocessing means: minus a signal, or a status."""
    if code >= 0:
        return f"ended with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "a real-time one"
    return f"was ended by signal {-code} ({name})"
