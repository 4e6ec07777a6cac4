"""What the links around a record need of its work, read from the few lines of a body that tell it; no graph is made.

It says what `read_work` says. Where a body is built otherwise than ours are, `read_work` is asked.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from repository.model import ntriples
from repository.model.lens.reading import first, read_work
from repository.model.lens.tables import STATEMENT, whole_name
from repository.model.ordering import numbered
from repository.model.site import internal_thing
from repository.model.terms import BIBO, DCTERMS, DOI, FOAF, OWL, PROV, RDF
from repository.model.vocabulary import types_by_class, work_types
from repository.model.work import Work


def _token(iri: str) -> bytes:
    return f"<{iri}>".encode()


_TYPE, _DOI, _PART_OF = _token(RDF + "type"), _token(BIBO + "doi"), _token(DCTERMS + "isPartOf")
_CREATOR, _LIST, _FILE = (
    _token(DCTERMS + "creator"),
    _token(BIBO + "authorList"),
    _token(DCTERMS + "hasFormat"),
)
_IS, _PAGE, _FORMAT = _token(PROV + "specializationOf"), _token(FOAF + "page"), _token(DCTERMS + "format")
_SAME, _RIGHTS, _LICENCE = _token(OWL + "sameAs"), _token(DCTERMS + "rights"), _token(DCTERMS + "license")
_WANTED = frozenset(
    (_TYPE, _DOI, _SAME, _PART_OF, _CREATOR, _LIST, _FILE, _IS, _PAGE, _FORMAT, _RIGHTS, _LICENCE)
)
_MEMBER, _FIRST = f"<{RDF}_".encode(), _token(RDF + "first")
_FEW = 8
_LINE = re.compile(rb"^(<[^>]*>) (<[^>]*>) (.*) \.$", re.MULTILINE)

# {(subject, predicate): objects in the order of the body}
_Facts = dict[tuple[bytes, bytes], list[bytes]]


class Glance(NamedTuple):
    """`authors`: identifiers of those who have one, in the order of signatures. `files`: (address, format, what is
    said of its use); `rights`: what is said of that of the work."""

    type: str
    dois: tuple[str, ...]
    part_of: tuple[str, ...]
    authors: tuple[str, ...]
    files: tuple[tuple[str, str, str], ...]
    rights: str


class _OtherwiseBuiltError(Exception):
    """The body is none that `write_work` wrote."""


def glance(identifier: str, body: bytes) -> Glance:
    try:
        return _read(_token(internal_thing(identifier)), body)
    except _OtherwiseBuiltError:
        return of_work(read_work(identifier, body))


def of_work(work: Work) -> Glance:
    return Glance(
        work.type,
        work.dois,
        work.part_of,
        tuple(dict.fromkeys(person.identifier for person in work.creators if person.identifier)),
        tuple(
            (file.url, file.format, file.restriction.value if file.restriction else "") for file in work.files
        ),
        work.restriction.value if work.restriction else "",
    )


def _read(thing: bytes, body: bytes) -> Glance:
    facts: _Facts = {}
    places: dict[bytes, list[tuple[int, bytes]]] = {}
    # What the body says anything about.
    described: set[bytes] = set()
    for subject, predicate, token in _LINE.findall(body):
        described.add(subject)
        if predicate in _WANTED:
            facts.setdefault((subject, predicate), []).append(token)
        elif predicate == _FIRST:
            raise _OtherwiseBuiltError
        elif predicate.startswith(_MEMBER):
            number = predicate[len(_MEMBER) : -1]
            if not number.isdigit() or len(number) > 9:
                raise _OtherwiseBuiltError
            places.setdefault(subject, []).append((int(number), token))
    if not places.keys().isdisjoint(facts.get((thing, _CREATOR), ())):
        raise _OtherwiseBuiltError
    creators = _in_order(
        facts.get((thing, _CREATOR), []), [places.get(each, []) for each in facts.get((thing, _LIST), ())]
    )
    parts = _things(facts, thing, _PART_OF)
    return Glance(
        _type(facts.get((thing, _TYPE), [])),
        tuple(sorted(_dois(facts, thing))),
        tuple(sorted(parts)),
        tuple(
            dict.fromkeys(
                filter(None, (_identifier(facts, thing[:-1], described, each) for each in creators))
            )
        ),
        tuple(_files(facts, described, facts.get((thing, _FILE), []))),
        _statement(facts, thing, _RIGHTS, _LICENCE),
    )


def _in_order(creators: list[bytes], lists: list[list[tuple[int, bytes]]]) -> list[bytes]:
    """Creators as their one list has them. Raises _OtherwiseBuiltError where it has not each of them once."""
    if not lists:
        return sorted(creators, key=_numbered) if len(creators) > 1 else creators
    places = dict(lists[0])
    if len(lists) > 1 or len(places) != len(lists[0]) or sorted(places.values()) != sorted(creators):
        raise _OtherwiseBuiltError
    return [places[number] for number in sorted(places)]


def _numbered(token: bytes) -> tuple[tuple[int, str], ...]:
    return numbered(token[1:-1].decode())


def _identifier(facts: _Facts, start: bytes, described: set[bytes], token: bytes) -> str:
    """Whom a signature names; empty for a name alone. Raises _OtherwiseBuiltError for what is no part of the record."""
    if not (token.startswith(start + b"#") and token in described):
        raise _OtherwiseBuiltError
    return next(_things(facts, token, _IS), "")


def _files(facts: _Facts, described: set[bytes], tokens: list[bytes]) -> list[tuple[str, str, str]]:
    found = []
    for token in sorted(tokens, key=_numbered) if len(tokens) > 1 else tokens:
        pages, formats = _iris(facts, token, _PAGE), _texts(facts, token, _FORMAT)
        if token[:1] == b"<" and (pages or token not in described):
            address = pages[0] if pages else token[1:-1].decode()
            found.append((address, first(formats) if formats else "", _statement(facts, token, _RIGHTS)))
    return found


def _statement(facts: _Facts, subject: bytes, *predicates: bytes) -> str:
    """What is said by the first predicate that says anything."""
    for predicate in predicates:
        said = (
            STATEMENT.read(ntriples.term(token.decode())) for token in facts.get((subject, predicate), ())
        )
        if texts := [text.value for text in said if text is not None]:
            return str(first(texts))
    return ""


def _iris(facts: _Facts, subject: bytes, predicate: bytes) -> list[str]:
    return [token[1:-1].decode() for token in facts.get((subject, predicate), ()) if token.startswith(b"<")]


def _texts(facts: _Facts, subject: bytes, predicate: bytes) -> list[str]:
    tokens = facts.get((subject, predicate), ())
    return [ntriples.term(token.decode()).value for token in tokens if not token.startswith(b"<")]


def _dois(facts: _Facts, thing: bytes) -> list[str]:
    """Raises _OtherwiseBuiltError where a link alone may tell of one."""
    told = _texts(facts, thing, _DOI)
    if not told and any(iri.startswith(DOI) for iri in _iris(facts, thing, _SAME)):
        raise _OtherwiseBuiltError
    return told


def _things(facts: _Facts, subject: bytes, predicate: bytes) -> Iterator[str]:
    return filter(None, map(whole_name, _iris(facts, subject, predicate)))


def _type(tokens: list[bytes]) -> str:
    # A stranger's record may have them by the thousand.
    return (_type_of if len(tokens) <= _FEW else _type_of.__wrapped__)(tuple(tokens))


@lru_cache(maxsize=1024)
def _type_of(tokens: tuple[bytes, ...]) -> str:
    table, order = types_by_class(), list(work_types())
    values = [ntriples.term(token.decode()).value for token in tokens]
    found = [table[value] for value in values if value in table]
    return min(found, key=lambda kind: (kind == "document", order.index(kind)), default="document")
