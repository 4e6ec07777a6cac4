"""Progress on stderr: a bar on a terminal, a plain line every few seconds elsewhere."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

_PLAIN_SECONDS = 5.0


@contextmanager
def progress(label: str, total: int | None, unit: str = "records") -> Iterator[Callable[[int, int], None]]:
    """A function to call with (done, records so far); `total` is of what `done` counts, None if unknown.

    `unit`: what is counted, where it is no records.
    """
    began = time.monotonic()
    if not sys.stderr.isatty():
        yield _plain(label, total, began, unit)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task(label, total=total, rate="")

        def tell(done: int, records: int) -> None:
            bar.update(task, completed=done, rate=_rate(records, began, unit))

        yield tell


@contextmanager
def progress_of_bytes(
    label: str, total: int, *, as_json: bool = False
) -> Iterator[Callable[[int, int], None]]:
    """A function to call with (bytes read, records so far), of `total` bytes: rate and time left are told.

    With `as_json` each telling is an object on stderr, whether that is a terminal or not.
    """
    began = time.monotonic()
    if as_json or not sys.stderr.isatty():
        yield _lines_of_bytes(label, total, began, as_json)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns, TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task(label, total=total, rate="")
        yield lambda read, records: bar.update(task, completed=read, rate=_rate(records, began, "records"))


def _lines_of_bytes(label: str, total: int, began: float, as_json: bool) -> Callable[[int, int], None]:
    last = began

    def tell(read: int, records: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _PLAIN_SECONDS:
            return
        last = now
        rate = records / (now - began)
        left = (now - began) * (total - read) / read if read else None
        if as_json:
            row: dict[str, float | None] = {"read": read, "total": total, "records": records}
            row |= {"per_second": round(rate, 1), "seconds_left": None if left is None else round(left)}
            click.echo(json.dumps({"progress": row}), err=True)
            return
        of = f"{read / 1e6:.1f} of {total / 1e6:.1f} MB"
        end = "" if left is None else f", about {_duration(left)} left"
        click.echo(f"{label}: {of}, {records} records, {rate:.0f}/s{end}", err=True)

    return tell


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _plain(label: str, total: int | None, began: float, unit: str) -> Callable[[int, int], None]:
    last = began

    def tell(done: int, records: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _PLAIN_SECONDS:
            last = time.monotonic()
            of = f" of {total}" if total is not None else ""
            click.echo(f"{label}: {done}{of}, {_rate(records, began, unit)}", err=True)

    return tell


def _rate(records: int, began: float, unit: str) -> str:
    return f"{records} {unit}, {records / max(time.monotonic() - began, 0.001):.0f}/s"
