"""A quality report as plain lines for a terminal, numbers aligned. Nothing is computed here."""

import re
import textwrap
from collections.abc import Iterator

from repository.report import Report
from repository.report.result import Completeness, Conformance, Coverage, DeadLinks, Duplicates, Figure, Month

_NAME = 44
# Texts of records are shown, never obeyed by a terminal.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def lines(report: Report, *, queries: bool) -> Iterator[str]:
    """The sections that the report has. With `queries` each number is followed by its query."""
    text = _Text(queries)
    if report.completeness:
        yield from text.completeness(report.completeness)
    if report.growth is not None:
        yield from text.growth(report.growth)
    for kind in report.duplicates or ():
        yield from text.duplicates(kind)
    if report.dead_ends is not None:
        yield from text.dead_ends(report.dead_ends)
    if report.shapes:
        yield from text.shapes(report.shapes)


class _Text:
    def __init__(self, queries: bool) -> None:
        self._queries = queries

    def completeness(self, found: Completeness) -> Iterator[str]:
        yield f"Completeness of {found.total.works.count:,} works"
        yield from self._query(found.total.works)
        for n, (field, figure) in enumerate(zip(found.fields, found.total.lacking, strict=True)):
            yield f"  {field.label:<{_NAME}} {found.total.percent(n):>8} %  {figure.count:>12,} without"
            yield from self._query(figure)
        for heading, rows in (("type", found.types), ("series, the largest", found.series)):
            yield ""
            yield f"Completeness by {heading}: percent of the works that have the field"
            yield f"  {'':<{_NAME}} {'works':>10}" + "".join(f"  {f.label}" for f in found.fields)
            for row in rows:
                yield from self._row(row, found)
        yield ""

    def _row(self, row: Coverage, found: Completeness) -> Iterator[str]:
        cells = (f"  {row.percent(n):>{len(field.label)}}" for n, field in enumerate(found.fields))
        yield f"  {_cut(row.label):<{_NAME}} {row.works.count:>10,}" + "".join(cells)
        if self._queries:
            for field, figure in zip(found.fields, row.lacking, strict=True):
                yield f"    {figure.count:,} without {field.lacking}"
                yield from self._query(figure)

    def growth(self, months: tuple[Month, ...]) -> Iterator[str]:
        yield "Growth: identifiers by the month of their first entry in the log"
        for each in months:
            yield f"  {each.month:<{_NAME}} {each.kept:>10,}"
        yield ""

    def duplicates(self, kind: Duplicates) -> Iterator[str]:
        yield f"Duplicates, {kind.label}; groups: {kind.groups.count:,}, works in them: {kind.works:,}"
        yield from self._query(kind.groups)
        yield from self._figures((group.label, group.figure) for group in kind.largest)
        yield ""

    def dead_ends(self, found: tuple[DeadLinks, ...]) -> Iterator[str]:
        yield "Links to things of ours that no record describes" + ("" if found else ": none")
        for links in found:
            yield f"{links.label}; things: {links.targets.count:,}, links to them: {links.links:,}"
            yield from self._query(links.targets)
            yield from self._figures((group.label, group.figure) for group in links.most)
        yield ""

    def shapes(self, found: Conformance) -> Iterator[str]:
        yield f"The profile; records that break one of its {found.constraints} constraints: {found.records.count:,}"
        yield from self._query(found.records)
        yield from self._figures(
            (f"{failure.path} {failure.what} ({failure.severity.lower()})".strip(), failure.nodes)
            for failure in found.failures
        )

    def _figures(self, figures: Iterator[tuple[str, Figure]]) -> Iterator[str]:
        for label, figure in figures:
            yield f"  {figure.count:>10,}  {_CONTROL.sub('�', label)}"
            yield from self._query(figure)

    def _query(self, figure: Figure) -> Iterator[str]:
        if self._queries:
            yield textwrap.indent(figure.query.rstrip(), "      ")


def _cut(label: str) -> str:
    clean = _CONTROL.sub("�", label)
    return clean if len(clean) <= _NAME else clean[: _NAME - 3] + "..."
