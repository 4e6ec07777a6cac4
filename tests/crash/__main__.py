"""`python -m tests.crash`: kills processes at every point many times; the exit status is 1 where a promise broke."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.run import crash


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, metavar="N", help="at each point; default: 20")
    parser.add_argument("--minutes", type=float, default=600, metavar="N", help="end then, whatever is left")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--folder", type=Path, help="leave the data in this new folder")
    options = parser.parse_args()
    if not Path("/proc/self/stat").exists():
        parser.error("looking at other processes needs /proc, as Linux has it")
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="sheaf-crash-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    try:
        tally = crash(
            folder,
            options.kills,
            lambda text: print(text, file=sys.stderr),
            seed=options.seed,
            until=began + options.minutes * 60,
        )
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    minutes = (time.monotonic() - began) / 60
    print(f"\n{options.kills} kills wanted at each point, {minutes:.0f} minutes, {os.cpu_count()} cores\n")
    print(tally.table())
    wrong = list(tally.complaints())
    print("\n" + "\n".join(f"BROKEN: {each}" for each in wrong) if wrong else "\nevery promise held")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
