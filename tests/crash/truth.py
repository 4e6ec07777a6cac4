"""What must hold after every kill: the log is whole and has what it acknowledged, and every projection equals it."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from repository.assembly import House, opened
from repository.catalogue import Catalogue, catalogue_place
from repository.dump import counts_place
from repository.dump import differences as differences_of_dumps
from repository.index.compare import differences
from repository.index.opening import shown
from repository.log import Log
from repository.model.settings import Settings
from repository.oai.compare import differences as differences_of_chunks
from repository.search.compare import compared
from tests.crash.writer import batch
from tests.serve.service import eventually

_CATCH_UP_SECONDS = 240


def lost_or_torn(log: Log, acknowledged: int) -> tuple[int, int]:
    """(records older than what was acknowledged, batches of which a part is there): of the writer that was killed.

    The turn after the acknowledged one may be there too, whole: its writer died before it could say so.
    """
    for turn in (acknowledged, acknowledged + 1):
        there = {draft.identifier: log.get(draft.identifier) for draft in batch(turn)}
        if all((kept := there[each.identifier]) and kept.body == each.body for each in batch(turn)):
            return 0, 0
    newer = {each.identifier: each.body for each in batch(acknowledged + 1)}
    old = 0
    for each in batch(acknowledged):
        kept = log.get(each.identifier)
        old += kept is None or kept.body not in (each.body, newer[each.identifier])
    return old, int(old == 0)


def faults(house: House) -> list[str]:
    return [f"log: {fault.place}: {fault.name}: {fault.text}" for fault in house.log.verify()]


def caught_up(settings: Settings) -> bool:
    """Waits until every projection is at the log's newest entry; whether it comes to that."""
    with opened(settings, read_only=True) as house:

        def is_there() -> bool:
            newest, source = house.log.newest(), house.index()
            position = house.search.position()
            return (
                source is not None
                and source.seq == newest
                and position is not None
                and position.seq == newest
                and not house.catalogue.behind()
            )

        return eventually(is_there, _CATCH_UP_SECONDS)


def unequal(house: House) -> Iterator[str]:
    """Every difference between the log and what was made of it, as `sheaf verify` finds them, and of the lists."""
    settings, log = house.settings, house.log
    with shown(settings) as index:
        if index is None:
            yield "index: there is none"
        else:
            for each in differences(log, house.site, index):
                yield f"index: {each.identifier}: {each.text}"
    search = compared(settings.search_folder)
    if search is None:
        yield "search: there is no index"
    else:
        for found in search.differences(log):
            yield f"search: {found.identifier}: {found.text}"
    if house.chunks:
        for rendered in differences_of_chunks(log, settings, house.chunks):
            yield f"oai: {rendered.identifier}: {rendered.text}"
    yield from differences_of_dumps(log, counts_place(settings.data), settings.dumps_folder)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "catalogue.sqlite"
        fresh = Catalogue(made, log)
        try:
            fresh.catch_up(10**9)
        finally:
            fresh.close()
        kept, wanted = catalogue_place(settings.data), _lists(made)
        if _lists(kept) != wanted:
            yield "catalogue: its lists are not what the log gives"


_LISTS = (
    "SELECT identifier, entry FROM record ORDER BY identifier",
    "SELECT name, n FROM shelf WHERE n > 0 ORDER BY name",
    "SELECT key, name, person, n FROM name ORDER BY key, name, person",
    "SELECT shelf.name, row.key, record.identifier FROM row JOIN shelf ON shelf.number = row.shelf"
    " JOIN record ON record.number = row.record ORDER BY 1, 2, 3",
)


def _lists(path: Path) -> list[object]:
    """All that stands in a catalogue, without the numbers that tables are joined by."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return [connection.execute(query).fetchall() for query in _LISTS]
