"""Clusters of a ReDIF template: people, organisations and files as (part, value) pairs, the part that opens one first.

The prefix (`Author`, `Provider`, `File`) is given by those who call.
"""

from collections.abc import Iterable, Iterator

from repository.formats.redif_lines import handle, is_one_url, text, without_markup
from repository.formats.xmltext import uri
from repository.model.identifiers import SHORT_ID
from repository.model.work import File, Organisation, Person, Work

Parts = Iterator[tuple[str, str]]


def people(signatures: Iterable[Person]) -> Parts:
    for person in signatures:
        given, family = _text(person.given), _text(person.family)
        name = _text(person.name) or " ".join(filter(None, (given, family)))
        if not name:
            continue
        yield "Name", name
        yield "Name-First", given
        yield "Name-Last", family
        yield "Homepage", _url(person.homepage)
        yield "Person", person.identifier if _is_short(person.identifier) else handle(person.identifier)
        for part, value in organisations(person.workplaces):
            yield f"Workplace-{part}", value


def organisations(found: Iterable[Organisation]) -> Parts:
    for organisation in found:
        identifier = handle(organisation.identifier)
        name = _text(organisation.name) or identifier
        if name:
            yield "Name", name
            yield "Name-English", _text(organisation.name_english)
            yield "Homepage", _url(organisation.homepage)
            yield "Postal", _text(organisation.postal)
            yield "Location", _text(organisation.location)
            yield "Institution", identifier


def providers(work: Work) -> Iterator[Organisation]:
    """Those of the work, and its publishers by name where they are not among them."""
    yield from work.providers
    named = {provider.name for provider in work.providers}
    yield from (Organisation(name) for name in work.publishers if name not in named)


def files(work: Work) -> Parts:
    """Every file; then pages that are none of them, as files in HTML: ReDIF has no other place for them."""
    named = {file.url for file in work.files}
    pages = (File(page, "text/html") for page in work.landing_pages if page not in named)
    for file in (*work.files, *pages):
        address = _url(file.url)
        if address:
            yield "URL", address
            yield "Format", text(file.format)
            yield "Function", _text(file.function)
            yield "Restriction", _text(file.restriction.value) if file.restriction else ""
            yield "Size", _text(file.size)


def _is_short(identifier: str) -> bool:
    return identifier.isascii() and SHORT_ID.fullmatch(identifier) is not None


def _text(value: str) -> str:
    return without_markup(text(value))


def _url(address: str) -> str:
    """ReDIF knows addresses of these three schemes alone."""
    if not address.startswith(("http://", "https://", "ftp://")) or not is_one_url(address):
        return ""
    return without_markup(uri(address))
