"""From one source to what is to be kept and told: the part of a run that workers do side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

from repository.ingest.drafting import Drafting
from repository.ingest.hosts import is_series
from repository.model.errors import LogError, SheafError, SourceError
from repository.model.records import Draft
from repository.model.work import Work
from repository.readers import reader_named
from repository.readers.reader import Finding, Item, Source, of_refused


@dataclass(frozen=True, slots=True)
class Task:
    """A source to read. `hosts`: True wants series alone, False everything else, None everything."""

    reader: str
    source: Source
    place: str
    hosts: bool | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What became of an item. `draft` is None where it was refused; `fault` is a finding that refuses it.

    `series` is the work where it is one; `lacking` the item where its series is not known yet.
    """

    identifier: str
    line: int
    findings: tuple[Finding, ...]
    draft: Draft | None = None
    fault: Finding | None = None
    series: Work | None = None
    lacking: Item | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The source could not be read any further, and why."""

    code: str
    text: str


Result = Made | Finding | Unreadable


def results(task: Task, drafting: Drafting) -> Iterator[Result]:
    """In the order of the source. Raises LogError alone: whatever else goes wrong is a result."""
    reader = reader_named(task.reader)
    assert reader is not None  # noqa: S101  # The name comes from `READERS`.
    try:
        for found in reader.read(task.source):
            if isinstance(found, Finding):
                yield found
            elif task.hosts is None or task.hosts == _is_host(found):
                yield made(found, task, drafting)
    except LogError:
        raise
    except (SourceError, OSError, MemoryError, RecursionError) as error:
        # MemoryError is pyoxigraph's word for one token of more than 16 MiB, and that of a worker's limit.
        yield Unreadable("unreadable-file", str(getattr(error, "strerror", None) or error or repr(error)))
    except Exception as error:
        yield Unreadable("internal-error", f"a fault of Sheaf itself: {error!r}; please report it")


def made(item: Item, task: Task, drafting: Drafting) -> Made:
    if item.content is None:
        return Made(item.identifier, item.line, item.findings)
    content = item.content
    place = f"{task.place}:{item.line}" if item.line else task.place
    try:
        draft, work = drafting.draft(item, content, place, agent="sheaf ingest", reader=task.reader)
        lacking = item if isinstance(content, Work) and drafting.lacks_series(content) else None
    except LogError:
        # No fault of the record: the run ends, and the next one keeps it.
        raise
    except SheafError as error:
        return _faulty(item, "impossible-record", str(error))
    except Exception as error:
        # Any failure of ours keeps the record's name and lets the run go on.
        return _faulty(item, "internal-error", f"a fault of Sheaf itself: {error!r}; please report it")
    series = work if is_series(work) else None
    return Made(item.identifier, item.line, item.findings, draft, None, series, lacking)


def _faulty(item: Item, code: str, text: str) -> Made:
    fault = Finding("error", code, item.line, text, "record refused", item.identifier)
    return Made(item.identifier, item.line, of_refused(item.findings), fault=fault)


def _is_host(item: Item) -> bool:
    return isinstance(item.content, Work) and is_series(item.content)
