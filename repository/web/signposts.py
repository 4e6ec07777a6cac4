"""Signposting (FAIR Signposting Profile, RFC 8288): what a record's page, its forms and its files are to one another.

One place knows the links; the Link header takes as many as fit, the linkset has them all.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from threading import Lock
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from cachetools import LRUCache, cached

from repository.formats import FORMATS
from repository.formats.rights import licence, licence_of_whole
from repository.model.bodies import digest
from repository.model.identifiers import is_identifier
from repository.model.lens import read_work
from repository.model.lens.glance import Glance, glance, of_work
from repository.model.records import Origin, Record
from repository.model.site import Site, doi_iri
from repository.model.vocabulary import work_types
from repository.model.work import File, Work
from repository.web.http import Link
from repository.web.variants import EXTENSIONS, Variant

LINKSETS = (("json", "application/linkset+json"), ("txt", "application/linkset"))

# What may stand behind an identifier in an address of its record or its linkset.
SHADOWS = (*EXTENSIONS, *(extension for extension, _ in LINKSETS))

# So many authors and files stand in a header; five authors fill no proxy's buffer (invenio-rdm-records#1966).
_IN_HEADER = 5
# So many in a linkset: more than any work has, and still a document of bounded size.
MOST = 5000

# Forms that say in other words what another form says: the last that a header has room for.
_SECOND = ("oai.rdf", "redif.xml", "expanded.jsonld")

# Of bodies whose works are remembered; and what the work of a small one takes.
_SEEN_BYTES = 8 << 20
_SMALLEST_WORK = 16 << 10

# What JSON-LD is where no profile is named, so a header need not spend room on it.
_USUAL = "http://www.w3.org/ns/json-ld#compacted"

_SHARED = frozenset(kind for kind, n in Counter(form.media_type for form in FORMATS).items() if n > 1)

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_+.\-]{0,120}")
_PUBLIC = re.compile(r"https?://[^\s/]", re.IGNORECASE)
T = TypeVar("T")
_ABOUT_PAGE = Link("https://schema.org/AboutPage", "type")
# What a URI may hold as it is; `%` of what is encoded already among it.
_URI_SAFE = "-._~:/?#@!$&'()*+,;=%"
_IS_URI = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*")


@dataclass(frozen=True, slots=True)
class Signposts:
    """The links around one record, or around a thing without one (`record` is None)."""

    site: Site
    identifier: str
    variants: tuple[Variant, ...]
    record: Record | None
    licence: str = ""
    # Extensions of the linkset at whose addresses there are the linksets of other records.
    taken: frozenset[str] = frozenset()

    @property
    def work(self) -> Work | None:
        body = self.record.body if self.record else None
        return work_of(self.identifier, body) if body is not None else None

    @property
    def page(self) -> str:
        """The landing page: where the thing's own address leads."""
        return self.site.record(self.identifier)

    def header(self, chosen: Variant | None, extension: str, known: "Known | None" = None) -> Iterator[Link]:
        """The most important first: those that no longer fit into a header are left out.

        The negotiated address is that of the page, whatever form it answers in; None is an answer in no form.
        `known` is told where it is not to be asked of the record.
        """
        if chosen and extension and chosen.extension != "html":
            yield from self.of_form(chosen)
            yield from self.linksets()
            yield Link(self.page, "canonical")
        elif chosen:
            known = known or known_of(self)
            yield from self._first(known.cite_as)
            yield from self.linksets()
            yield from known.links
            yield Link(self.page, "canonical")
            if chosen.profile:
                yield Link(chosen.profile, "profile")
            first, second = self._described()
            yield from (link._replace(profile="") if link.profile == _USUAL else link for link in first)
            yield from self._lists()
            yield from islice(self._alternates(), 1)
            yield from second
        else:
            yield from self._first()
            yield from self.linksets()
        if not chosen or extension:
            yield from self._alternates()

    def of_page(self) -> Iterator[Link]:
        """All that the landing page links to."""
        yield from self._first()
        seen = self.glance
        yield from self._of_thing(seen)
        yield from self._lists()
        yield from chain(*self._described())
        yield from self._neighbours(seen, MOST)
        yield Link(self.page, "canonical")

    def in_head(self) -> Iterator[Link]:
        """For the head of the page, for those who read no headers; its forms are there besides."""
        # Whoever makes the page has read the work.
        seen = of_work(work) if (work := self.work) else None
        yield Link(self._cite_as(seen), "cite-as")
        yield from self._of_thing(seen)
        yield from self._lists()
        yield from self.linksets()

    def of_form(self, form: Variant) -> Iterator[Link]:
        """What one form of the metadata links to: it describes the page, and the thing itself."""
        yield Link(self.page, "describes")
        yield Link(self.site.thing(self.identifier), "describes")
        licence = licence_of_record(self.licence, self.record.origin) if self.record else self.licence
        if licence:
            yield Link(uri(licence), "license")
        if form.profile:
            yield Link(form.profile, "profile")

    def of_file(self, file: File) -> Iterator[Link]:
        """What a file links to, though it is kept elsewhere: its landing page, and a licence that the record states."""
        yield Link(self.page, "collection")
        stated = licence(file.restriction.value) if file.restriction else None
        if stated:
            yield Link(stated.uri, "license")

    def forms(self) -> Iterator[tuple[str, Variant]]:
        """(address, form) of each form of the metadata; the page for people is what they describe."""
        for form in self.variants:
            if form.extension != "html" and not form.shadowed:
                yield self.site.record(self.identifier, form.extension), form

    def files(self) -> Iterator[tuple[str, File]]:
        """(address, file) of each file that the record names, once."""
        work = self.work
        return _public((self.site.external(file.url), file) for file in work.files) if work else iter(())

    def linksets(self) -> Iterator[Link]:
        # The bare address is negotiated; each of these has its type.
        for extension, media_type in LINKSETS:
            if extension not in self.taken:
                yield Link(self.site.linkset(self.identifier, extension), "linkset", media_type)

    @property
    def glance(self) -> Glance | None:
        """As much of the work as links need."""
        body = self.record.body if self.record else None
        return glance(self.identifier, body) if body is not None else None

    def cite_as(self) -> str:
        return self._cite_as(self.glance)

    def _cite_as(self, seen: Glance | None) -> str:
        """The DOI, which others cite already, else the thing's own address, which is kept for good."""
        return uri(doi_iri(seen.dois[0])) if seen and seen.dois else self.site.thing(self.identifier)

    def _first(self, cite_as: str = "") -> Iterator[Link]:
        yield Link(cite_as or self.cite_as(), "cite-as")
        yield Link(self.site.thing(self.identifier), "describes")

    def _of_thing(self, seen: Glance | None) -> Iterator[Link]:
        yield _ABOUT_PAGE
        if seen and (kind := work_types()[seen.type].schema_org):
            yield Link(f"https://schema.org/{kind}", "type")
        # That of the work: for the licence of the record are its forms.
        if seen and (stated := licence_of_whole(seen.rights, (said for _, _, said in seen.files))):
            yield Link(stated.uri, "license")
        if self.record:
            yield Link(self.site.timegate(self.identifier), "timegate")

    def _lists(self) -> Iterator[Link]:
        """What links here, and what this was before."""
        if self.record:
            yield Link(self.site.timemap(self.identifier), "timemap", "application/link-format")
        yield Link(self.site.links("links", self.identifier), "related")

    def _described(self) -> tuple[list[Link], list[Link]]:
        """The forms, and those that say the same as one of them; a profile where the media type is not their own."""
        found: tuple[list[Link], list[Link]] = ([], [])
        for form in self.variants:
            extension, kind = form.extension, form.offer.media_type
            if extension != "html" and not form.shadowed:
                address = f"{self.page}.{extension}"
                profile = form.profile if kind in _SHARED else ""
                found[extension in _SECOND].append(Link(address, "describedby", kind, profile))
        return found

    def _neighbours(self, seen: Glance | None, most: int) -> Iterator[Link]:
        """People of whom more is known than a name, in the order in which they signed; files; series."""
        if seen:
            for address in islice(self._addresses(seen.authors), most):
                yield Link(address, "author")
            files = ((self.site.external(url), kind) for url, kind, _ in seen.files)
            for address, kind in islice(_public(files), most):
                yield Link(address, "item", media_type(kind))
            for address in islice(self._addresses(seen.part_of), most):
                yield Link(address, "collection")

    def _addresses(self, identifiers: Iterable[str]) -> Iterator[str]:
        """Of our things, and of what has an address on the web; a record may name anything."""
        for identifier in map(self.site.external, identifiers):
            if is_identifier(identifier) and "//" not in identifier:
                yield self.site.thing(identifier)
            elif _PUBLIC.match(identifier):
                yield uri(identifier)

    def _alternates(self) -> Iterator[Link]:
        """The page for people first: those who ask for RDF know its forms by what describes the page."""
        for form in sorted(self.variants, key=lambda form: form.extension != "html"):
            if not form.shadowed:
                yield Link(
                    self.site.record(self.identifier, form.extension), "alternate", form.offer.media_type
                )


def licence_of_record(own: str, origin: tuple[Origin, ...]) -> str:
    """That of the metadata: our own of what was not harvested, else the one address that its upstream told."""
    if not origin:
        return own
    told = [each for each in origin[0].rights if not each.startswith("<")]
    return told[0] if len(told) == 1 else ""


class Known(NamedTuple):
    """What a header takes from the work itself."""

    cite_as: str
    links: tuple[Link, ...]


def _key(signs: Signposts) -> Hashable:
    return signs.site, signs.licence, signs.identifier, signs.record and signs.record.digest


# Those that many ask for are looked at once.
@cached(LRUCache(1024), key=_key, lock=Lock())
def known_of(signs: Signposts) -> Known:
    seen = signs.glance
    return Known(signs._cite_as(seen), (*signs._of_thing(seen), *signs._neighbours(seen, _IN_HEADER)))


def _public(files: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """(address, what is known of it) of each file that has an address on the web, once."""
    seen = set()
    for url, file in files:
        if _PUBLIC.match(url) and (address := uri(url)) not in seen:
            seen.add(address)
            yield address, file


class _Seen(NamedTuple):
    """`size`: of the bytes that it was read from, which are about a third of it."""

    work: Work
    size: int


def _key_of_body(identifier: str, body: bytes) -> Hashable:
    return identifier, digest(body)


def work_of(identifier: str, body: bytes) -> Work:
    """Read once for the page of a record and the links beside it, and for those who ask again soon."""
    return _seen(identifier, body).work


# By their size: a work of thousands of authors takes as much as hundreds of others.
@cached(LRUCache(_SEEN_BYTES, getsizeof=lambda seen: seen.size), key=_key_of_body, lock=Lock())
def _seen(identifier: str, body: bytes) -> _Seen:
    return _Seen(read_work(identifier, body), len(body) + _SMALLEST_WORK)


@lru_cache(maxsize=4096)
def uri(iri: str) -> str:
    """An IRI as a URI, which alone may stand in a header."""
    if _IS_URI.fullmatch(iri):
        return iri
    return quote(iri, safe=_URI_SAFE)


def media_type(text: str) -> str:
    """A media type without parameters, where a source gives one; empty for `pdf`, `PDF file` and their like."""
    found = _MEDIA_TYPE.fullmatch(text.partition(";")[0].strip().lower())
    return found[0] if found else ""
