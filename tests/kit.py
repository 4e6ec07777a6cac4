"""What several rooms' tests need: a clock of their own, drafts to keep, and where the official schemas are."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository.formats import oai_prefixes
from repository.model.lens import write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.work import Person, Text, Work

START = 1_780_000_000


@dataclass
class Clock:
    """Seconds since 1970, moved by hand."""

    now: float = START

    def __call__(self) -> float:
        return self.now


def shared() -> Path:
    """The folder with real data and official schemas; the test is skipped where it is absent."""
    folder = Path(os.environ.get("TEST_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs real data and schemas in {folder} (set TEST_SHARED)")
    return folder


def work(name: str | int, title: str = "A title", **values: object) -> Work:
    fields: dict[str, object] = {
        "type": "article",
        "title": Text(title),
        "creators": (Person("Ada Garden"),),
        "issued": "2020",
        "jel": ("I11",),
        "part_of": ("RePEc:xxx:joujou",),
        "host": "Journal of Tests",
    }
    return Work(identifier=f"RePEc:xxx:joujou:{name}", **(fields | values))  # type: ignore[arg-type]


def draft(name: str | int, title: str = "A title", **values: object) -> Draft:
    """A draft as ingest makes it; `sets`, `formats` and `private` may be given instead."""
    chosen = {key: values.pop(key) for key in ("sets", "formats", "private", "source") if key in values}
    made = work(name, title, **values)
    defaults = {"sets": sets_of(made), "formats": oai_prefixes(made)}
    return Draft(made.identifier, write_work(made), **(defaults | chosen))  # type: ignore[arg-type]


def removal(name: str | int, successor: str | None = None) -> Draft:
    return Draft(f"RePEc:xxx:joujou:{name}", None, successor=successor)


def needs(program: str) -> str:
    """Where a program of the system is. Without it the test is skipped, or fails where the machine promised it."""
    path = shutil.which(program)
    if path:
        return path
    reason = f"needs {program}, which is not installed on this machine"
    if os.environ.get("TEST_SERVICES") == "required":
        pytest.fail(f"{reason}, though TEST_SERVICES says that it must be")
    pytest.skip(reason)
