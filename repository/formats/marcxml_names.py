"""Names in MARC 21: the one under which a work is entered (100, 110), and those beside it (700, 710).

A name that its source tells apart is inverted (first indicator 1); another stands in direct order (0).
"""

from collections.abc import Sequence
from functools import lru_cache

from repository.formats.cataloguing import ORCID, name_kind, target
from repository.formats.citation import inverted
from repository.formats.marcxml_fields import datafield, subfield
from repository.model.site import Site
from repository.model.work import Organisation, Person, Work

_INDICATORS = {"inverted": "1 ", "direct": "0 ", "corporate": "2 "}


def main_name(creators: Sequence[Person], site: Site) -> str:
    """100 or 110: the first author; empty where there is none."""
    return _name("1", creators[0], _role("author", "aut"), site) if creators else ""


def added_names(work: Work, site: Site) -> str:
    """700 and 710: the other authors, the editors, and who provides the work."""
    return (
        "".join(_name("7", person, _role("author", "aut"), site) for person in work.creators[1:])
        + "".join(_name("7", person, _role("editor", "edt"), site) for person in work.editors)
        + "".join(_provider(provider, site) for provider in work.providers)
    )


def responsibility(work: Work) -> str:
    """Authors as they signed, else editors (245 $c)."""
    people = work.creators or (() if work.type == "chapter" else work.editors)
    signed = (person.name.strip() or inverted(person).strip() for person in people)
    return ", ".join(filter(None, signed))


@lru_cache
def _role(word: str, code: str) -> str:
    return subfield("e", word) + subfield("4", code)


def _name(block: str, person: Person, role: str, site: Site) -> str:
    kind = name_kind(person)
    heading = inverted(person) if kind == "inverted" else person.name or inverted(person)
    if not heading.strip():
        return ""
    workplaces = "; ".join(workplace.name for workplace in person.workplaces if workplace.name.strip())
    about = role + _controls(person.identifier, site) if person.identifier else role
    tag = block + ("10" if kind == "corporate" else "00")
    return datafield(tag, _INDICATORS[kind], [("a", heading), ("u", workplaces)], about)


def _controls(identifier: str, site: Site) -> str:
    """`$0` for a number in a register, `$1` for the address of the person."""
    orcid = ORCID.fullmatch(identifier)
    number = subfield("0", f"(orcid){orcid[1]}") if orcid else ""
    return number + subfield("1", target(identifier, site))


def _provider(provider: Organisation, site: Site) -> str:
    about = _role("publisher", "pbl")
    if provider.identifier:
        about += subfield("1", target(provider.identifier, site))
    return datafield("710", "2 ", [("a", provider.name)], about)
