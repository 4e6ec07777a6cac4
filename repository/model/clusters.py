"""Versions of one work: which records are one cluster, by what evidence. Pure rules; no log and no RDF here.

Two records are joined by a maintainer's word, by what one of them says, or by a DOI that both have. Whoever is joined
to the same is one cluster with it, but no two that a maintainer parted ever are: links are taken in a fixed order, the
strongest first, and one that would bring a parted pair together is left out. So the order in which records came is of
no account.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

# A DOI that more records have is that of a journal or of a mistake: it joins nobody, and waits for a person.
MOST_SHARING = 10
# A cluster that would be larger joins nobody: there are not so many versions of one work.
MOST_VERSIONS = 50

# The strongest first.
RULES = ("accepted", "stated", "equal-doi")


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """Why two records are versions of one work. `a` < `b`; `evidence` is the DOI, or who said so."""

    rule: str
    a: str
    b: str
    evidence: str = ""


def edge(rule: str, one: str, other: str, evidence: str = "") -> Edge:
    return Edge(rule, min(one, other), max(one, other), evidence)


def pair(one: str, other: str) -> tuple[str, str]:
    return min(one, other), max(one, other)


def could_be_versions(one: str, other: str) -> bool:
    """Whether an equal DOI may make them versions: not of a series and what is in it."""
    return one != other and not one.startswith(other + ":") and not other.startswith(one + ":")


def groups(edges: Iterable[Edge], parted: Collection[tuple[str, str]]) -> list[frozenset[str]]:
    """The clusters that edges make; those who stand alone are in none."""
    group: dict[str, set[str]] = {}
    for each in sorted(set(edges), key=lambda e: (RULES.index(e.rule), e.a, e.b, e.evidence)):
        one, other = group.setdefault(each.a, {each.a}), group.setdefault(each.b, {each.b})
        if one is other or any(pair(a, b) in parted for a in one for b in other):
            continue
        small, large = sorted((one, other), key=len)
        large |= small
        group.update(dict.fromkeys(small, large))
    return [frozenset(g) for g in {id(g): g for g in group.values()}.values() if len(g) > 1]
