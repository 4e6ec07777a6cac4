"""How fast the machine is while something is measured: one fixed piece of work, again and again, in a process beside.

A virtual machine may be half again as fast in one hour as in another, and a million is measured an hour after the
smaller sizes. What a piece takes of CPU tells how much of a difference is the machine's.
"""

import json
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from tests.bench import processes

# A piece takes some 3 ms, so that it disturbs by a fiftieth or so.
_EVERY_SECONDS = 0.15
_WORDS = [f"word{n * 7919 % 10_007}" for n in range(1000)]
# Fewer say too little of a moment: then it is waited for more.
_ENOUGH = 5
_LONGEST_SECONDS = 30.0


def piece() -> float:
    """Milliseconds of CPU that it took: texts, dictionaries, JSON and compression, as Sheaf's own work is."""
    began = time.thread_time()
    counted: dict[str, int] = {}
    for word in _WORDS:
        counted[word[:6]] = counted.get(word[:6], 0) + len(word)
    text = json.dumps({word: [len(word), word.upper()] for word in sorted(_WORDS)})
    packed = zlib.compress(text.encode(), 1)
    json.loads(zlib.decompress(packed))
    return (time.thread_time() - began) * 1e3


class Pace:
    """Milliseconds for a piece, the median of each stretch that has a name; `take` gives and forgets them."""

    def __init__(self) -> None:
        self._pieces: list[float] = []
        self._found: dict[str, float] = {}

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        """All that goes on within is of this stretch."""
        before = len(self._pieces)
        yield
        end = time.monotonic() + _LONGEST_SECONDS
        while len(self._pieces) < before + _ENOUGH:
            if time.monotonic() > end:
                raise RuntimeError("the process that measures the pace of the machine has stopped")
            time.sleep(_EVERY_SECONDS)
        self._found[name] = median(self._pieces[before:])

    def take(self) -> dict[str, float]:
        found, self._found = self._found, {}
        return {name: float(f"{ms:.3g}") for name, ms in found.items()}

    def hear(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._pieces.append(float(line))


@contextmanager
def measuring() -> Iterator[Pace]:
    pace = Pace()
    command = [sys.executable, "-m", "tests.bench.scale.pace"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=processes.ROOT) as process:
        listener = threading.Thread(target=pace.hear, args=(process,), daemon=True)
        listener.start()
        try:
            yield pace
        finally:
            process.terminate()


def main() -> None:
    while True:
        # A reader that has gone ends it.
        print(piece(), flush=True)
        time.sleep(_EVERY_SECONDS)


if __name__ == "__main__":
    main()
