"""Lists of what a record itself names, beyond what its page has room for: all its authors, all its references.

They are pages of the same door as inbound lists (`links`); a page's key is the number that it begins behind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from repository.log import Reading
from repository.model.identifiers import is_identifier
from repository.model.references import names_in
from repository.model.site import Site, internal_thing
from repository.model.terms import BIBO, CITO, DCTERMS, DOI, FOAF, RDF
from repository.model.work import Person, Work
from repository.web import searches
from repository.web.inbound import LONG_PAGE, List
from repository.web.targets import Listing, Target, of_bodies, present

# By the name that its address has.
LISTS: Mapping[str, List] = {
    "references": List("References"),
    "authors": List("Authors"),
    "editors": List("Editors"),
}
_LONGEST_TEXT = 2_000
_MOST = 10_000_000


def is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 9


def count(work: Work, kind: str) -> int:
    return {
        "references": len(work.cites) + len(work.references),
        "authors": len(work.creators),
        "editors": len(work.editors),
    }[kind]


def listing(
    reading: Reading, work: Work, body: bytes, kind: str, after: str | None, searched: Site | None = None
) -> Listing:
    """The page behind a number; its statements are those of the body about what is on it. `searched`: the site, where
    there is a search, to which names lead as they do on the page of the record."""
    start = min(int(after or 0), _MOST)
    items, nodes = _KINDS[kind](reading, work, start)
    if searched and kind in _SIGNED:
        people = _SIGNED[kind](work)[start : start + LONG_PAGE]
        items = [
            item if person.identifier else replace(item, search=searches.author(searched, person))
            for item, person in zip(items, people, strict=True)
        ]
    end = start + LONG_PAGE
    total = count(work, kind)
    following = str(end) if end < total else None
    before = str(start - LONG_PAGE) if start > LONG_PAGE else ""
    return Listing(
        tuple(items), following, start > 0, before, _about(body, nodes), start + 1, total, exact=True
    )


_Found = tuple[Sequence[Target], Sequence[str]]


def _references(reading: Reading, work: Work, start: int) -> _Found:
    """What is linked first, then texts, each with the record that it means where there is one."""
    end = start + LONG_PAGE
    cites = work.cites[start:end]
    first = max(0, start - len(work.cites))
    texts = work.references[first : max(0, end - len(work.cites))]
    named = [list(names_in(text)) for text in texts]
    held = reading.holders(name for names in named for name in names if name.startswith(DOI))
    meant = [[held.get(name, name) for name in names] for names in named]
    wanted = [*cites, *(name for names in meant for name in names)]
    bodies, now = present(reading, wanted)
    called = [now.get(name, name) for name in cites]
    # Statements are the record's own, which calls them as it does.
    items, nodes = list(of_bodies(called, bodies)), [_iri(name) for name in cites]
    for number, (text, names) in enumerate(zip(texts, meant, strict=True), first + 1):
        meant_now = (now.get(name, name) for name in names)
        known = next((name for name in meant_now if name in bodies and name != work.identifier), "")
        part = f"{work.identifier}#reference-{number}"
        items.append(Target(known or part, text[:_LONGEST_TEXT], known=bool(known)))
        nodes.append(internal_thing(part))
    return items, nodes


def _people(word: str) -> Callable[[Reading, Work, int], _Found]:
    def found(_: Reading, work: Work, start: int) -> _Found:
        people = _SIGNED[f"{word}s"](work)[start : start + LONG_PAGE]
        parts = [f"{work.identifier}#{word}-{number}" for number in range(start + 1, start + 1 + len(people))]
        items = [
            Target(
                person.identifier or part, person.name, note="; ".join(p.name for p in person.workplaces[:3])
            )
            for person, part in zip(people, parts, strict=True)
        ]
        return items, [internal_thing(part) for part in parts]

    return found


_SIGNED: Mapping[str, Callable[[Work], tuple[Person, ...]]] = {
    "authors": lambda work: work.creators,
    "editors": lambda work: work.editors,
}
_KINDS: Mapping[str, Callable[[Reading, Work, int], _Found]] = {
    "references": _references,
    "authors": _people("author"),
    "editors": _people("editor"),
}
_LINKING = tuple(
    f"<{each}>".encode()
    for each in (CITO + "cites", DCTERMS + "references", DCTERMS + "creator", BIBO + "editor")
)
_PLAIN = tuple(
    f"<{each}>".encode() for each in (RDF + "type", FOAF + "name", DCTERMS + "bibliographicCitation")
)


def _iri(identifier: str) -> str:
    return internal_thing(identifier) if is_identifier(identifier) else identifier


def _about(body: bytes, nodes: Sequence[str]) -> bytes:
    """The lines that link to these nodes, and what is said of them plainly."""
    wanted = {f"<{node}>".encode() for node in nodes}
    lines = []
    for line in body.split(b"\n"):
        subject, _, rest = line.partition(b" ")
        predicate, _, target = rest.partition(b" ")
        linked = predicate in _LINKING and target[:-2] in wanted
        if linked or (subject in wanted and predicate in _PLAIN):
            lines.append(line + b"\n")
    return b"".join(lines)
