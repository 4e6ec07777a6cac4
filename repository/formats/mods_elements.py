"""Elements of MODS that stand both in a record and in its related items: titles, names, identifiers, languages.

Every function gives text that is safe to join, and empty text where there would be an empty element.
"""

from collections.abc import Iterable
from functools import lru_cache

from repository.formats.cataloguing import (
    ORCID,
    is_date,
    isbn,
    issn,
    local_identifier,
    name_kind,
    target,
    title_parts,
)
from repository.formats.elements import element, group, lang
from repository.formats.languages import bibliographic
from repository.formats.xmltext import escaped, legal
from repository.model.site import Site
from repository.model.work import Person, Text, Work

CODES = {"author": "aut", "editor": "edt"}


def tagged(tag: str, text: Text, attributes: str = "") -> str:
    return element(tag, text.value, attributes + lang(text.language))


def title_info(title: Text, kind: str = "", extra: str = "") -> str:
    """With its initial article apart where the title's language is known, and its subtitle. `extra` follows them."""
    text = legal(title.value).strip()
    parts = title_parts(text, title.language)
    content = (
        # White space within nonSort means something: consumers join it to the title as it is.
        (f"<nonSort>{escaped(parts.article)}</nonSort>\n" if parts.article else "")
        + element("title", parts.main)
        + element("subTitle", parts.subtitle)
        + extra
    )
    return group("titleInfo", content, kind + lang(title.language))


def names(people: Iterable[Person], role: str, site: Site, *, primary: bool = False) -> str:
    """`primary` marks the first: the one under which a catalogue enters the work."""
    found: list[str] = []
    for person in people:
        text = _name(person, role, site, ' usage="primary"' if primary and not found else "")
        if text:
            found.append(text)
    return "".join(found)


def _name(person: Person, role: str, site: Site, usage: str) -> str:
    name, family, given = person.name.strip(), person.family.strip(), person.given.strip()
    kind = "corporate" if name_kind(person) == "corporate" else "personal"
    if kind == "personal" and family and given:
        parts = element("namePart", family, ' type="family"') + element("namePart", given, ' type="given"')
    else:
        parts = element("namePart", name or family or given)
    if not parts:
        return ""
    display = element("displayForm", name) if name and family and given else ""
    return group("name", parts + display + _about(person, role, site), f' type="{kind}"{usage}')


def _about(person: Person, role: str, site: Site) -> str:
    return (
        _role(role)
        + "".join(element("affiliation", workplace.name) for workplace in person.workplaces)
        + (_name_identifiers(person.identifier, site) if person.identifier else "")
        + (element("nameIdentifier", person.homepage, ' type="homepage"') if person.homepage else "")
    )


@lru_cache
def _role(role: str) -> str:
    terms = element("roleTerm", role, ' type="text" authority="marcrelator"') + element(
        "roleTerm", CODES[role], ' type="code" authority="marcrelator"'
    )
    return group("role", terms)


def _name_identifiers(identifier: str, site: Site) -> str:
    orcid = ORCID.fullmatch(identifier)
    if orcid:
        return element("nameIdentifier", orcid[1], ' type="orcid" typeURI="https://orcid.org"')
    local = local_identifier(identifier)
    return (element("nameIdentifier", local, ' type="local"') if local else "") + element(
        "nameIdentifier", target(identifier, site), ' type="uri"'
    )


def thing_identifiers(identifier: str, site: Site) -> str:
    """The address of a thing, and its handle or what else it is called here."""
    local = local_identifier(identifier)
    return element("identifier", target(identifier, site), ' type="uri"') + (
        element("identifier", local, ' type="local"') if local else ""
    )


def standard_numbers(work: Work, *, with_isbns: bool = True, with_issns: bool = True) -> str:
    """ISBN and ISSN; those that cannot be one are marked so."""
    found = []
    for kind, values, checked in (
        ("isbn", work.isbns if with_isbns else (), isbn),
        ("issn", work.issns if with_issns else (), issn),
    ):
        for value in values:
            right = checked(value)
            found.append(
                element("identifier", right or value, f' type="{kind}"' + ("" if right else ' invalid="yes"'))
            )
    return "".join(found)


def languages(codes: Iterable[str]) -> str:
    return "".join(map(_language, codes))


@lru_cache(maxsize=512)
def _language(code: str) -> str:
    known = bibliographic(code)
    authority = "iso639-2b" if known else "rfc5646"
    term = element("languageTerm", known or code, f' type="code" authority="{authority}"')
    return group("language", term)


def date(tag: str, value: str, attributes: str = "") -> str:
    return element(tag, value, (' encoding="w3cdtf"' if is_date(value) else "") + attributes)
