"""`make_report`: every section, one after the other, as of one entry of the log."""

import time
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing

from repository.log import Log
from repository.model.site import Site
from repository.model.terms import CITO, DCTERMS
from repository.report.completeness import Tally
from repository.report.conformance import Judge
from repository.report.deadends import Links, dead_links
from repository.report.duplicates import Twins
from repository.report.growth import growth
from repository.report.query import Ask, Words
from repository.report.result import VERSION, DeadLinks, Month, Report
from repository.report.survey import Look, survey

SECTIONS = ("completeness", "growth", "duplicates", "dead_ends", "shapes")
_SURVEYED = {"completeness", "duplicates", "dead_ends", "shapes"}


def make_report(
    ask: Ask,
    log: Log,
    site: Site,
    *,
    seq: int,
    sections: Collection[str] = SECTIONS,
    tell: Callable[[int, int], None] = lambda done, steps: None,
    rest: Callable[[float], None] | None = None,
    clock: Callable[[], float] = time.time,
) -> Report:
    """A report on the records of the log, and on what `ask` queries. `seq`: the entry of the log that it had come to.

    All is counted in one pass over the log, but dead ends and the titles of series, which are asked. `tell` hears
    (steps done, steps in all); `rest` is for a pass that should not hurry.
    """
    began = clock()
    work = _Work(ask, log, site, tell)
    work.plan(sections)
    tally = Tally(site) if "completeness" in sections else None
    judge = Judge(work.words) if "shapes" in sections else None
    links = Links() if "dead_ends" in sections else None
    with ExitStack() as at_last:
        twins = at_last.enter_context(closing(Twins())) if "duplicates" in sections else None
        work.look([look for look in (tally, judge, links, twins) if look], rest)
        duplicates = twins.found(work.words, site) if twins else None
    return Report(
        version=VERSION,
        seq=seq,
        made=int(began),
        base=site.base,
        completeness=tally.found(ask, work.words) if tally else None,
        growth=work.growth() if "growth" in sections else None,
        duplicates=duplicates,
        dead_ends=work.dead_ends(links.found()) if links else None,
        shapes=judge.found() if judge else None,
        seconds=round(clock() - began, 3),
    )


class _Work:
    """The sections, and how far they are."""

    def __init__(self, ask: Ask, log: Log, site: Site, tell: Callable[[int, int], None]) -> None:
        self._ask, self._log, self._site, self._tell = ask, log, site, tell
        self.words = Words(site.base)
        self._done = self._steps = 0

    def plan(self, sections: Collection[str]) -> None:
        """Count the steps, one a record; those of the dead ends are known when all records were looked at."""
        self._steps = 1 if "growth" in sections else 0
        if _SURVEYED & set(sections):
            with self._log.read() as reading:
                self._steps += reading.count()

    def _step(self, steps: int = 1) -> None:
        self._done += steps
        self._tell(self._done, self._steps)

    def look(self, looks: list[Look], rest: Callable[[float], None] | None) -> None:
        if looks:
            survey(self._log, looks, self._step, rest)

    def growth(self) -> tuple[Month, ...]:
        found = growth(self._log)
        self._step()
        return found

    def dead_ends(self, predicates: list[str]) -> tuple[DeadLinks, ...]:
        self._steps += len(predicates)
        found = []
        for predicate in predicates:
            links = dead_links(self._ask, self.words, self._site, predicate)
            if links:
                found.append(links)
            self._step()
        return _once(tuple(sorted(found, key=lambda links: (-links.links, links.predicate))))


def _once(found: tuple[DeadLinks, ...]) -> tuple[DeadLinks, ...]:
    """The profile says each citation with two predicates: where both lead to the same, one is told."""
    cites = next((each for each in found if each.predicate == CITO + "cites"), None)
    if cites is None:
        return found
    twin = (DCTERMS + "references", cites.targets.count, cites.links)
    return tuple(each for each in found if (each.predicate, each.targets.count, each.links) != twin)
