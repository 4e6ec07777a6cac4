"""Progress on stderr: a bar on a terminal, a plain line every few seconds elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

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
