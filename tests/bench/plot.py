"""Line charts as SVG, by hand: a few series over sizes, on axes of powers of ten. Numbers in, a document out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 480, 380
_LEFT, _RIGHT, _TOP, _FOOT = 88, 44, 34, 54
_LEGEND = 18
# Dark enough on white, light enough on black, and told apart by most colour-blind people (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #222 }
.title { font-weight: 600; font-size: 14px }
.rule { stroke: #ccc; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
.reckoned { fill: none; stroke-width: 1.5; stroke-dasharray: 2 5 }
.paper { fill: #fff }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .rule { stroke: #444 } .paper { fill: #161616 } }
"""


@dataclass(frozen=True, slots=True)
class Chart:
    """`series` are drawn in their order; a point with no value above 0 is left out.

    `reckoned`: for a series of that name, a dotted line without points.
    """

    title: str
    across: str
    series: Mapping[str, Points]
    reckoned: Mapping[str, Points] = field(default_factory=dict)


def svg(charts: Sequence[Chart], description: str, columns: int = 0) -> str:
    """The charts side by side, or so many in a row."""
    columns = columns or len(charts)
    legend = max(len(chart.series) for chart in charts) * _LEGEND
    width, row = _WIDTH * columns, _HEIGHT + legend
    height = row * math.ceil(len(charts) / columns)
    drawn = "".join(
        f'<g transform="translate({_WIDTH * (n % columns)} {row * (n // columns)})">{"".join(_drawn(chart))}</g>\n'
        for n, chart in enumerate(charts)
    )
    title = " / ".join(chart.title for chart in charts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">\n<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n'
        f'<style>{_STYLE}</style>\n<rect class="paper" width="{width}" height="{height}"/>\n{drawn}</svg>\n'
    )


def _drawn(chart: Chart) -> Iterator[str]:
    points = {name: [p for p in given if p[1] > 0] for name, given in chart.series.items()}
    reckoned = {name: [p for p in given if p[1] > 0] for name, given in chart.reckoned.items()}
    placed = [p for given in (*points.values(), *reckoned.values()) for p in given]
    xs = [x for x, _ in placed] or [1.0]
    ys = [y for _, y in placed] or [1.0]
    across = _Axis.around(xs, _LEFT, _WIDTH - _RIGHT)
    up = _Axis.around(ys, _HEIGHT - _FOOT, _TOP)
    yield f'<text class="title" x="{_LEFT}" y="18">{escape(chart.title)}</text>\n'
    for power in up.powers():
        y = up.place(10.0**power)
        yield f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{_number(10.0**power)}</text>\n'
    for power in across.powers():
        x = across.place(10.0**power)
        yield f'<line class="rule" x1="{x}" x2="{x}" y1="{_TOP}" y2="{_HEIGHT - _FOOT}"/>'
        yield f'<text x="{x}" y="{_HEIGHT - _FOOT + 16}" text-anchor="middle">{_number(10.0**power)}</text>\n'
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 20}" text-anchor="middle">{escape(chart.across)}</text>\n'
    for n, (name, given) in enumerate(points.items()):
        colour, y = _COLOURS[n % len(_COLOURS)], _HEIGHT + 8 + n * _LEGEND
        places = [(across.place(x), up.place(value)) for x, value in given]
        dotted = [(across.place(x), up.place(value)) for x, value in reckoned.get(name, ())]
        yield _line("reckoned", colour, dotted) if dotted else ""
        yield _line("line", colour, places)
        yield "".join(f'<circle cx="{a}" cy="{b}" r="3.5" fill="{colour}"/>' for a, b in places)
        yield f'<rect x="{_LEFT}" y="{y - 6}" width="16" height="4" fill="{colour}"/>'
        yield f'<text x="{_LEFT + 22}" y="{y}">{escape(name)}</text>\n'


def _line(kind: str, colour: str, places: Points) -> str:
    return f'<polyline class="{kind}" stroke="{colour}" points="{" ".join(f"{a},{b}" for a, b in places)}"/>'


@dataclass(frozen=True, slots=True)
class _Axis:
    """From 10**low at `begin` to 10**high at `end`."""

    low: int
    high: int
    begin: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], begin: float, end: float) -> "_Axis":
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return cls(low, max(high, low + 1), begin, end)

    def place(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    def powers(self) -> range:
        return range(self.low, self.high + 1)


def _number(value: float) -> str:
    """Of a million and more so short that labels have room beside each other."""
    for unit, name in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if value >= unit:
            return f"{value / unit:,.0f} {name}"
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
