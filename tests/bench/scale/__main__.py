"""`make growth`: measures each size, part by part, and writes docs/growth.* and docs/capacity.md anew.

What docs/growth.json has is not measured again (`--again` does). So a million can be measured another night, and a run
that was stopped goes on. With `--from-figures` nothing is measured: pages and plots are made of the figures.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench import harvest, processes, store
from tests.bench.growth import label
from tests.bench.scale import figures as kept_figures
from tests.bench.scale import pace, pages
from tests.bench.scale.figures import STRETCHES, Figures
from tests.bench.scale.measuring import PARTS, Run
from tests.bench.scale.pace import Pace

_SIZES = (10_000, 100_000, 1_000_000)


def measure(
    found: Figures,
    records: int,
    parts: Sequence[str],
    place: Path,
    folder: Path,
    options: argparse.Namespace,
    pace: Pace,
) -> None:
    """The parts of one size, each written as soon as it is there; `folder` is removed at the end."""
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {label(records)}: {text}", file=sys.stderr, flush=True)

    with pace.over("ingest"):
        used = store.kept(place, records, folder, tell, measured=True)
    run = Run(used, tell, pace, options.seconds, options.turns)
    size = found.of(records)
    for name in parts:
        about = processes.machine()
        values = PARTS[name](run)
        ended = str(processes.machine()["load"]).split("/")[0]
        paces = {stretch: ms for stretch, ms in pace.take().items() if stretch in STRETCHES[name]}
        size.about[name] = {**about, "load": f"{about['load']} to {ended}", "pace": paces}
        size.parts[name] = {key: float(f"{value:.6g}") for key, value in values.items()}
        kept_figures.write(found, options.docs / pages.FIGURES)
    tell("done")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, metavar="N")
    parser.add_argument("--stores", type=Path, metavar="PREFIX", help="keep the logs as PREFIX-10k ...")
    parser.add_argument(
        "--only", choices=tuple(PARTS), action="append", metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument("--again", action="store_true", help="measure what was measured before")
    parser.add_argument("--docs", type=Path, default=pages.DOCS, metavar="DIR", help="default: docs/")
    parser.add_argument("--from-figures", action="store_true", help="measure nothing")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each row in each turn")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args(arguments)
    if min(options.sizes) < 2 * harvest.POLLED:
        parser.error(f"--sizes must be at least {2 * harvest.POLLED}")
    found = kept_figures.read(options.docs / pages.FIGURES)
    if not options.from_figures:
        with pace.measuring() as paced:
            for records in options.sizes:
                _size(found, records, options, paced)
    pages.write(found, options.docs)


def _size(found: Figures, records: int, options: argparse.Namespace, paced: Pace) -> None:
    had = () if options.again else found.of(records).parts
    parts = [name for name in PARTS if name in (options.only or PARTS) and name not in had]
    if not parts:
        return
    folder = Path(tempfile.mkdtemp(prefix="sheaf-bench-"))
    place = Path(f"{options.stores}-{label(records)}") if options.stores else folder / "store"
    try:
        measure(found, records, parts, place, folder / "run", options, paced)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
