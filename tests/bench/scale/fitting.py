"""A curve of two coefficients through measured points, and what it says of other sizes. Arithmetic only.

Squares of relative errors are made small, so that a small size counts as much as a large one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Points = Sequence[tuple[float, float]]
# linear: fixed + each * N.  sorted: fixed + each * N log10 N.  log: fixed + each * log10 N.  bounded: the most that
# was seen.
Shape = Literal["linear", "sorted", "log", "bounded"]

_ACROSS: dict[Shape, Callable[[float], float]] = {
    "linear": float,
    "sorted": lambda records: records * math.log10(records),
    "log": math.log10,
    "bounded": float,
}


@dataclass(frozen=True, slots=True)
class Fit:
    shape: Shape
    fixed: float
    each: float

    def __call__(self, records: float) -> float:
        return self.fixed + self.each * _ACROSS[self.shape](records)


@dataclass(frozen=True, slots=True)
class Check:
    """What the smaller sizes say of the largest, and what was measured there."""

    smaller: tuple[int, ...]
    largest: int
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """In parts of what was measured; below 0 where more was measured."""
        return self.predicted / self.measured - 1


def fit(shape: Shape, points: Points) -> Fit:
    """The curve through two points, or next to more. Raises ValueError for fewer than two sizes.

    What seems to shrink as records grow is taken to stay as it is: so small a fall is noise, and would come to nothing
    and below at a hundred million.
    """
    if len({x for x, _ in points}) < 2:
        raise ValueError("a curve needs two sizes")
    if shape == "bounded":
        return Fit(shape, max(y for _, y in points), 0.0)
    fixed, each = _straight([(_ACROSS[shape](x), y, 1 / y**2) for x, y in points])
    # The level with the smallest relative error.
    level = sum(1 / y for _, y in points) / sum(1 / y**2 for _, y in points)
    return Fit(shape, fixed, each) if each > 0 else Fit(shape, level, 0.0)


def _straight(points: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Where the line of least weighted squares begins, and how it rises; points are (x, y, weight)."""
    weight = sum(w for _, _, w in points)
    middle = sum(w * x for x, _, w in points) / weight
    level = sum(w * y for _, y, w in points) / weight
    rise = sum(w * (x - middle) * (y - level) for x, y, w in points)
    rise /= sum(w * (x - middle) ** 2 for x, _, w in points)
    return level - rise * middle, rise


def check(shape: Shape, points: Points) -> Check | None:
    """The largest size from all smaller ones; None with fewer than three sizes."""
    if len(points) < 3:
        return None
    *smaller, (largest, measured) = sorted(points)
    sizes = tuple(int(x) for x, _ in smaller)
    return Check(sizes, int(largest), fit(shape, smaller)(largest), measured)
