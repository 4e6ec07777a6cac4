"""What DataCite's kernel 4.6 and OpenAIRE 4.0, which is made of kernel 4.1, say in the same elements.

Each function gives elements as text, empty where the record says nothing. What one of the two alone has, its own
file holds; how they differ in the rest, a `Kernel` says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from repository.formats.cataloguing import ORCID, is_date, isbn, issn, name_kind, target
from repository.formats.citation import extents, inverted
from repository.formats.elements import element, group, is_doi, labelled, lang
from repository.model.identifiers import JEL_CODE, SHORT_ID, is_handle, jel_identifier
from repository.model.site import Site
from repository.model.terms import DOI
from repository.model.work import Organisation, Person, Text, Work

NAMESPACE = "http://datacite.org/schema/kernel-4"
# DataCite 4.6, appendix 3: the value of a mandatory property that is not available.
UNAVAILABLE = ":unav"
_RESOLVERS = (DOI, "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/")
_JEL = ' subjectScheme="JEL" schemeURI="https://www.aeaweb.org/econlit/jelCodes.php"'


@dataclass(frozen=True, slots=True)
class Kernel:
    """`prefix` stands before each element's name; `relations` are the words for Work's links and for `within`.

    `coded`: affiliations may have identifiers, subjects codes.
    """

    prefix: str
    relations: Mapping[str, str]
    coded: bool


@dataclass(frozen=True, slots=True)
class _Scheme:
    """A scheme of identifiers of people and organisations. `starts`: how its identifiers begin, in records."""

    name: str
    uri: str
    starts: tuple[str, ...] = ()
    personal: bool | None = None


_ORCID = _Scheme("ORCID", "https://orcid.org/", personal=True)
_SHORT_ID = _Scheme("RePEc", "https://authors.repec.org/", personal=True)
_LOCAL = _Scheme("Local", "")
_SCHEMES = (
    _Scheme("ROR", "https://ror.org/", ("https://ror.org/",), personal=False),
    _Scheme("ISNI", "https://isni.org/", ("https://isni.org/isni/", "http://www.isni.org/")),
    _Scheme("VIAF", "https://viaf.org/", ("https://viaf.org/viaf/", "http://viaf.org/viaf/")),
    _Scheme("GND", "https://d-nb.info/gnd/", ("https://d-nb.info/gnd/", "http://d-nb.info/gnd/")),
    _Scheme(
        "Wikidata", "https://www.wikidata.org/", ("https://www.wikidata.org/", "http://www.wikidata.org/")
    ),
    _Scheme("EDIRC", "https://edirc.repec.org/", ("RePEc:edi:",), personal=False),
    _Scheme("RePEc", "https://authors.repec.org/", ("RePEc:per:",), personal=True),
    _Scheme("URL", "", ("https://", "http://")),
)


@lru_cache(maxsize=4096)
def _in_scheme(identifier: str) -> tuple[_Scheme, str]:
    """The scheme of an identifier, and how the identifier is written in it."""
    orcid = ORCID.fullmatch(identifier)
    if orcid:
        return _ORCID, orcid[1]
    for scheme in _SCHEMES:
        if identifier.startswith(scheme.starts):
            return scheme, identifier
    return _SHORT_ID if SHORT_ID.fullmatch(identifier) else _LOCAL, identifier


def identifier(work: Work, site: Site) -> tuple[str, str]:
    """(type, value) of what names the work: its DOI, else the address of the thing."""
    for doi in work.dois:
        if is_doi(doi):
            return "DOI", doi
    return "URL", site.thing(work.identifier)


def creators(work: Work, kernel: Kernel) -> str:
    found = (_person(person, "creator", kernel) for person in work.creators)
    return group(kernel.prefix + "creators", found)


def contributors(work: Work, kernel: Kernel) -> str:
    found = (_person(person, "contributor", kernel, ' contributorType="Editor"') for person in work.editors)
    return group(kernel.prefix + "contributors", found)


def _person(person: Person, role: str, kernel: Kernel, attributes: str = "") -> str:
    more = ""
    if person.identifier:
        scheme, value = _in_scheme(person.identifier)
        kind = labelled("nameIdentifierScheme", scheme.name) + labelled("schemeURI", scheme.uri)
        more = element(kernel.prefix + "nameIdentifier", value, kind)
    more += "".join(_affiliation(workplace, kernel) for workplace in person.workplaces)
    return named(person, role, kernel, attributes, more)


def named(person: Person, role: str, kernel: Kernel, attributes: str = "", more: str = "") -> str:
    """A person in a role: the name, and `more` elements behind it; nothing where there is no name."""
    prefix = kernel.prefix
    name = element(f"{prefix}{role}Name", inverted(person), _name_type(person))
    if not name:
        return ""
    given = element(prefix + "givenName", person.given)
    family = element(prefix + "familyName", person.family)
    return group(prefix + role, (name, given, family, more), attributes)


def _name_type(person: Person) -> str:
    personal = _in_scheme(person.identifier)[0].personal
    if personal is False or name_kind(person) == "corporate":
        return ' nameType="Organizational"'
    return ' nameType="Personal"' if personal or (person.given and person.family) else ""


def _affiliation(workplace: Organisation, kernel: Kernel) -> str:
    attributes = ""
    if kernel.coded and workplace.identifier and workplace.name != workplace.identifier:
        scheme, value = _in_scheme(workplace.identifier)
        attributes = labelled("affiliationIdentifier", value)
        if attributes:
            attributes += labelled("affiliationIdentifierScheme", scheme.name) + labelled(
                "schemeURI", scheme.uri
            )
    return element(kernel.prefix + "affiliation", workplace.name or workplace.name_english, attributes)


def titles(work: Work, kernel: Kernel) -> str:
    """Never empty. Where the work has no title, its first other one takes the place."""
    name = kernel.prefix + "title"
    known = [title for title in (work.title, *work.alternatives) if title.value.strip()]
    main = known[0] if known else Text(UNAVAILABLE)
    spoken = main.language or (work.languages[0] if len(work.languages) == 1 else "")
    # A title may consist of what XML cannot hold.
    lines = [element(name, main.value, lang(main.language)) or element(name, UNAVAILABLE)]
    for title in known[1:]:
        kind = "TranslatedTitle" if _other_language(title.language, spoken) else "AlternativeTitle"
        lines.append(element(name, title.value, f' titleType="{kind}"{lang(title.language)}'))
    return group(kernel.prefix + "titles", lines)


def _other_language(one: str, other: str) -> bool:
    return bool(one and other) and one.partition("-")[0].lower() != other.partition("-")[0].lower()


def subjects(work: Work, site: Site, kernel: Kernel) -> str:
    name = kernel.prefix + "subject"
    lines = [element(name, keyword.value, lang(keyword.language)) for keyword in work.keywords]
    for code in filter(JEL_CODE.fullmatch, work.jel):
        coded = labelled("classificationCode", code) if kernel.coded else ""
        lines.append(
            element(name, code, f"{_JEL}{labelled('valueURI', site.thing(jel_identifier(code)))}{coded}")
        )
    return group(kernel.prefix + "subjects", lines)


def dates(work: Work, issued: str, kernel: Kernel) -> str:
    """`issued` is the date of publication; it is not said again as another."""
    typed = [("Issued", issued), ("Created", work.created if work.created != issued else "")]
    typed += [("Updated", revised) for revised in work.revised]
    name = kernel.prefix + "date"
    lines = (element(name, date, f' dateType="{kind}"') for kind, date in typed if is_date(date))
    return group(kernel.prefix + "dates", lines)


def alternates(work: Work, site: Site, kernel: Kernel, links: tuple[str, ...]) -> str:
    """The other names of the work, and addresses (`links`) at which it is found."""
    name, said = kernel.prefix + "alternateIdentifier", {identifier(work, site)[1]}
    lines = []
    for kind, value in (*_other_names(work, site), *(("URL", link) for link in links)):
        if value not in said:
            said.add(value)
            lines.append(element(name, value, labelled("alternateIdentifierType", kind)))
    return group(kernel.prefix + "alternateIdentifiers", lines)


def _other_names(work: Work, site: Site) -> Iterator[tuple[str, str]]:
    yield "URL", site.thing(work.identifier)
    yield "RePEc" if is_handle(work.identifier) else "Local", work.identifier
    for doi in work.dois:
        yield "DOI" if is_doi(doi) else "Other", doi
    # A chapter's ISBN is that of the book.
    if work.type != "chapter":
        for text in work.isbns:
            yield ("ISBN", digits) if (digits := isbn(text)) else ("Other", text)


def container_names(work: Work) -> Iterator[tuple[str, str]]:
    """(type, value) of the ISSNs, and for chapters the ISBNs, of what the work stands in."""
    if work.type == "chapter":
        yield from (("ISBN", digits) for text in work.isbns if (digits := isbn(text)))
    yield from (("ISSN", number) for text in work.issns if (number := issn(text)))


def related(work: Work, site: Site, kernel: Kernel) -> str:
    lines = []
    within = kernel.relations["within"]
    for kind, value in container_names(work):
        lines.append(_related(kind, within, value, kernel))
    for attribute, relation in kernel.relations.items():
        if attribute != "within":
            named = _iri if attribute == "same_as" else target_of
            for linked in getattr(work, attribute):
                kind, value = named(linked, site)
                lines.append(_related(kind, relation, value, kernel))
    return group(kernel.prefix + "relatedIdentifiers", dict.fromkeys(lines))


def _related(kind: str, relation: str, value: str, kernel: Kernel) -> str:
    attributes = f' relatedIdentifierType="{kind}" relationType="{relation}"'
    return element(kernel.prefix + "relatedIdentifier", value, attributes)


def target_of(linked: str, site: Site) -> tuple[str, str]:
    """(type, value) of an identifier of ours or an IRI from elsewhere; DOIs are told from other addresses."""
    for start in _RESOLVERS:
        if linked.startswith(start) and is_doi(doi := unquote(linked[len(start) :])):
            return "DOI", doi
    return "URL", target(linked, site)


def _iri(iri: str, site: Site) -> tuple[str, str]:
    """(type, value) of an IRI, which may look like an identifier of ours; empty for a scheme that DataCite has not."""
    if "//" in iri:
        return target_of(iri, site)
    return ("URN", iri) if iri[:4].lower() == "urn:" else ("", "")


def sizes(work: Work, kernel: Kernel) -> str:
    return group(kernel.prefix + "sizes", (element(kernel.prefix + "size", size) for size in extents(work)))
