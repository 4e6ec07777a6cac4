"""What each process of ours does to itself before anything else: it dies with its parent, and keeps its heaps small;
and how it tells the parent that it has begun.

Nothing of ours is imported here, for nothing may come before it. [m] Orphaned workers kept the port and answered beside
new ones.
"""

import contextlib
import ctypes
import gc
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
# mallopt(3): M_ARENA_MAX, and M_MMAP_THRESHOLD in bytes.
_ARENA_MAX, _ARENAS = -8, 2
_MMAP_THRESHOLD, _LARGE = -3, 256 * 1024
# In the pipe in which a child of the service would say why it cannot begin.
BEGUN = b"\x06"

_pipe = -1


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


def keep_heaps_small() -> None:
    """Have threads share two heaps, and give large pieces of memory back as soon as they are free.

    Else each thread gets a heap of its own (glibc: up to 8 a core), which takes 64 MiB of address space and keeps the
    most that it ever needed; with the interpreter's lock they would hardly be used at the same time. And glibc would
    learn from the first page of a list that was freed to take the next ones, of a megabyte or two, from those heaps.
    """
    # Only glibc knows the word, and only glibc needs it.
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, _ARENAS)
        mallopt(_MMAP_THRESHOLD, _LARGE)


def collect_rarely() -> None:
    """Look for circles of garbage after many more new objects than usual: for work that makes few, and much else.

    [m] Of an ingest it took a twelfth of the time, of making a search index a seventh.
    """
    gc.set_threshold(50_000, 20, 20)


def settle() -> None:
    """For a process that is about to do its work: what is there now stays, and no search for circles of garbage goes
    through it again. There are fewer of these, too.

    [m] They took a sixth of the time of an answer of the search, and one in a hundred answers waited 80 ms for the
    search through everything that was loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def tell_begun_in(pipe: int) -> None:
    """The pipe for `tell_begun`, in this process and in those that it forks."""
    global _pipe
    _pipe = pipe


def tell_begun() -> None:
    """From now on this process does its work. Where nobody wants to know, nothing happens."""
    # The parent's end may be gone.
    with contextlib.suppress(OSError):
        os.write(_pipe, BEGUN)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
