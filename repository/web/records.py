"""The doors of things and their records: /id/, /record/ and /doi/.

Which record an address means is settled here; its representations are in `variants`, `mentions` and
`record_page`, its headers in `http`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from flask import request

from repository.assembly import House
from repository.log import Reading
from repository.model.errors import IdentifierError
from repository.model.identifiers import SHORT_ID, normalise
from repository.model.records import Record
from repository.model.site import doi_iri
from repository.model.terms import OWL
from repository.web import mentions, record_page, tombstone, variants
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import LONG, Link, Reply
from repository.web.signposts import SHADOWS, Signposts

_NOTHING = "Nothing is known under this identifier: no record describes it, and no record links to it."
_SPELLING = "Check its spelling. Identifiers look like RePEc:aaa:series:item; the case of a handle makes no difference."

_SHADOWS = frozenset(SHADOWS)


@dataclass(frozen=True, slots=True)
class Found:
    """What an address means. `record` is None where the thing is only known by links to it.

    `taken`: extensions at whose addresses there are other records, not forms of this one.
    `now` is another identifier where the thing has one: its handle moved, or this is a person's short-id.
    `person`: the record of whom such a short-id names. It moved nowhere, and is spoken of at its own address.
    """

    identifier: str
    extension: str
    record: Record | None
    now: str = ""
    taken: frozenset[str] = frozenset()
    person: Record | None = None


@dataclass(frozen=True, slots=True)
class Records:
    house: House
    html: Html

    def thing(self, path: str) -> Reply:
        """303 to the record: the thing itself cannot be sent (httpRange-14)."""
        with self.house.log.read() as reading:
            found = find(reading, path, extensions=())
        if found.now and not found.person:
            return moved_to(self.house.site.thing(found.now))
        return see_other(self.house.site.record(found.identifier))

    def record(self, path: str) -> Reply:
        found = self._at_once(path)
        if found is None:
            with self.house.log.read() as reading:
                found = find(reading, path, extensions=variants.EXTENSIONS)
        if found.now and not found.person and found.record is None:
            return moved_to(self.house.site.record(found.now, found.extension or None))
        accept = request.environ.get("HTTP_ACCEPT")
        record = found.record
        if record and record.body is None:
            heir, refused = found.now or record.successor or "", self._gone(record, found.now)
            return tombstone.reply(self.house.site, record, heir, refused, found.extension, accept)
        signs = self.signposts(found)
        return variants.answer(
            self.house.site,
            found.identifier,
            signs.variants,
            extension=found.extension,
            accept=accept,
            links=signs.header,
        )

    def _at_once(self, path: str) -> Found | None:
        """A live record that is called exactly so, by one look, as `find` has it; None where more has to be asked."""
        try:
            identifier = normalise(path)
        except IdentifierError:
            return None
        look = self.house.log.look(identifier)
        if look is None or look.record.body is None or look.beside is None or look.has_formers:
            return None
        endings = {name[len(identifier) + 1 :] for name in look.beside}
        return Found(identifier, "", look.record, taken=frozenset(endings & _SHADOWS))

    def doi(self, path: str) -> Reply:
        """303 to the thing that says it has this DOI."""
        # The log keeps DOIs without regard to case, as the DOI system does.
        page = self.house.log.linked_from(doi_iri(path).lower(), predicates=[OWL + "sameAs"], limit=1)
        if page.items:
            return see_other(self.house.site.thing(page.items[0].subject))
        raise Refused(
            404, "No record here has this DOI.", f"It may be known elsewhere: https://doi.org/{quote(path)}"
        )

    def signposts(self, found: Found) -> Signposts:
        """What was found, in each of its forms, with the links between them. Raises Refused: 410 for a tombstone."""
        return Signposts(
            self.house.site,
            found.identifier,
            self._variants(found),
            found.record,
            self.house.settings.metadata_licence,
            found.taken,
        )

    def _variants(self, found: Found) -> tuple[variants.Variant, ...]:
        record = found.record
        if record is None:
            return mentions.variants(self.house, self.html, found.identifier, found.person, found.taken)
        if record.body is None:
            raise self._gone(record, found.now)
        return variants.of_record(
            record,
            self.house.site,
            lambda: record_page.render(self.house, self.html, record, taken=found.taken),
            found.taken,
        )

    def _gone(self, record: Record, now: str) -> Refused:
        """The record is gone, whatever became of the thing: 410, and a link to where it is described now."""
        site = self.house.site
        heir = now or record.successor
        successor = site.thing(heir) if heir else ""
        versions = ("Its versions:", site.timemap(record.identifier))
        past = (
            Link(site.timegate(record.identifier), "timegate"),
            Link(site.timemap(record.identifier), "timemap", "application/link-format"),
        )
        return Refused(
            410,
            f"{record.identifier} was {'deleted' if record.deleted else 'erased'}{tombstone.by_whom(record)}.",
            ways=(("Its place was taken by", successor), versions) if successor else (versions,),
            links=(Link(successor, "successor-version"), *past) if successor else past,
        )


def see_other(target: str) -> Reply:
    """303: what is asked for is described there."""
    body = f"See {target}\n".encode()
    return Reply(lambda: body, "text/plain", status=303, cache=LONG, location=target)


def moved_to(target: str) -> Reply:
    """308: the same thing under another name, whatever the method."""
    body = f"See {target}\n".encode()
    return Reply(lambda: body, "text/plain", status=308, cache=LONG, location=target)


def find(reading: Reading, path: str, *, extensions: tuple[str, ...]) -> Found:
    """The exact identifier before the one without an extension; what has a record before what has links alone."""
    found = list(candidates(path, extensions))
    for identifier, extension in found:
        record = reading.get(identifier)
        if record:
            record = replace(record, formers=reading.formers(identifier)) if record.body else record
            heir = _now(reading, identifier) if record.deleted else ""
            taken = variants.shadowed(reading, identifier, SHADOWS) if record.body else frozenset()
            return Found(identifier, extension, record, heir, taken)
    for identifier, extension in found:
        if now := _now(reading, identifier):
            person = reading.get(now) if _is_short(identifier) else None
            if person is None or person.body is None:
                return Found(identifier, extension, None, now)
            taken = variants.shadowed(reading, identifier, SHADOWS)
            return Found(identifier, extension, None, now, taken, person)
    for identifier, extension in found:
        linked = reading.linked_from(identifier, limit=1).items
        # A tombstone of another repository may name as its successor what never came here.
        if linked or mentions.is_described(identifier) or reading.names(identifier)[1:]:
            taken = variants.shadowed(reading, identifier, SHADOWS)
            return Found(identifier, extension, None, taken=taken)
    raise Refused(404, _NOTHING, _SPELLING)


def _now(reading: Reading, identifier: str) -> str:
    """What a thing is called now; empty where that is what it was called."""
    asked = identifier.lower() if SHORT_ID.fullmatch(identifier) else identifier
    now = reading.resolve([asked])[asked]
    return "" if now == asked else now if asked == identifier else asked


def _is_short(identifier: str) -> bool:
    return SHORT_ID.fullmatch(identifier) is not None and identifier.islower()


def candidates(path: str, extensions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(identifier, extension) of what an address may mean, the likeliest first."""
    # The longest first: `.expanded.jsonld` is no JSON-LD of something called `... .expanded`, unless that exists.
    endings = ["", *[extension for extension in extensions if path.endswith(f".{extension}")]]
    for extension in endings:
        stem = path[: -len(extension) - 1] if extension else path
        try:
            yield normalise(stem), extension
        except IdentifierError:
            continue
