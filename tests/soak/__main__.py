"""`python -m tests.soak`: mixed load for minutes; the exit status is 1 where a promise is broken."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.run import soak
from tests.soak.verdict import complaints, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Mixed load on a real service.")
    parser.add_argument("--minutes", type=float, default=10, metavar="N", help="default: 10")
    parser.add_argument("--records", type=int, default=2000, metavar="N", help="default: 2000")
    parser.add_argument("--folder", type=Path, help="leave the data in this new folder")
    options = parser.parse_args()
    if not Path("/proc/self/smaps_rollup").exists():
        parser.error("looking at other processes needs /proc, as Linux has it")
    folder = options.folder or Path(tempfile.mkdtemp(prefix="sheaf-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = soak(folder.resolve(), options.minutes * 60, options.records, _tell)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{options.minutes:g} minutes, {options.records} records, {os.cpu_count()} cores, load {load}\n")
    print(table(found))
    broken = list(complaints(found))
    print("\n" + "\n".join(f"BROKEN: {each}" for each in broken) if broken else "\nevery promise held")
    return 1 if broken else 0


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
