"""A writer that is to be killed: `python -m tests.crash.writer URL TURN STOP` rewrites ten records again and again.

Each batch is of one turn, and its number is printed when the log has acknowledged it. It ends by itself when the file
STOP is gone.
"""

import sys
import time
from pathlib import Path

from repository.log import Log
from repository.model.records import Draft
from tests.kit import draft

RECORDS = 10
_TURNS = 2000


def named(n: int) -> str:
    return f"turned{n}"


def batch(turn: int) -> list[Draft]:
    """All ten as they are in a turn. Every third turn one of them is deleted, and comes back in the next."""
    made = [draft(named(n), f"Turn {turn}") for n in range(RECORDS)]
    if turn % 3 == 0:
        made[-1] = Draft(made[-1].identifier, None)
    return made


def main(url: str, turn: str, stop: str) -> None:
    log = Log(url)
    try:
        for number in range(int(turn), int(turn) + _TURNS):
            log.append(batch(number))
            print(number, flush=True)
            if not Path(stop).exists():
                return
            time.sleep(0.01)
    finally:
        log.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
