"""The doors of the past (RFC 7089): /timegate/, /timemap/ and /version/.

The original resource is `/record/X`; its mementos are the entries of the log, at `/version/<seq>/X`. Things keep
their names in them. Nothing negotiates by date but the time gate.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from flask import request

from repository.assembly import House
from repository.log import Neighbours, Reading
from repository.model.datestamps import format_seconds
from repository.model.records import Record
from repository.web import changes, documents, record_page, records, timemap, variants
from repository.web.errors import Refused
from repository.web.html import Html
from repository.web.http import ALWAYS_ASK, FRESH, Link, Reply
from repository.web.timemap import LINK_FORMAT, TimeMap
from repository.web.tombstone import by_whom

# A version's bytes are fixed for good, but for one thing: the law may have them erased. A cache that was told
# `immutable` would give them out for a year after; one that was told this asks again soon enough.
WHILE_KEPT = "public, max-age=3600"

_BY_DATE = "Accept-Datetime"
_LINK_FORMAT = variants.offer("link-format", LINK_FORMAT)
_TIMEMAP_EXTENSIONS = ("link", *documents.EXTENSIONS)

_UNKNOWN = "Nothing was ever kept under this identifier, so there is no version of it."
_SPELLING = "Check its spelling. Identifiers look like RePEc:aaa:series:item; the case of a handle makes no difference."

# Larger than any seq of SQL, with nothing that int() would read besides.
_SEQ = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ("
    + "|".join(_MONTHS)
    + r") (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Memento:
    house: House
    html: Html

    def timegate(self, path: str) -> Reply:
        """302 to the version that was the newest at the end of the second asked for.

        Before the first: the first that there still is. Without a date: the newest (RFC 7089, 4.5.3).
        """
        with self.house.log.read() as reading:
            identifier = _known(reading, path, varies=_BY_DATE)[0]
            moment = _moment(request.environ)
            versions = reading.versions(identifier)
            chosen = versions.last() if moment is None else versions.at(moment)
            if chosen is None:
                chosen = versions.neighbours(0).behind or versions.first()
            assert chosen is not None  # noqa: S101 - a known identifier has entries
            near = versions.neighbours(chosen.seq)
        target = self.house.site.version(chosen.seq, identifier)
        body = f"See {target}\n".encode()
        return Reply(
            lambda: body,
            "text/plain",
            status=302,
            # Some caches do not know what Vary: Accept-Datetime means to them.
            cache=ALWAYS_ASK,
            varies=_BY_DATE,
            location=target,
            links=tuple(self._links(identifier, chosen, near, gate=False)),
        )

    def timemap(self, path: str) -> Reply:
        """One page of the list of versions. It knows no Accept-Datetime (pywb#551)."""
        site = self.house.site
        after = _after(request.args)
        with self.house.log.read() as reading:
            identifier, extension = _known(reading, path, extensions=_TIMEMAP_EXTENSIONS)
            found = timemap.read(reading, identifier, after)
            taken = variants.shadowed(reading, identifier, _TIMEMAP_EXTENSIONS)
        if found is None:
            raise Refused(404, "The list ends before this page.", f"It begins at {site.timemap(identifier)}")
        address = partial(site.timemap, identifier, after=after)
        own = "" if "link" in taken else "link"
        listed = partial(timemap.link_format, found, site, own)
        offered = documents.beside(
            (
                variants.Variant(_LINK_FORMAT, "Link format", "link", listed),
                *documents.rdf_variants(partial(timemap.graph, found, site), address()),
            ),
            taken,
        )
        page = variants.Variant(variants.HTML, "HTML", "html", partial(self._timemap_page, found, offered))
        return documents.negotiate(
            (*offered, *documents.beside([page], taken)),
            address,
            extension=extension,
            accept=request.environ.get("HTTP_ACCEPT"),
            links=tuple(self._timemap_links(found)),
        )

    def version(self, seq: str, path: str) -> Reply:
        """A record as it was, in the forms that it could be given in."""
        with self.house.log.read() as reading:
            record = reading.entry(int(seq)) if _SEQ.fullmatch(seq) else None
            extension = _extension(record, path)
            if record is None or extension is None:
                raise self._no_version(reading, path)
            near = reading.versions(record.identifier).neighbours(record.seq)
        site, links = self.house.site, tuple(self._links(record.identifier, record, near))
        if record.body is None:
            raise self._gone(record, links)
        reply = documents.negotiate(
            variants.of_record(record, site, lambda: record_page.render(self.house, self.html, record, near)),
            partial(site.version, record.seq, record.identifier),
            extension=extension,
            accept=request.environ.get("HTTP_ACCEPT"),
            links=links,
            canonical=site.record(record.identifier),
        )
        # The bytes stay as they are when others come or are erased, but the links do not.
        linked = " ".join(str(each.seq) for each in (near.first, near.before, near.behind, near.last) if each)
        tag = f"{reply.tag} {linked}" if reply.tag and near.behind else reply.tag
        cache = WHILE_KEPT if near.heir else FRESH
        return replace(reply, memento=record.datestamp, unlisted=True, cache=cache, tag=tag)

    def _no_version(self, reading: Reading, path: str) -> Refused:
        problem = "There is no such version of this record."
        try:
            identifier = _known(reading, path)[0]
        except Refused:
            return Refused(404, problem, _SPELLING)
        return Refused(404, problem, ways=(("Those there are:", self.house.site.timemap(identifier)),))

    def _gone(self, record: Record, links: tuple[Link, ...]) -> Refused:
        site, name, day = self.house.site, record.identifier, format_seconds(record.datestamp)
        versions = ("Its versions:", site.timemap(name))
        if record.deleted:
            heir = ("Its place was taken by", site.thing(record.successor)) if record.successor else None
            # The memento of a 410 is a 410 that says of when it is (RFC 7089, 4.5.5).
            return Refused(
                410,
                f"{name} was deleted at {day}{by_whom(record)}.",
                ways=(heir, versions) if heir else (versions,),
                links=links,
                memento=record.datestamp,
            )
        if record.erased is not None:
            when = format_seconds(record.erased)
            problem = f"What {name} said from {day} on was erased at {when} and is kept no more."
            return Refused(410, problem, ways=(versions,), links=links)
        return Refused(
            500, "This version is damaged.", "Tell the maintainer: sheaf verify names what is wrong."
        )

    def _links(
        self, identifier: str, version: Record, near: Neighbours, *, gate: bool = True
    ) -> Iterator[Link]:
        """What RFC 7089 (2.2) asks of a time gate and of a memento; each memento is named once."""
        site = self.house.site
        yield Link(site.record(identifier), "original")
        if gate:
            yield Link(site.timegate(identifier), "timegate")
        yield Link(site.timemap(identifier), "timemap", LINK_FORMAT)
        places: dict[int, list[str]] = {}
        found: dict[int, Record] = {}
        named = (("first", near.first), ("last", near.last), ("prev", near.before), ("next", near.behind))
        for word, each in named:
            if each:
                found[each.seq] = each
                places.setdefault(each.seq, []).append(word)
        if version.erased is None:
            found.setdefault(version.seq, version)
        for number, each in sorted(found.items()):
            yield timemap.memento(each, site, *places.get(number, ()))

    def _timemap_links(self, found: TimeMap) -> Iterator[Link]:
        site = self.house.site
        yield Link(site.record(found.identifier), "original")
        yield Link(site.timegate(found.identifier), "timegate")
        for rel, stretch in (("prev", found.before), ("next", found.behind)):
            if stretch:
                yield Link(site.timemap(found.identifier, after=stretch.after), rel)

    def _timemap_page(self, found: TimeMap, offered: tuple[variants.Variant, ...]) -> bytes:
        address = partial(self.house.site.timemap, found.identifier, after=found.after)
        forms = documents.forms(offered, address)
        with self.house.log.read() as reading:
            changed = changes.names(reading, found.identifier, found.pairs())
        return self.html.render("timemap.html", found=found, forms=forms, changed=changed, by_whom=by_whom)


def _known(
    reading: Reading, path: str, *, extensions: tuple[str, ...] = (), varies: str = ""
) -> tuple[str, str]:
    """(identifier, extension) of a record that was ever kept. Raises Refused."""
    for identifier, extension in records.candidates(path, extensions):
        if reading.versions(identifier).last():
            return identifier, extension
    raise Refused(404, _UNKNOWN, _SPELLING, varies=varies)


def _extension(record: Record | None, path: str) -> str | None:
    """The extension that a path to this record's version has; None where it is a path to another's."""
    found = records.candidates(path, variants.EXTENSIONS)
    return next((end for name, end in found if record and name == record.identifier), None)


def _after(arguments: Mapping[str, str]) -> int:
    text = arguments.get("after", "")
    if text and not _SEQ.fullmatch(text):
        raise Refused(404, "There is no such page.", "Follow the links from page to page.")
    return int(text) if text else 0


def _moment(environ: Mapping[str, str]) -> int | None:
    """The second that Accept-Datetime names. Raises Refused for what is no date of RFC 1123 (RFC 7089, 4.5.3)."""
    text = environ.get("HTTP_ACCEPT_DATETIME")
    if text is None:
        return None
    match = _DATE.fullmatch(text.strip())
    try:
        if not match:
            raise ValueError
        day, month, year, hour, minute, second = match.groups()
        # A leap second is in no log: clocks give the one before it twice.
        last = 59 if second == "60" and (hour, minute) == ("23", "59") else int(second)
        at = (int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), last)
        found = datetime(*at, tzinfo=UTC)
    except ValueError:
        raise Refused(
            400,
            "Accept-Datetime does not hold a date.",
            "Write it as Thu, 31 May 2007 20:35:00 GMT, or leave it out for the newest version.",
            varies=_BY_DATE,
        ) from None
    return calendar.timegm(found.timetuple())
