"""OAI sets: which setSpecs a work is in, what its ancestors are, and how sets are named.

A setSpec is a colon-separated path (OAI-PMH 2.6); a set includes the records of its descendants.
"""

import re
from functools import lru_cache

from repository.model.identifiers import archive_of, series_of
from repository.model.records import SetInfo
from repository.model.vocabulary import work_types
from repository.model.work import Work

_PART = r"[A-Za-z0-9\-_.!~*'()]+"
_SPEC = re.compile(f"{_PART}(?::{_PART})*")

ROOTS = {
    "RePEc": ("RePEc archives", "Records by RePEc archive and, below it, by series or journal."),
    "type": ("Types", "Records by type: article, paper, book, chapter, software, series and others."),
    "jel": ("JEL codes", "Works by JEL classification code (Journal of Economic Literature)."),
    "from": (
        "Harvested",
        "Records from other repositories by host and, below it, by the sets they are in there.",
    ),
}


@lru_cache(maxsize=4096)
def is_spec(text: str) -> bool:
    return _SPEC.fullmatch(text) is not None


def ancestors(spec: str) -> tuple[str, ...]:
    """`jel`, `jel:I`, `jel:I:I1` for `jel:I:I1:I11`: from the root, without the set itself."""
    parts = spec.split(":")
    return tuple(":".join(parts[:n]) for n in range(1, len(parts)))


def with_ancestors(specs: tuple[str, ...]) -> tuple[str, ...]:
    """The sets and all their ancestors, each once, sorted."""
    return tuple(sorted({*specs, *(up for spec in specs for up in ancestors(spec))}))


@lru_cache(maxsize=1024)
def jel_spec(code: str) -> str:
    """`jel:I:I1:I11` for I11, `jel:I` for I."""
    return ":".join(["jel", *(code[:n] for n in range(1, len(code) + 1))])


def from_spec(host: str, spec: str = "") -> str:
    """`from:<host>:<setSpec>`: the set here of what is in a set of another repository."""
    return f"from:{host}:{spec}" if spec else f"from:{host}"


def sets_of(work: Work) -> tuple[str, ...]:
    """The setSpecs of a work, sorted, ancestors left out: archive or series, type, JEL codes."""
    place = series_of(work.identifier) or archive_of(work.identifier)
    specs = [f"type:{work.type}", *map(jel_spec, work.jel)]
    if place:
        specs.append(place)
    return tuple(sorted({spec for spec in specs if is_spec(spec)}))


def describe(spec: str, title: str | None = None) -> SetInfo:
    """Name and description of a set; `title` is the name that the archive's or series' own record gives."""
    root, _, rest = spec.partition(":")
    if not rest:
        name, text = ROOTS.get(spec, (spec, ""))
        return SetInfo(spec, name, text)
    if root == "type":
        row = work_types().get(rest)
        label = row.label if row else rest
        return SetInfo(spec, f"Type: {label}", f"Every record whose type is {label}.")
    if root == "jel":
        code = spec.rsplit(":", 1)[1]
        return SetInfo(spec, f"JEL: {code}", f"Works classified under JEL {code} or a code below it.")
    if root == "from":
        host, _, there = rest.partition(":")
        text = f"the set {there} of {host}" if there else host
        return SetInfo(spec, f"From {text}", f"Records harvested from {text}.")
    if spec.count(":") == 1:
        return SetInfo(spec, title or spec, f"Everything in the RePEc archive {spec}.")
    return SetInfo(spec, title or spec, f"Everything in the series or journal {spec}.")
