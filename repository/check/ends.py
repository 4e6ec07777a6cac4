"""Finds, in a repository of any size, a list of several pages that is short enough to be followed to its end.

What the end of a list must be is judged elsewhere.
"""

from collections import Counter
from collections.abc import Iterator

from repository.check.dates import granularity_of
from repository.check.probe import Probe
from repository.check.walk import Walk

_SETS = 4


def follow_to_the_end(probe: Probe) -> None:
    """Walks one such list of each verb, where there is one; once in a run."""
    if probe.ended:
        return
    probe.ended = True
    for verb in ("ListRecords", "ListIdentifiers"):
        if any(_whole(walk) for walk in probe.walks if walk.verb == verb):
            continue
        main = probe.walk(verb, *probe.scope)
        for narrower in _narrower(probe, main):
            if _whole(probe.walk(verb, *probe.scope, *narrower, to_the_end=True)):
                break


def _whole(walk: Walk) -> bool:
    return walk.complete and len(walk.pages) > 1


def _narrower(probe: Probe, main: Walk) -> Iterator[tuple[tuple[str, str], ...]]:
    """Arguments beside those of the main list, the likeliest first; none where that has one page alone."""
    if main.end != "limit" or len(main.pages) < 2:
        return
    yield from _ranges(main)
    if not probe.chosen_set:
        count = Counter(spec for header in main.headers for spec in header.sets)
        yield from ((("set", spec),) for spec, _ in count.most_common(_SETS))
    yield ()


def _ranges(main: Walk) -> Iterator[tuple[tuple[str, str], ...]]:
    """Up to a date, or from one on, where a little more than a page of records should be.

    In a list in order of datestamp that date is known; in any other the share of the records seen is a guess.
    """
    page = len(main.pages[0].items)
    stamps = [header.datestamp for header in main.headers if granularity_of(header.datestamp)]
    spot = page + page // 10
    if len(stamps) <= page:
        return
    spot = min(spot, len(stamps) - 1)
    ordered = sorted(stamps)
    if stamps == ordered:
        yield (("until", stamps[spot]),)
    elif stamps == ordered[::-1]:
        yield (("from", stamps[spot]),)
    else:
        for part in (2, 4, 8, 16, 32):
            yield (("until", ordered[len(ordered) // part]),)
