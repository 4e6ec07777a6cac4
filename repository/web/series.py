"""The chain that series make: what each followed, and what followed it, whichever of the two says so.

Few records are read, and a circle ends where it began.
"""

from collections.abc import Callable

from repository.log import Reading
from repository.model.lens import read_work
from repository.model.terms import DCTERMS
from repository.model.work import Work

# No series changed its name more often.
MOST = 20

_Stated = Callable[[Work], tuple[str, ...]]


def before(reading: Reading, work: Work) -> tuple[str, ...]:
    """The series that this one goes on from, the nearest first."""
    return _chain(reading, work, lambda each: each.replaces, DCTERMS + "isReplacedBy")


def after(reading: Reading, work: Work) -> tuple[str, ...]:
    """The series that went on from this one, the nearest first."""
    return _chain(reading, work, lambda each: each.replaced_by, DCTERMS + "replaces")


def _chain(reading: Reading, work: Work, stated: _Stated, said_by_others: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    fresh: list[Work] = [work]
    while fresh and len(found) < MOST:
        reached: dict[str, None] = {}
        for each in fresh:
            named = reading.linked_from(each.identifier, predicates=[said_by_others], limit=MOST, once=True)
            reached |= dict.fromkeys(reading.resolve(stated(each)[:MOST]).values())
            reached |= dict.fromkeys(sorted(link.subject for link in named.items))
        new = [name for name in reached if name not in found and name != work.identifier]
        new = new[: MOST - len(found)]
        found |= dict.fromkeys(new)
        records = {record.identifier: record for record in reading.many(new)}
        bodies = [(name, records[name].body) for name in new if name in records]
        fresh = [read_work(name, body) for name, body in bodies if body is not None]
    return tuple(found)
