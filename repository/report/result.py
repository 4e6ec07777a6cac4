"""What a report is: plain frozen values, and their JSON. Nothing is computed here."""

import json
import types
import typing
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

from repository.model.errors import SheafError

# Raise it when a field changes: a kept report of another version is made anew.
VERSION = 1


class ReportError(SheafError):
    """A report that cannot be made or read."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the SELECT that lists what was counted."""

    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the completeness tables: `label` stands in a heading, `lacking` in "12 without <lacking>"."""

    name: str
    label: str
    lacking: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """A group of works (all, of a type, of a series), and how many of them lack each field, in fields' order.

    `name` is a type's name or a series' IRI.
    """

    name: str
    label: str
    works: Figure
    lacking: tuple[Figure, ...]

    def percent(self, column: int) -> int:
        """How many in a hundred works have a field: 100 only where none lacks it, 0 only where none has it."""
        lacking, works = self.lacking[column].count, self.works.count
        if lacking == 0:
            return 100
        return 0 if lacking >= works else min(max(round(100 - 100 * lacking / works), 1), 99)


@dataclass(frozen=True, slots=True)
class Completeness:
    """`series` are the largest ones only, of `all_series`."""

    fields: tuple[Field, ...]
    total: Coverage
    types: tuple[Coverage, ...]
    series: tuple[Coverage, ...]
    all_series: int


@dataclass(frozen=True, slots=True)
class Month:
    """`2026-01` and how many identifiers the log first kept in it."""

    month: str
    kept: int


@dataclass(frozen=True, slots=True)
class Group:
    """Records that look like one. `figure.query` lists them."""

    label: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Duplicates:
    """One way to find duplicates. `groups.query` lists all groups with their sizes; `largest` are the first."""

    name: str
    label: str
    groups: Figure
    works: int
    largest: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class DeadLinks:
    """Links of one predicate that lead to no record. `targets.query` lists the targets, most linked first;
    `most` are the first of them, each with the query that lists who links to it."""

    predicate: str
    label: str
    targets: Figure
    links: int
    most: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A constraint of the profile that is not kept. `what` says it in words; `nodes.query` lists the failing."""

    shape: str
    path: str
    component: str
    severity: str
    what: str
    nodes: Figure


@dataclass(frozen=True, slots=True)
class Conformance:
    """How many constraints were checked, which are broken, and how many records break one."""

    constraints: int
    records: Figure
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """As of the log's entry `seq`; `made` in seconds since 1970. A section that was not asked for is None."""

    version: int
    seq: int
    made: int
    seconds: float
    base: str
    completeness: Completeness | None = None
    growth: tuple[Month, ...] | None = None
    duplicates: tuple[Duplicates, ...] | None = None
    dead_ends: tuple[DeadLinks, ...] | None = None
    shapes: Conformance | None = None


def as_json(report: Report) -> bytes:
    return json.dumps(asdict(report), ensure_ascii=False).encode("utf-8", "replace")


def from_json(text: bytes) -> Report:
    """Raises ReportError for what is no report of this version."""
    try:
        values = json.loads(text)
        if values["version"] != VERSION:
            raise ReportError(f"the report has version {values['version']!r}, this Sheaf makes {VERSION}")
        report = _build(Report, values)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReportError(f"this is no report: {error!r}") from None
    if not isinstance(report, Report):
        raise ReportError("this is no report")
    return report


def _build(kind: Any, value: Any) -> Any:
    """A value of a type out of its JSON: dataclasses, tuples, unions with None, and plain values."""
    if isinstance(kind, types.UnionType):
        kind = next(each for each in typing.get_args(kind) if each is not type(None))
        return None if value is None else _build(kind, value)
    if typing.get_origin(kind) is tuple:
        return tuple(_build(typing.get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{field.name: _build(hints[field.name], value[field.name]) for field in fields(kind)})  # type: ignore[operator]
    if kind is float and isinstance(value, int):
        return float(value)
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
