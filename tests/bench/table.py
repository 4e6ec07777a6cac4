"""One line of the table: what was measured, what is owed and wanted, whether it is met; and how that is printed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Better = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Row:
    """`owed` and `wanted` are in the unit of `value`; without `owed` the row is for orientation only."""

    what: str
    value: float
    shown: str
    owed: float | None = None
    wanted: float | None = None
    better: Better = "more"
    unit: str = ""
    note: str = ""

    @property
    def met(self) -> str:
        if self.owed is None:
            return ""
        if self.wanted is not None and self._reaches(self.wanted):
            return "wanted"
        return "owed" if self._reaches(self.owed) else "NOT MET"

    def _reaches(self, bound: float) -> bool:
        return self.value >= bound if self.better == "more" else self.value <= bound

    @property
    def budget(self) -> str:
        if self.owed is None:
            return ""
        sign = "" if self.better == "more" else "<= "
        aim = f" -> {_number(self.wanted)}" if self.wanted is not None else ""
        return f"{sign}{_number(self.owed)}{aim}{self.unit}"

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def rendered(rows: Iterable[Row]) -> str:
    """A table of plain text, with numbered notes below."""
    notes: list[str] = []
    cells = [("what", "measured", "owed -> wanted", "met")]
    for row in rows:
        mark = ""
        if row.note:
            if row.note not in notes:
                notes.append(row.note)
            mark = f" [{notes.index(row.note) + 1}]"
        cells.append((row.what + mark, row.shown, row.budget, row.met))
    widths = [max(len(line[n]) for line in cells) for n in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines += ["", *(f"[{n}] {note}" for n, note in enumerate(notes, 1))]
    return "\n".join(line.rstrip() for line in lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:g}"
