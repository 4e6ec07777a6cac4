"""What is kept in chunks against what the log gives now, record by record. Finds; mends nothing."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from repository.formats import OAI_FORMATS
from repository.log import Log
from repository.model.records import Selection
from repository.model.settings import Settings
from repository.oai.chunk import Chunk
from repository.oai.chunks import Chunks, Place
from repository.oai.runs import place_of
from repository.oai.show import Show


class Difference(NamedTuple):
    """A record whose kept text is not what would be rendered now, or that cannot be rendered."""

    identifier: str
    text: str


def differences(
    log: Log, settings: Settings, store: Chunks, tell: Callable[[int], None] = lambda checked: None
) -> Iterator[Difference]:
    """Every kept record that a list would show, shown anew. `tell` hears how many chunks were compared."""
    shows: dict[Place, Show] = {}
    for checked, (place, chunk) in enumerate(store.kept(), 1):
        if place not in shows:
            shows |= _shows(log, settings, place.list)
        # What else is there, other settings or an older version left; it is never shown.
        if show := shows.get(place):
            yield from _of_chunk(log, show, chunk)
        tell(checked)


def _shows(log: Log, settings: Settings, set_id: int) -> dict[Place, Show]:
    """Every way in which records of a list are shown."""
    with log.read() as reading:
        chosen = reading.set_spec(set_id) if set_id else None
    ways = [
        Show(settings.site, settings.metadata_licence, form, whole, chosen)
        for form in OAI_FORMATS
        for whole in (True, False)
    ]
    return {place_of(show, set_id): show for show in ways}


def _of_chunk(log: Log, show: Show, chunk: Chunk) -> Iterator[Difference]:
    first, last = chunk.seqs[0], chunk.seqs[-1]
    with log.read() as reading:
        page = reading.page(
            Selection(set=show.chosen),
            show.form.listing,
            after=first - 1,
            limit=len(chunk.seqs),
            bodies=show.whole,
        )
        listed = [record for record in page.items if record.seq <= last]
        expected = show.texts(reading, listed)
    kept = dict(chunk.texts())
    for record, text in zip(listed, expected, strict=True):
        if not text:
            yield Difference(
                record.identifier, f"cannot be given as {show.form.name}; the log on stderr says why"
            )
        elif record.seq in kept and kept[record.seq] != text:
            yield Difference(record.identifier, f"is kept in another form than {show.form.name} has now")
