"""One run of a source at a time; a killed one leaves no lock."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from repository.alone import alone as held
from repository.model.errors import SheafError


class BusyError(SheafError):
    """Another run of the same source is at work."""


def alone(folder: Path, name: str) -> AbstractContextManager[Callable[[], bool]]:
    return held(folder / "lock", BusyError(f"{name} is being mirrored already; let that end first"))
