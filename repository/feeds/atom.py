"""The log as Atom: newest changes (RFC 4287), their archive (RFC 5005, section 4) and deletions (RFC 6721).

Document n of the archive has the entries of PAGE seqs, and changes no more. The feed itself has what no full document
holds, and the newest of those that one does, so that a reader who comes rarely need not go back at once.
A record stands once in a document, as the last of its entries there left it.
"""

from collections.abc import Iterator

from repository.formats.xmltext import attribute, escaped, legal
from repository.log import Reading, Step
from repository.model.datestamps import format_seconds
from repository.model.lens import read_work
from repository.model.records import Record
from repository.model.site import Site

PAGE = 50
ROOT = "feeds/atom"
_MOST_TITLE = 500

_XMLNS = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" '
    'xmlns:fh="http://purl.org/syndication/history/1.0"'
)
# What an entry offers besides the page for people.
_FORMS = (("text/turtle", "ttl"), ("application/ld+json", "jsonld"))


def address(site: Site, number: int = 0) -> str:
    return site.page(f"{ROOT}/{number}" if number else ROOT)


def current(reading: Reading, site: Site, name: str) -> bytes:
    newest, modified = reading.newest()
    full = newest // PAGE
    after = max(full - 1, 0) * PAGE
    links = [("self", address(site))]
    if full > 1:
        links.append(("prev-archive", address(site, full - 1)))
    steps = reading.steps(after, limit=newest - after) if newest else []
    return _document(steps, site, name, links, address(site), modified if newest else None, "")


def archived(reading: Reading, site: Site, name: str, number: int) -> bytes | None:
    """Document `number` of the archive; None where it is not full yet."""
    newest, _ = reading.newest()
    if newest < number * PAGE:
        return None
    links = [("self", address(site, number)), ("current", address(site))]
    if number > 1:
        links.append(("prev-archive", address(site, number - 1)))
    steps = reading.steps((number - 1) * PAGE, limit=PAGE)
    modified = steps[-1].entry.datestamp if steps else None
    return _document(steps, site, name, links, address(site), modified, "<fh:archive/>\n")


def _document(
    steps: list[Step],
    site: Site,
    name: str,
    links: list[tuple[str, str]],
    identifier: str,
    modified: int | None,
    mark: str,
) -> bytes:
    title = escaped(legal(name))
    last = {step.entry.identifier: step.entry for step in steps}
    newest_first = sorted(last.values(), key=lambda entry: -entry.seq)
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {_XMLNS}>\n',
        f"<id>{escaped(identifier)}</id>\n<title>{title}: changes</title>\n",
        f"<updated>{format_seconds(modified or 0)}</updated>\n<author><name>{title}</name></author>\n",
        *(f'<link rel="{rel}" type="application/atom+xml" href="{attribute(to)}"/>\n' for rel, to in links),
        f'<link rel="alternate" type="text/html" href="{attribute(site.base)}"/>\n{mark}',
        *("".join(_deleted(entry, site) if entry.deleted else _entry(entry, site)) for entry in newest_first),
        "</feed>\n",
    ]
    return "".join(parts).encode()


def _entry(entry: Record, site: Site) -> Iterator[str]:
    record = site.record(entry.identifier)
    yield f"<entry>\n<id>{escaped(record)}</id>\n<title>{escaped(_title(entry))}</title>\n"
    yield f"<updated>{format_seconds(entry.datestamp)}</updated>\n"
    yield f'<link rel="alternate" type="text/html" href="{attribute(record)}"/>\n'
    for kind, extension in _FORMS:
        to = site.record(entry.identifier, extension)
        yield f'<link rel="alternate" type="{kind}" href="{attribute(to)}"/>\n'
    version = site.version(entry.seq, entry.identifier)
    yield f'<link rel="related" href="{attribute(version)}"/>\n</entry>\n'


def _title(entry: Record) -> str:
    """As the version said; its identifier where it has none, or where its body was erased."""
    found = read_work(entry.identifier, entry.body).title.value if entry.body else ""
    # Every whitespace is a blank: a title is one line.
    found = " ".join(legal(found).split()) or entry.identifier
    return found if len(found) <= _MOST_TITLE else found[:_MOST_TITLE].rstrip() + "…"


def _deleted(entry: Record, site: Site) -> Iterator[str]:
    record, when = attribute(site.record(entry.identifier)), format_seconds(entry.datestamp)
    yield f'<at:deleted-entry ref="{record}" when="{when}">\n'
    if entry.successor:
        to = site.thing(entry.successor)
        yield f"<at:comment>Its place was taken by {escaped(to)}</at:comment>\n"
        yield f'<link rel="related" href="{attribute(to)}"/>\n'
    yield "</at:deleted-entry>\n"
