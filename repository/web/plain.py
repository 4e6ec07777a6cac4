"""Answers made without Flask: a live record in any of its forms, and where its thing leads. Most requests are for them.

All but the page for people come of one record alone.

What else an address may mean is none of this file's business: `records` answers then. What both answer is the same.
"""

from dataclasses import replace
from functools import lru_cache, partial
from hashlib import blake2b
from typing import NamedTuple

from repository.assembly import House
from repository.log import Look
from repository.model.errors import IdentifierError, LogError
from repository.model.identifiers import normalise
from repository.model.records import Record
from repository.model.site import Site
from repository.web import record_page, variants
from repository.web.facts import Facts
from repository.web.html import Html
from repository.web.http import Answer, Reply, answered
from repository.web.link_header import link_header
from repository.web.records import see_other
from repository.web.signposts import SHADOWS

_RECORD, _THING = "/record/", "/id/"
# What stands behind the last full stop of any extension.
_ENDINGS = frozenset(extension.rpartition(".")[2] for extension in variants.EXTENSIONS)
_NONE = frozenset[str]()
_PAGE = variants.HTML.name
# Whatever a record says, its thing leads to it.
_THERE = b"a thing is there"
# Addresses that hold a token are refused; citations have views of their own.
_OTHERS = ("sheaf_", ".cite.")


class Asked(NamedTuple):
    """One live record, and in which of its forms; `form` is empty for the address of the thing.

    `depends`: 16 bytes, others whenever the answer could be another one. `known`: what a page shows of other records.
    """

    record: Record
    form: str
    extension: str
    taken: frozenset[str]
    depends: bytes
    known: Facts | None = None


class Plain:
    """Safe to share between threads."""

    def __init__(self, house: House, html: Html) -> None:
        self._house, self._html = house, html
        self._log, self._site = house.log, house.site
        self._licence = house.settings.metadata_licence

    def asked(self, path: str, accept: str | None) -> Asked | None:
        """What a request is for, without query and by GET or HEAD; None where it is not for this file.

        A page may meet whatever is wrong with the log, and raises that.
        """
        if not path.isascii() or path.endswith("/") or any(part in path.lower() for part in _OTHERS):
            return None
        if path.startswith(_THING):
            return self._thing(path[len(_THING) :])
        if not path.startswith(_RECORD):
            return None
        rest = path[len(_RECORD) :]
        extension = _extension(rest)
        try:
            identifier = normalise(rest.removesuffix(f".{extension}") if extension else rest)
            exact = normalise(rest) if extension else ""
            look = self._log.look(identifier)
        except (IdentifierError, LogError):
            return None
        # Another record may be called as this one is with its extension.
        if look is None or look.record.body is None or look.beside is None or exact in look.beside:
            return None
        if look.has_formers:
            return None
        taken = _taken(identifier, look.beside) if look.beside else _NONE
        form = _form(look.record.formats, extension, accept)
        if not form:
            return None
        if form != _PAGE:
            return Asked(look.record, form, extension, taken, _depends(look))
        known = record_page.around(self._house, look.record)
        return Asked(look.record, form, extension, taken, _depends_of_page(look, known), known)

    def _thing(self, path: str) -> Asked | None:
        try:
            look = self._log.look(normalise(path))
        except (IdentifierError, LogError):
            return None
        if look is None or look.record.body is None:
            return None
        return Asked(look.record, "", "", _NONE, _THERE)

    def answer(self, asked: Asked, environ: dict[str, object]) -> Answer:
        """The whole answer to a request without conditions, of which `environ` has what decides about it."""
        return answered(self._reply(asked), environ)

    def _reply(self, asked: Asked) -> Reply:
        record, form, extension, taken, _, known = asked
        if not form:
            return see_other(self._site.record(record.identifier))
        if form == _PAGE:
            page = partial(record_page.render, self._house, self._html, record, taken=taken, known=known)
            chosen = variants.as_page(page, taken)
        else:
            chosen = variants.in_format(record, self._site, form, taken)
        write = partial(link_header, self._site, self._licence, record, taken, form, extension)
        return variants.reply(self._site, record.identifier, chosen, extension, tuple, write)


def _extension(path: str) -> str:
    """The longest extension that an address may end in, as `records` tries them."""
    if path.rpartition(".")[2] not in _ENDINGS:
        return ""
    return next((each for each in variants.EXTENSIONS if path.endswith(f".{each}")), "")


def _taken(identifier: str, beside: tuple[str, ...]) -> frozenset[str]:
    names = {f"{identifier}.{extension}": extension for extension in SHADOWS}
    return frozenset(names[name] for name in beside if name in names)


def _depends(look: Look) -> bytes:
    return blake2b("\n".join(look.beside or ()).encode(), digest_size=16, key=look.seal).digest()


def _depends_of_page(look: Look, known: Facts) -> bytes:
    """A page is made of the record, of what was found around it, and of settings; and of no other thing."""
    shown = repr((replace(look.record, body=None), known))
    return blake2b(shown.encode(), digest_size=16, key=_depends(look)).digest()


@lru_cache(maxsize=4096)
def _form(formats: tuple[str, ...], extension: str, accept: str | None) -> str:
    """The name of the form that is asked for; empty for none."""
    record = Record("x", 0, 0, b"", b"", (), formats)
    chosen = variants.choice(variants.of_record(record, Site("", ""), bytes), extension, accept)
    return chosen.offer.name if chosen else ""
