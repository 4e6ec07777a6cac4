"""What crawlers may read: robots.txt and the sitemap, by the protocol of sitemaps.org.

Beyond one file's size the sitemap is an index of parts. A part is a block of the log's entries: a record is listed in
the block of its newest entry. So new and changed records come into the last parts alone, the others only ever lose
some, and no part depends on how many there are before it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from repository.assembly import House
from repository.dump import BLOCK, Counted, Counts
from repository.log import Reading
from repository.model.datestamps import format_seconds
from repository.web.errors import Refused
from repository.web.http import LONG, Reply

# What one file may have. The parts of an index are smaller, so that the longest addresses fit into them.
MOST_URLS = 50_000
MOST_BYTES = 50 << 20
# An address has to be shorter (sitemap.xsd, tLocSitemap).
_LONGEST = 2048

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
# Pages are for everybody; what is without end, or made for harvesters who page through it, is not for crawlers.
_DISALLOWED = ("/oai", "/sparql", "/timegate/", "/similar/", "/dumps/sheaf-", "/*?")


@dataclass(frozen=True, slots=True)
class Sitemap:
    house: House
    counted: Counted

    def robots(self) -> Reply:
        path = urlsplit(self.house.site.base).path.rstrip("/")
        lines = ["User-agent: *", *(f"Disallow: {path}{each}" for each in _DISALLOWED)]
        text = "\n".join([*lines, "", f"Sitemap: {self.house.site.page('sitemap.xml')}", ""])
        return Reply(text.encode, "text/plain", cache=LONG)

    def whole(self) -> Reply:
        """All records in one file where they fit into it, else the index of the parts."""
        # First, for it reads the log, too: in a crowd a second connection is waited for for ever.
        counts = self.counted.now()
        with self.house.log.read() as reading:
            newest, modified = reading.newest()
            fits = self._fits(reading, counts, newest)
        tag = f"sitemap {newest} {self.house.log.mark(newest)} {self.house.site.base}"
        return Reply(
            lambda: self._whole(newest, fits),
            "application/xml",
            cache=LONG,
            # What is known of the parts' dates comes a little later than the entries.
            tag=tag if fits else "",
            modified=modified if newest and fits else None,
        )

    def _fits(self, reading: Reading, counts: Counts | None, newest: int) -> bool:
        """By what is counted already, where that is up to date: a count of few records goes through all tombstones."""
        if counts and counts.seq == newest:
            # What is erased or damaged is counted as no record, and has an address all the same.
            return counts.records + len(counts.blank) <= MOST_URLS
        return reading.count_to(MOST_URLS + 1) <= MOST_URLS

    def _whole(self, newest: int, fits: bool) -> bytes:
        if fits:
            with self.house.log.read() as reading:
                text = self._urlset(reading, 0, newest)
            if len(text) <= MOST_BYTES:
                return text
        return self._index(newest)

    def part(self, name: str) -> Reply:
        number, ending = name.removesuffix(".xml"), name.endswith(".xml")
        if not (
            ending and number.isascii() and number.isdecimal() and 0 < len(number) < 12 and number[0] != "0"
        ):
            raise _nothing()
        first = (int(number) - 1) * BLOCK
        with self.house.log.read() as reading:
            last = min(first + BLOCK, reading.newest()[0])
            if reading.first_head(after=first, last=last) is None:
                raise _nothing()
            left = reading.count_heads(after=first, last=last)
        # Entries only leave a block that is full, so their number tells whether it is still the same.
        tag = f"sitemap {first} {last} {self.house.log.mark(last)} {left} {self.house.site.base}"
        return Reply(lambda: self._part(first, last), "application/xml", cache=LONG, tag=tag)

    def _part(self, first: int, last: int) -> bytes:
        with self.house.log.read() as reading:
            return self._urlset(reading, first, last)

    def _urlset(self, reading: Reading, first: int, last: int) -> bytes:
        listed = reading.heads(after=first, last=last, limit=MOST_URLS)
        addresses = ((self.house.site.record(identifier), modified) for identifier, modified in listed)
        # A set of no address would be invalid.
        return _document("urlset", "url", addresses if listed else [(self.house.site.base, None)])

    def _index(self, newest: int) -> bytes:
        return _document("sitemapindex", "sitemap", self._parts(newest))

    def _parts(self, newest: int) -> Iterator[tuple[str, int | None]]:
        """Parts with a record in them, and when each last changed, where that is known up to this moment."""
        counts = self.counted.now()
        changed = counts.blocks if counts and counts.seq >= newest else {}
        for first in range(0, newest, BLOCK):
            with self.house.log.read() as reading:
                there = reading.first_head(after=first, last=first + BLOCK)
            if there is not None:
                number = first // BLOCK + 1
                yield self.house.site.page(f"sitemap/{number}.xml"), changed.get(str(number))


def _document(name: str, each: str, entries: Iterable[tuple[str, int | None]]) -> bytes:
    lines = []
    for address, modified in entries:
        loc = escape(address, {"'": "&apos;", '"': "&quot;"})
        if len(loc) < _LONGEST:
            date = f"<lastmod>{format_seconds(modified)}</lastmod>" if modified is not None else ""
            lines.append(f"<{each}><loc>{loc}</loc>{date}</{each}>\n")
    return f"{_HEAD}<{name} {_XMLNS}>\n{''.join(lines)}</{name}>\n".encode()


def _nothing() -> Refused:
    return Refused(404, "The sitemap has no such part.", "Its parts are named at /sitemap.xml.")
