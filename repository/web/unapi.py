"""unAPI, revision 3 (http://unapi.info/specs/): how Zotero takes several works at once from a page that lists them.

A page names this door in its head and each work by an empty `abbr`; here is told in which formats a work can be had.
"""

from dataclasses import dataclass

from repository.formats import by_name
from repository.formats.xmltext import attribute
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.web.arguments import pairs, query_string
from repository.web.errors import Refused
from repository.web.http import LONG, Reply
from repository.web.records import Records
from repository.web.variants import shadowed

# Zotero takes the first that it knows; of these it reads RIS best.
_FORMATS = (by_name["ris"], by_name["bibtex"])
_NAMES = " or ".join(form.name for form in _FORMATS)
_MOST_ARGUMENTS = 4096


@dataclass(frozen=True, slots=True)
class UnApi:
    records: Records

    def answer(self) -> Reply:
        """Without an id the formats of all works, with one those of a work, with a format also where it is."""
        asked = dict(pairs(query_string(_MOST_ARGUMENTS)))
        identifier, name = asked.get("id", ""), asked.get("format", "")
        if not identifier:
            if name:
                raise Refused(400, "A format was asked for, but of no work.", "Name the work by id.")
            return _list("")
        identifier = self._known(identifier)
        if not name:
            # Multiple choices (unAPI).
            return _list(identifier)
        if name not in {form.name for form in _FORMATS}:
            raise Refused(406, f"There is no format {name[:60]!r} here.", f"Ask for {_NAMES}.")
        form, house = by_name[name], self.records.house
        with house.log.read() as reading:
            if shadowed(reading, identifier, [form.extension]):
                raise Refused(
                    406,
                    f"At the address of this format of {identifier} there is another record.",
                    f"Ask {house.site.record(identifier)} for {form.media_type} in the Accept header.",
                )
        target = house.site.record(identifier, form.extension)
        body = f"See {target}\n".encode()
        return Reply(lambda: body, "text/plain", status=302, cache=LONG, location=target)

    def _known(self, text: str) -> str:
        """The identifier of a work that is here, by itself or by its address. Raises Refused (404)."""
        site, log = self.records.house.site, self.records.house.log
        try:
            identifier = site.identifier_of(text) or normalise(text)
        except IdentifierError:
            identifier = ""
        record = None
        if identifier:
            with log.read() as reading:
                # Pages that somebody kept name works as they were called.
                record = reading.get(reading.resolve([identifier])[identifier])
        if record is None or record.body is None or _FORMATS[0].listing not in record.formats:
            raise Refused(
                404, "No work is known here by this id.", "Ask for an id that a page of ours names."
            )
        return record.identifier


def _list(identifier: str) -> Reply:
    named = f' id="{attribute(identifier)}"' if identifier else ""
    formats = "".join(f'<format name="{form.name}" type="{form.media_type}"/>\n' for form in _FORMATS)
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<formats{named}>\n{formats}</formats>\n'.encode()
    return Reply(lambda: body, "application/xml", status=300 if identifier else 200, cache=LONG)
