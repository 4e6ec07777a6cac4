"""`python -m tests.hostile`: slow and hostile clients at the whole chain; the exit status is 1 where a promise is
broken."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.hostile.chain import chain
from tests.hostile.run import all_rows, table

PROMISED_MS = 500


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description="Slow clients, and a probe.")
    parser.add_argument("--seconds", type=float, default=15, metavar="N", help="for each crowd; default: 15")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sheaf-hostile-") as folder, chain(Path(folder)) as whole:
        rows = []
        for row in all_rows(whole, options.seconds):
            print(f"{row.crowd}, {row.way}: {row.probed}", file=sys.stderr, flush=True)
            rows.append(row)
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{options.seconds:g} s each, {os.cpu_count()} cores, load {load}\n\n{table(rows)}\n")
    broken = [
        row
        for row in rows
        if row.way == "nginx" and (row.failed or row.probed.at(0.99) * 1000 >= PROMISED_MS)
    ]
    for row in broken:
        print(f"BROKEN: {row.crowd}: {row.probed}; {'; '.join(row.probed.wrong[:3])}")
    if not broken:
        print(f"behind nginx nothing failed, and 99 of 100 answers came within {PROMISED_MS} ms")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
