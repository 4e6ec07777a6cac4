"""Representations of one page: which there are, how each is called, how its bytes come about; and choosing one.

No header is set here (`http`), and no HTML is written here (`pages`).
"""

import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from repository.formats import FORMATS, OAI_FORMATS, Format
from repository.formats.jsonld_expanded import FLATTENED
from repository.log import Reading
from repository.model.records import Record
from repository.model.site import Site
from repository.web.errors import Refused
from repository.web.http import Link, Reply
from repository.web.negotiation import Offer, choose

# What a client gets that has no wish, or several equal ones. RDF before HTML: RDF clients list HTML too
# (trifid#25), while browsers name HTML with a higher quality or more exactly than anything else.
_ORDER = ("turtle", "jsonld", "ntriples", "rdfxml", "bibtex", "oai_dc")
_ALSO = {
    "application/ld+json": ("application/json",),
    # Its type before it had one of its own: rdflib asks for it so.
    "application/n-triples": ("text/plain",),
    "application/xml": ("text/xml",),
    "text/xml": ("application/xml",),
}
# The forms of one media type that a client may name, in all spellings that are met; the expanded form is flat too.
_PROFILES = {
    "jsonld": frozenset({"http://www.w3.org/ns/json-ld#compacted"}),
    "jsonld_expanded": frozenset({"http://www.w3.org/ns/json-ld#expanded", FLATTENED}),
    "schemaorg": frozenset(
        f"{scheme}://schema.org{end}" for scheme in ("https", "http") for end in ("", "/")
    ),
}
# Comunica and rdf-dereference put TriG above notations of one graph, and then find nothing in the default graph.
# Programs in JavaScript name plain text beside JSON.
_BEHIND = {
    "trig": frozenset({"turtle", "jsonld", "ntriples", "rdfxml"}),
    "redif_template": frozenset({"ntriples"}),
}

# What people save: the address of a record ends in its handle, whose colons no file of Windows may have.
_EXPORTS = frozenset({"bib", "ris", "csl.json"})


def offer(name: str, media_type: str, *, also: bool = True) -> Offer:
    others = _ALSO.get(media_type, ()) if also else ()
    return Offer(name, media_type, others, _PROFILES.get(name, frozenset()), _BEHIND.get(name, frozenset()))


HTML = offer("html", "text/html")


class Variant(NamedTuple):
    """One representation. `tag` is empty where only its bytes can tell whether it changed.

    `shadowed`: at the address of its extension there is another record, which is called so.
    `content_type` is given where the media type alone does not tell it from others; `profile` is the URI of its form.
    """

    offer: Offer
    label: str
    extension: str
    write: Callable[[], bytes]
    tag: str = ""
    modified: int | None = None
    content_type: str = ""
    profile: str = ""
    shadowed: bool = False


def _rank(form: Format) -> int:
    return _ORDER.index(form.name) if form.name in _ORDER else len(_ORDER)


# Only formats with a URL of their own; a format without one lives in OAI-PMH alone.
_OFFERED = tuple(
    (form, offer(form.name, form.media_type, also=not form.says_profile))
    for form in sorted(FORMATS, key=_rank)
    if form.extension
)
EXTENSIONS = tuple(sorted(["html", *(form.extension for form, _ in _OFFERED)], key=len, reverse=True))


# Which of these a record is in was found at ingest; a format of no listing is for every record.
_LISTINGS = frozenset(form.listing for form in OAI_FORMATS)


def shadowed(reading: Reading, identifier: str, extensions: Iterable[str] = EXTENSIONS) -> frozenset[str]:
    """Extensions whose addresses beside a record are those of other records: `X.ttl` is one, whatever X is."""
    names = {f"{identifier}.{extension}": extension for extension in extensions}
    return frozenset(names[taken] for taken in reading.ever_kept(names))


def of_record(
    record: Record, site: Site, page: Callable[[], bytes], taken: Collection[str] = ()
) -> tuple[Variant, ...]:
    """A live record in each format that applies to it, and as a page for people. `taken`: extensions shadowed."""
    version = _version(record, site)
    written = tuple(
        _written(record, site, form, each, version, taken)
        for form, each in _OFFERED
        if form.listing not in _LISTINGS or form.listing in record.formats
    )
    return (*written, as_page(page, taken))


def as_page(page: Callable[[], bytes], taken: Collection[str] = ()) -> Variant:
    """A live record as a page for people, the last that `of_record` gives."""
    return Variant(HTML, "HTML", "html", page, shadowed="html" in taken)


def in_format(record: Record, site: Site, name: str, taken: Collection[str] = ()) -> Variant:
    """One of those that `of_record` gives, by the format's name; the page is none of them."""
    form, each = _BY_NAME[name]
    return _written(record, site, form, each, _version(record, site), taken)


_BY_NAME = {form.name: (form, each) for form, each in _OFFERED}


def _version(record: Record, site: Site) -> str:
    known = f" {record.formers}" if record.formers else ""
    return f"{record.seq} {(record.digest or b'').hex()} {site.base} {site.namespace}{known}"


def _written(
    record: Record, site: Site, form: Format, each: Offer, version: str, taken: Collection[str]
) -> Variant:
    return Variant(
        each,
        form.label,
        form.extension,
        lambda: form.write(record, site),
        f"{version} {form.name} {form.version}",
        # When a former handle is a record again, what was shown changes and no date of the record does.
        None if record.formers else record.datestamp,
        form.content_type,
        form.form,
        form.extension in taken,
    )


def answer(
    site: Site,
    identifier: str,
    variants: tuple[Variant, ...],
    *,
    extension: str,
    accept: str | None,
    links: Callable[[Variant | None, str], Iterable[Link]],
) -> Reply:
    """The variant with this extension, or without one, the variant that Accept asks for.

    `links` gives those of the chosen variant at this extension, or of an answer in none. Raises Refused where there is
    none: 404 for an extension, 406 for a header.
    """
    chosen = choice(variants, extension, accept)
    if chosen is None:
        raise _refused(site, identifier, variants, extension, tuple(links(None, extension)))
    return reply(site, identifier, chosen, extension, lambda: links(chosen, extension))


def reply(
    site: Site,
    identifier: str,
    chosen: Variant,
    extension: str,
    links: Callable[[], Iterable[Link]],
    link_header: Callable[[int], str] | None = None,
) -> Reply:
    """A variant at the address of its extension, or, without one, at the negotiated address."""
    return Reply(
        write=chosen.write,
        media_type=chosen.content_type or chosen.offer.media_type,
        tag=chosen.tag,
        modified=chosen.modified,
        negotiated=not extension,
        content_location="" if extension or chosen.shadowed else site.record(identifier, chosen.extension),
        links=links,
        link_header=link_header,
        filename=_filename(identifier, chosen.extension) if chosen.extension in _EXPORTS else "",
    )


def choice(variants: tuple[Variant, ...], extension: str, accept: str | None) -> Variant | None:
    """The variant with this extension, or without one, that which Accept asks for; None where there is none."""
    if extension:
        return next((each for each in variants if each.extension == extension), None)
    wanted = choose(accept, [each.offer for each in variants])
    return next((each for each in variants if each.offer is wanted), None)


def _refused(
    site: Site, identifier: str, variants: tuple[Variant, ...], extension: str, links: tuple[Link, ...]
) -> Refused:
    problem = (
        f"{identifier} has no form .{extension}." if extension else "None of the types asked for can be had."
    )
    return Refused(
        status=404 if extension else 406,
        problem=problem,
        advice="Ask for one of these; each has an address that ignores the Accept header.",
        choices=tuple(
            (site.record(identifier, each.extension), each.offer.media_type)
            for each in variants
            if not each.shadowed
        ),
        links=links,
    )


def _filename(identifier: str, extension: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '_', identifier)[:100]}.{extension}"
