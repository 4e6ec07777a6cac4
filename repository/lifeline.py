"""What each process of ours does to itself before anything else: it dies with its parent, and keeps its heaps small.

Nothing of ours is imported here, for nothing may come before it. [m] Orphaned workers kept the port and answered beside
new ones.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
# mallopt(3): M_ARENA_MAX
_ARENA_MAX, _ARENAS = -8, 2


def die_with(parent: int) -> None:
    """Have this process killed as soon as its parent, which has this id, is gone. Call it before anything else.

    On Linux the thread of the parent that started us counts: it must be one that stays.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # The parent may have died between our start and the line above.
    if os.getppid() != parent:
        os._exit(1)


def share_heaps() -> None:
    """Have threads share two heaps.

    Else each gets one of its own (glibc: up to 8 a core), which takes 64 MiB of address space and keeps the most that
    it ever needed; with the interpreter's lock they would hardly be used at the same time.
    """
    # Only glibc knows the word, and only glibc needs it.
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
