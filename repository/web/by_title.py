"""Lists of what links to a thing in the order of titles: of authors, institutions, archives, citations.

The log has them by date. So many as are counted are read whole and sorted here; longer lists have the one order alone.
"""

from bisect import bisect_left, bisect_right

from repository.catalogue import fold
from repository.log import Reading
from repository.model.records import Link
from repository.web.errors import Refused
from repository.web.inbound import LISTS, LONG_PAGE, MOST_COUNTED, told
from repository.web.targets import Listing, Target, of_bodies

# Of a title in a key; addresses hold keys.
_LONGEST = 200


def listing(
    reading: Reading, identifier: str, kind: str, *, after: str | None = None, limit: int = LONG_PAGE
) -> Listing:
    """One page, each record on it once, with its statements. `after` is a key that a page gave.

    Raises Refused where the list is too long.
    """
    predicates = LISTS[kind].predicates
    page = reading.linked_from(identifier, predicates=predicates, limit=MOST_COUNTED, once=True)
    if page.after:
        raise Refused(
            400,
            f"A list of more than {MOST_COUNTED:,} is not sorted by title.",
            "Take it newest first, without `sort`, or search for what is in it.",
        )
    links = dict[str, Link]()
    # The bodies of a page at a time: those of all may be large.
    for part in (page.items[n : n + limit] for n in range(0, len(page.items), limit)):
        names = [link.subject for link in part]
        links |= {
            _key(item): link for item, link in zip(of_bodies(names, reading.bodies(names)), part, strict=True)
        }
    keys = sorted(links)
    start = bisect_right(keys, after) if after else 0
    shown = keys[start : start + limit]
    chosen = [links[key] for key in shown]
    bodies = reading.bodies(link.subject for link in chosen)
    found, text = told(reading, identifier, chosen, predicates, bodies, statements=True)
    return Listing(
        found,
        shown[-1] if start + limit < len(keys) else None,
        bool(after),
        _before(keys, after, limit) if after else "",
        text,
        start + 1,
        len(keys),
    )


def is_key(text: str) -> bool:
    """Whether a text has the form of a key that a page gives."""
    return text.count("\t") == 1


def _key(item: Target) -> str:
    return f"{fold(item.title)[:_LONGEST]}\t{item.identifier}"


def _before(keys: list[str], after: str, limit: int) -> str:
    """The key that gives the page which ends at `after`; empty where that is the first."""
    at = bisect_left(keys, after) - limit
    return keys[at] if at >= 0 else ""
