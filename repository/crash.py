"""Points of the program at which a test may have its process killed, as by kill -9. Switched off they cost nothing.

Only tests set TEST_CRASH_POINTS, to a folder. Whoever reaches a point of which the folder has a file dies there, and
the file is gone; it has a byte for each time that the point is passed before. `make crash` does so.
"""

import fcntl
import os
import signal

_FOLDER = os.environ.get("TEST_CRASH_POINTS")


def point(name: str) -> None:
    """Die here, if a test says so."""
    if _FOLDER is not None:
        _reach(os.path.join(_FOLDER, name))


def _reach(path: str) -> None:
    try:
        with open(path, "r+b") as file:
            # Of many processes one dies, and none passes without being counted.
            fcntl.flock(file, fcntl.LOCK_EX)
            left = os.fstat(file.fileno()).st_size
            if left:
                file.truncate(left - 1)
                return
            os.unlink(path)
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
