"""The chain that series make: what each followed, and what followed it, whichever of the two says so.

Few records are read, and a circle ends where it began.
"""

from collections.abc import Callable

from repository.log import Around, Reading
from repository.model.lens import read_work
from repository.model.terms import DCTERMS
from repository.model.work import Work

# No series changed its name more often.
MOST = 20

_Stated = Callable[[Work], tuple[str, ...]]


def before(reading: Reading, work: Work, around: Around | None = None) -> tuple[str, ...]:
    """The series that this one goes on from, the nearest first; `around` is what is known of its links already."""
    return _chain(reading, work, lambda each: each.replaces, DCTERMS + "isReplacedBy", around)


def after(reading: Reading, work: Work, around: Around | None = None) -> tuple[str, ...]:
    """The series that went on from this one, the nearest first."""
    return _chain(reading, work, lambda each: each.replaced_by, DCTERMS + "replaces", around)


def _chain(
    reading: Reading, work: Work, stated: _Stated, said_by_others: str, around: Around | None
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    fresh: list[Work] = [work]
    # Whose record says so of the work itself, where that is known.
    page = around.page([said_by_others], MOST) if around else None
    others = {work.identifier: tuple(link.subject for link in page.items)} if page else {}
    while fresh and len(found) < MOST:
        reached: dict[str, None] = {}
        for each in fresh:
            name = each.identifier
            saying = others[name] if name in others else reading.saying(name, said_by_others, MOST)
            if own := stated(each)[:MOST]:
                reached |= dict.fromkeys(reading.resolve(own).values())
            reached |= dict.fromkeys(sorted(saying))
        new = [name for name in reached if name not in found and name != work.identifier]
        new = new[: MOST - len(found)]
        found |= dict.fromkeys(new)
        bodies = reading.bodies(new)
        fresh = [read_work(name, bodies[name]) for name in new if name in bodies]
    return tuple(found)
