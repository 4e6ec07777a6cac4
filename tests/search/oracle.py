"""A search that looks at every record: what the index finds is compared with what this one does.

It shares with the index how texts become terms, and nothing else: no posting, no query of the engine.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from repository.log import Log
from repository.model.lens import read_work
from repository.model.work import Work
from repository.search.syntax import All, Any, Everything, Node, Not, Term, Years
from repository.search.text import STEMMERS, forms, language, plain, spelt, terms

CITES = ("http://purl.org/spar/cito/cites", "http://purl.org/dc/terms/references")


@dataclass(frozen=True)
class Seen:
    work: Work
    citations: int

    def passages(self, field: str) -> Iterator[tuple[str, str]]:
        """(text, language) under a field; of all fields for the empty one."""
        work, own = self.work, (self.work.languages or ("",))[0]
        if field in ("", "title"):
            for each in (work.title, *work.alternatives):
                yield each.value, each.language or own
            yield work.name_english, own
        if field in ("", "keyword"):
            for each in work.keywords:
                yield each.value, each.language or own
        if field in ("", "author"):
            for person in (*work.creators, *work.editors):
                yield person.name, ""
                yield spelt(person.name), ""
        if field in ("", "series"):
            yield work.host, ""
        if field == "":
            for each in (*work.abstracts, *work.descriptions, *work.notes):
                yield each.value, each.language or own


def everything(log: Log) -> list[Seen]:
    works = {r.identifier: read_work(r.identifier, r.body) for r in log.live() if r.body is not None}
    with log.read() as reading:
        found = []
        for name, work in works.items():
            links = reading.linked_from(
                name, predicates=[*CITES, "https://sheaf.invalid/"], limit=10_000, once=False
            )
            citing = {link.subject for link in links.items} - {name}
            found.append(Seen(work, len(citing)))
    return found


def matches(node: Node, seen: Seen) -> bool:
    if isinstance(node, All):
        return all(matches(part, seen) for part in node.parts)
    if isinstance(node, Any):
        return any(matches(part, seen) for part in node.parts)
    if isinstance(node, Not):
        return not matches(node.part, seen)
    if isinstance(node, Years):
        return seen.work.year.isdigit() and node.first <= int(seen.work.year) <= node.last
    return isinstance(node, Everything) or _term(node, seen)


def _open(work: Work) -> bool:
    """Here no file is restricted but by a note, and none has a function."""
    return any(file.url and not file.restriction for file in work.files)


def _term(term: Term, seen: Seen) -> bool:
    work = seen.work
    exact = {
        "doi": lambda: term.text in work.dois,
        "handle": lambda: term.text == work.identifier,
        "part": lambda: term.text in [each.lower() for each in work.part_of],
        "jel": lambda: any(code.lower().startswith(term.text) for code in work.jel),
        "type": lambda: term.text == work.type,
        "lang": lambda: term.text in [each[:2] for each in work.languages],
        "fulltext": lambda: (term.text == "1") == _open(work),
    }
    if term.field in exact:
        return exact[term.field]()
    return any(_text(term, text, tag) for text, tag in seen.passages(term.field))


def _text(term: Term, text: str, tag: str) -> bool:
    if term.prefix:
        return any(word.startswith(plain(term.text)[0]) for word in plain(text))
    code = "" if term.field == "author" else language(tag)
    said = terms(text, code)
    if term.field == "author":
        if term.quoted and "," in term.text:
            return set(plain(term.text)) <= set(said)
        name = plain(term.text)
        return any(_has(said, name[n:] + name[:n]) for n in (range(len(name)) if term.quoted else (0,)))
    if len(plain(term.text)) == 1:
        return any(form in said for form in forms(term.text))
    return any(_has(said, terms(term.text, each)) for each in STEMMERS)


def _has(said: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(said[at : at + len(phrase)] == phrase for at in range(len(said)))


def facets(found: list[Seen]) -> dict[str, Counter[str]]:
    """{facet: {value: how many have it}}."""
    counted: dict[str, Counter[str]] = {
        name: Counter() for name in ("type", "year", "series", "jel", "lang", "fulltext")
    }
    for seen in found:
        work = seen.work
        counted["type"][work.type] += 1
        if work.year.isdigit():
            counted["year"][work.year] += 1
        if work.part_of:
            counted["series"][work.part_of[0]] += 1
        if work.is_item:
            counted["jel"].update(set(work.jel))
        counted["lang"].update({each[:2] for each in work.languages})
        counted["fulltext"]["yes" if _open(work) else "no"] += 1
    return counted
