"""`make_report`: every section, one after the other, as of one entry of the log."""

import time
from collections.abc import Callable, Collection

from repository.log import Log
from repository.model.site import Site
from repository.model.terms import CITO, DCTERMS
from repository.report.completeness import FIELDS, completeness
from repository.report.conformance import conformance, profile
from repository.report.deadends import dead_links, predicates
from repository.report.duplicates import STEPS, duplicates
from repository.report.growth import growth
from repository.report.query import Ask, Words
from repository.report.result import VERSION, Completeness, Conformance, DeadLinks, Duplicates, Month, Report

SECTIONS = ("completeness", "growth", "duplicates", "dead_ends", "shapes")


def make_report(
    ask: Ask,
    log: Log,
    site: Site,
    *,
    seq: int,
    sections: Collection[str] = SECTIONS,
    tell: Callable[[int, int], None] = lambda done, steps: None,
    clock: Callable[[], float] = time.time,
) -> Report:
    """A report on what `ask` queries. `seq`: the entry of the log that it had come to.

    `tell` hears (steps done, steps in all).
    """
    began = clock()
    work = _Work(ask, log, site, tell)
    work.plan(sections)
    return Report(
        version=VERSION,
        seq=seq,
        made=int(began),
        base=site.base,
        completeness=work.completeness() if "completeness" in sections else None,
        growth=work.growth() if "growth" in sections else None,
        duplicates=work.duplicates() if "duplicates" in sections else None,
        dead_ends=work.dead_ends() if "dead_ends" in sections else None,
        shapes=work.shapes() if "shapes" in sections else None,
        seconds=round(clock() - began, 3),
    )


class _Work:
    """The sections, and how far they are."""

    def __init__(self, ask: Ask, log: Log, site: Site, tell: Callable[[int, int], None]) -> None:
        self._ask, self._log, self._site, self._tell = ask, log, site, tell
        self._words = Words(site.base)
        self._predicates: list[str] = []
        self._done = self._steps = 0

    def plan(self, sections: Collection[str]) -> None:
        """Count the steps."""
        if "dead_ends" in sections:
            self._predicates = predicates(self._ask, self._words)
        steps = {
            "completeness": 2 * len(FIELDS),
            "growth": 1,
            "duplicates": STEPS,
            "dead_ends": len(self._predicates),
            "shapes": len(profile(self._words)),
        }
        self._steps = sum(steps[section] for section in sections)

    def _step(self) -> None:
        self._done += 1
        self._tell(self._done, self._steps)

    def completeness(self) -> Completeness:
        return completeness(self._ask, self._words, self._step)

    def growth(self) -> tuple[Month, ...]:
        found = growth(self._log)
        self._step()
        return found

    def duplicates(self) -> tuple[Duplicates, ...]:
        found = []
        for likeness in range(STEPS):
            found.append(duplicates(self._ask, self._words, likeness))
            self._step()
        return tuple(found)

    def dead_ends(self) -> tuple[DeadLinks, ...]:
        found = []
        for predicate in self._predicates:
            links = dead_links(self._ask, self._words, self._site, predicate)
            if links:
                found.append(links)
            self._step()
        return _once(tuple(sorted(found, key=lambda links: (-links.links, links.predicate))))

    def shapes(self) -> Conformance:
        return conformance(self._ask, self._words, self._step)


def _once(found: tuple[DeadLinks, ...]) -> tuple[DeadLinks, ...]:
    """The profile says each citation with two predicates: where both lead to the same, one is told."""
    cites = next((each for each in found if each.predicate == CITO + "cites"), None)
    if cites is None:
        return found
    twin = (DCTERMS + "references", cites.targets.count, cites.links)
    return tuple(each for each in found if (each.predicate, each.targets.count, each.links) != twin)
