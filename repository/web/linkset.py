"""The door of linksets (RFC 9264): every link around a record, in one document for the page, its forms and its files.

Which links there are is known to `signposts`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from flask import request

from repository.web.errors import Refused
from repository.web.http import Link, Reply
from repository.web.negotiation import Offer, choose
from repository.web.records import Records, find, moved_to
from repository.web.signposts import LINKSETS, MOST, Signposts

# (anchor, its links)
Context = tuple[str, list[Link]]

# The constraints that our linksets keep (RFC 9264, section 5); the media type tells it to those who ask for it so.
FAIR = "https://signposting.org/FAIR/"
_OFFERS = tuple(
    Offer(
        extension,
        media_type,
        also=("application/json",) if extension == "json" else (),
        profiles=frozenset((FAIR,)),
    )
    for extension, media_type in LINKSETS
)


@dataclass(frozen=True, slots=True)
class Linksets:
    records: Records

    def linkset(self, path: str) -> Reply:
        """The linkset in the notation of its extension, or of the Accept header."""
        house = self.records.house
        with house.log.read() as reading:
            found = find(reading, path, extensions=tuple(offer.name for offer in _OFFERS))
        if found.now and not found.person and found.record is None:
            return moved_to(house.site.linkset(found.now, found.extension))
        signs = self.records.signposts(found)
        extension = found.extension
        chosen = (
            next(offer for offer in _OFFERS if offer.name == extension)
            if extension
            else choose(request.environ.get("HTTP_ACCEPT"), _OFFERS)
        )
        if chosen is None:
            raise _refused(signs)
        write = as_json if chosen.name == "json" else as_text
        named = not extension and FAIR in (request.environ.get("HTTP_ACCEPT") or "")
        return Reply(
            lambda: write(contexts(signs)),
            f'{chosen.media_type};profile="{FAIR}"' if named else chosen.media_type,
            negotiated=not extension,
            content_location=""
            if extension or chosen.name in signs.taken
            else house.site.linkset(found.identifier, chosen.name),
            links=(
                Link(house.site.linkset(found.identifier), "canonical"),
                Link(signs.page, "describes"),
                Link(FAIR, "profile"),
                *_alternates(signs),
            ),
        )


def contexts(signs: Signposts) -> Iterator[Context]:
    """The landing page, then each form of the metadata, then each file."""
    yield signs.page, list(signs.of_page())
    for address, form in signs.forms():
        yield address, list(signs.of_form(form))
    for address, file in islice(signs.files(), MOST):
        yield address, list(signs.of_file(file))


def as_json(found: Iterator[Context]) -> bytes:
    """RFC 9264, 4.2. A form's profile is a link of the form itself here: as an attribute of the link to it, it would
    have to be an array, which clients of Signposting do not expect.
    """
    members = []
    for anchor, links in found:
        context: dict[str, object] = {"anchor": anchor}
        for link in links:
            target = {"href": link.target} | ({"type": link.type} if link.type else {})
            context.setdefault(link.rel, []).append(target)  # type: ignore[attr-defined]
        members.append(context)
    return json.dumps({"linkset": members}, indent=1).encode() + b"\n"


def as_text(found: Iterator[Context]) -> bytes:
    """RFC 9264, 4.1: a Link header of any length, with an anchor in each link."""
    lines = (f'{link}; anchor="{anchor}"' for anchor, links in found for link in links)
    return ",\n".join(lines).encode() + b"\n"


def _alternates(signs: Signposts) -> Iterator[Link]:
    return (
        Link(signs.site.linkset(signs.identifier, offer.name), "alternate", offer.media_type)
        for offer in _OFFERS
        if offer.name not in signs.taken
    )


def _refused(signs: Signposts) -> Refused:
    return Refused(
        406,
        "A linkset cannot be had in a type that was asked for.",
        "Ask for one of these; each has an address that ignores the Accept header.",
        choices=tuple((link.target, link.type) for link in _alternates(signs)),
        links=tuple(_alternates(signs)),
    )
