"""Snapshots of the embedded store: which one is current, who still reads which, and which may go.

A reader holds a shared lock on a snapshot's lock file while it has it open; only what nobody holds is removed. No
store is opened here.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from repository import crash
from repository.index.index import Position

# The current one and the one before: whoever looked just before the change still finds what it saw.
KEPT = 2
_NAME = re.compile(r"snapshot-\d+(?:\.\d+)?")
_CURRENT = "current.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole copy of the store as it was at a position; `made` is in seconds since 1970. `kept` of the newest, at
    least, stay while this is the current one."""

    folder: Path
    position: Position
    made: float
    kept: int = KEPT


def current(folder: Path) -> Snapshot | None:
    """The newest whole snapshot of an index folder; None where there is none, or what is there cannot be read."""
    try:
        kept = json.loads((folder / _CURRENT).read_text("utf-8"))
        snapshot = Snapshot(
            folder / kept["folder"],
            Position(**kept["position"]),
            float(kept["made"]),
            int(kept.get("kept", KEPT)),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return snapshot if snapshot.folder.is_dir() else None


def is_lost(folder: Path) -> bool:
    """Whether something is named the current one, and cannot be read or is not there."""
    return (folder / _CURRENT).exists() and current(folder) is None


def publish(
    folder: Path, position: Position, made: float, copy: Callable[[Path], None], *, kept: int = KEPT
) -> Snapshot:
    """Have `copy` make a snapshot in a new folder, then name it the current one, in one step that a power failure
    leaves done or undone. Older ones that nobody reads are removed."""
    path = _free(folder, f"snapshot-{position.seq}")
    building = folder / f"building-{path.name}"
    shutil.rmtree(building, ignore_errors=True)
    copy(building)
    crash.point("snapshot.copied")
    building.rename(path)
    crash.point("snapshot.renamed")
    snapshot = Snapshot(path, position, made, kept)
    _write(folder / _CURRENT, {"folder": path.name, "position": asdict(position), "made": made, "kept": kept})
    crash.point("snapshot.named")
    clean(folder)
    return snapshot


def files(folder: Path) -> frozenset[tuple[str, int, int]]:
    """(name, inode, bytes) of each file of statements in a store or a snapshot, which share what neither changed."""
    found = set()
    with os.scandir(folder) as there:
        for each in there:
            # RocksDB removes them meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if each.name.endswith(".sst"):
                    status = each.stat()
                    found.add((each.name, status.st_ino, status.st_size))
    return frozenset(found)


def forget(folder: Path) -> None:
    """There is no current snapshot any more; open ones stay until their readers are done."""
    (folder / _CURRENT).unlink(missing_ok=True)


def clean(folder: Path) -> None:
    """Remove half-made snapshots, and those beyond those to be kept that nobody reads."""
    for half in folder.glob("building-*"):
        shutil.rmtree(half, ignore_errors=True)
    there = [path for path in folder.iterdir() if path.is_dir() and _NAME.fullmatch(path.name)]
    newest = current(folder)
    there.sort(key=lambda path: (newest is not None and path == newest.folder, path.stat().st_ctime_ns))
    for path in there[: -max(1, newest.kept if newest else KEPT)]:
        _remove(path)
    for lock in folder.glob("snapshot-*.lock"):
        if not lock.with_suffix("").is_dir():
            lock.unlink(missing_ok=True)


def lease(folder: Path) -> int:
    """A descriptor that keeps a snapshot from being removed until it is closed.

    Raises FileNotFoundError where the snapshot is gone already: ask for the current one again.
    """
    held = os.open(f"{folder}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
        if not folder.is_dir():
            raise FileNotFoundError(f"the snapshot {folder} is gone")
    except BaseException:
        os.close(held)
        raise
    return held


def _remove(path: Path) -> None:
    held = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    else:
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(held)


def _free(folder: Path, name: str) -> Path:
    """`name`, or `name.1` and on: an index that was rebuilt comes to the same entry again."""
    path, number = folder / name, 0
    while path.exists():
        number += 1
        path = folder / f"{name}.{number}"
    return path


def _write(path: Path, value: object) -> None:
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    parent = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
