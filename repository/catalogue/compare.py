"""The lists that are kept against those that the log gives now. Finds; mends nothing."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from repository.catalogue.catalogue import Catalogue
from repository.log import Log
from repository.model.errors import LogError, ProjectionError

# So often the two are brought to one entry of a log that others write.
_TRIES = 50
_ROOM = "; where there is no room for temporary files, TMPDIR names a folder that has some"
# What stands there, without the numbers by which tables are joined: {what it is called: query}.
_STANDING = {
    "record {0}": "SELECT identifier, entry FROM {0}.record",
    "{1} on the list {0}": (
        "SELECT shelf.name, record.identifier, row.key FROM {0}.row LEFT JOIN {0}.shelf ON shelf.number = row.shelf"
        " LEFT JOIN {0}.record ON record.number = row.record"
    ),
    "the number of records on the list {0}": "SELECT name, n FROM {0}.shelf WHERE n > 0",
    "the name {2}": "SELECT key, person, name, n FROM {0}.name",
}


def differences(path: Path, log: Log, tell: Callable[[int], None] = lambda entries: None) -> Iterator[str]:
    """What stands wrong, in words; nothing where there are no lists yet. `tell` hears to which entry they were made
    anew. Raises ProjectionError where they cannot be compared.

    A copy is looked at, so readers and whoever follows go on; both are temporary files of the size of the lists.
    """
    if not path.exists():
        return
    with tempfile.TemporaryDirectory(prefix="sheaf-lists-") as folder:
        kept, made = Path(folder) / "kept.sqlite", Path(folder) / "made.sqlite"
        if fault := _copied(path, kept):
            yield f"the file is damaged: {fault}"
            return
        try:
            with closing(Catalogue(kept, log)) as one, closing(Catalogue(made, log)) as other:
                _bring_to_one(one, other, tell)
            yield from _compared(kept, made)
        except (LogError, sqlite3.OperationalError) as error:
            raise ProjectionError(f"the lists cannot be compared: {error}{_ROOM}") from error


def _copied(path: Path, to: Path) -> str:
    """Copy it as it is at one moment; what is wrong with the file itself."""
    try:
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            source.backup(copy)
            found = str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
            return "" if found == "ok" else found
    except sqlite3.OperationalError as error:
        raise ProjectionError(
            f"the lists at {path} cannot be copied to be compared: {error}{_ROOM}"
        ) from error
    except sqlite3.DatabaseError as error:
        return str(error)


def _bring_to_one(one: Catalogue, other: Catalogue, tell: Callable[[int], None]) -> None:
    """To one entry of the log: what the copy has not yet is no fault, for whoever reads the lists takes it in."""
    for _ in range(_TRIES):
        for each in (other, one):
            each.finish(tell)
        if one.position() == other.position():
            return
    raise ProjectionError("so much is written that the lists cannot be compared; ask again when less is")


def _compared(kept: Path, made: Path) -> Iterator[str]:
    with closing(sqlite3.connect(kept)) as both:
        both.execute("ATTACH ? AS made", (str(made),))
        for called, query in _STANDING.items():
            told = set[str]()
            for first, second in (("main", "made"), ("made", "main")):
                for row in both.execute(f"{query.format(first)} EXCEPT {query.format(second)}"):
                    told.add(called.format(*row))
            yield from (f"{each} is not as the log has it" for each in sorted(told))
