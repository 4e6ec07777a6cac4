"""Numbers as people read them, and tables of Markdown."""

import math
from collections.abc import Iterable, Iterator, Sequence


def number(value: float) -> str:
    """Three digits that count: 12,346 -> 12,300, 0.01234 -> 0.0123."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(0, places)}f}"


def size(value: float) -> str:
    """Bytes in powers of a thousand."""
    for unit, name in ((1e12, "TB"), (1e9, "GB")):
        if value >= unit:
            return f"{number(value / unit)} {name}"
    return f"{number(value / 1e6)} MB"


def duration(seconds: float) -> str:
    for unit, name in ((86400 * 2, "days"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{number(seconds / min(unit, 86400))} {name}"
    return f"{number(seconds)} s"


def memory(mebibytes: float) -> str:
    return f"{number(mebibytes / 1024)} GiB" if mebibytes >= 1024 else f"{number(mebibytes)} MiB"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], mark: str = "-") -> Iterator[str]:
    """`mark` "-": the columns that follow the words are numbers, set to the right."""
    yield f"| {' | '.join(heads)} |"
    yield "|---|" + ("---:|" if mark else "---|") * (len(heads) - 1)
    for row in rows:
        yield f"| {' | '.join(cell.strip() for cell in row)} |"
