"""Records under other handles: the record as it is, told under its new identifier, and a tombstone that leads there.

Others that link to the old handle are left as they are; what they link to is found under both.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from repository.ingest.drafting import Drafting
from repository.log import Log
from repository.model import bodies
from repository.model.errors import SheafError
from repository.model.identifiers import normalise
from repository.model.ntriples import literal
from repository.model.records import Draft, Record
from repository.model.site import internal_identifier, internal_thing
from repository.model.terms import BIBO, DCTERMS, INTERNAL
from repository.readers.reader import Item

_OURS = re.compile(rf"<({re.escape(INTERNAL)}(?:id|record)/[^>#]*)(#[^>]*)?>")
_NAMED = (DCTERMS + "identifier", BIBO + "handle")
# A whole batch of the log: each record goes and comes in one transaction.
_TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Move:
    """One record's way. `merged`: there is a record at the new handle already, which stays as it is."""

    old: str
    new: str
    merged: bool = False


def moves_of_prefix(log: Log, old: str, new: str) -> Iterator[Move]:
    """Every live record whose identifier begins so, with the identifier that it would have."""
    for record in log.live():
        if record.identifier.startswith(old):
            to = normalise(new + record.identifier[len(old) :])
            yield Move(record.identifier, to, merged=_is_live(log.get(to)))


def move_of(log: Log, old: str, new: str) -> Move:
    """Raises SheafError where there is nothing to move, or where the way would go in a circle."""
    if not _is_live(log.get(old)):
        raise SheafError(f"{old} is no live record here: nothing to move")
    if old == new:
        raise SheafError(f"{old} is its own name already")
    return Move(old, new, merged=_is_live(log.get(new)))


def carry_out(log: Log, moves: list[Move], source: str, tell: Callable[[int], None]) -> int:
    """Move records, some in one transaction; how many went. `source` is noted as where the entries came from."""
    names = {move.old: move.new for move in moves}
    drafting, done = Drafting(log), 0
    for start in range(0, len(moves), _TOGETHER):
        drafts: list[Draft] = []
        for move in moves[start : start + _TOGETHER]:
            record = log.get(move.old)
            if record is None or record.body is None:
                continue
            if not move.merged:
                body = renamed(record.body, move.old, names)
                item = Item(move.new, 0, body, private=log.private(move.old))
                drafts.append(dataclasses.replace(drafting.draft(item, body, source).draft, agent=source))
            drafts.append(Draft(move.old, None, source=source, agent=source, successor=move.new))
            done += 1
        log.append(drafts)
        tell(done)
    return done


def renamed(body: bytes, old: str, names: dict[str, str]) -> bytes:
    """A record's body under its new identifier; links to others that move with it go to where these are then."""

    def moved(match: re.Match[str]) -> str:
        name = internal_identifier(match[1])
        to = names.get(name) if name else None
        return (
            f"<{match[1][: match[1].index('/', len(INTERNAL)) + 1]}{to}{match[2] or ''}>" if to else match[0]
        )

    lines = []
    said = {f"<{predicate}> {literal(old)} .": predicate for predicate in _NAMED}
    own = f"<{internal_thing(old)}>"
    for line in body.decode().splitlines():
        subject, _, rest = line.partition(" ")
        if subject == own and rest in said:
            rest = f"<{said[rest]}> {literal(names[old])} ."
        elif rest.endswith("> ."):
            rest = _OURS.sub(moved, rest)
        lines.append(f"{_OURS.sub(moved, subject)} {rest}")
    found = bodies.join(lines)
    bodies.check(found, names[old])
    return found


def _is_live(record: Record | None) -> bool:
    return record is not None and not record.deleted
