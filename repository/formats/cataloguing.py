"""What the formats of library catalogues share: titles in parts, kinds of names, who published, which host.

No element and no field of a format is known here.
"""

import re
from dataclasses import dataclass
from typing import Literal

from repository.formats.citation import page_ends
from repository.formats.languages import nonfiling
from repository.model.datestamps import is_partial_date
from repository.model.identifiers import series_of
from repository.model.site import Site
from repository.model.work import Person, Text, Work

# A colon that parts title from subtitle, but none within a quotation, a bracket or a formula.
_SUBTITLE = re.compile(r"([^:$(\[{<\"“„«‹]*[^:$(\[{<\"“„«‹\s])\s?:\s+(\S.*)", re.DOTALL)

_CORPORATE = re.compile(
    r"\b(?:universit(?:y|ies|ät|é|à)|universidad\w*|ministr(?:y|ies)|ministère|ministerio|ministero|"
    r"institut(?:e|ion|o)?|committee|commission|department|agency|association|council|foundation|organi[sz]ation|"
    r"secretariat|consortium|federation|society|inc|ltd|llc|gmbh|s\.p\.a|n\.v)\b|"
    r"\b(?:bank|banque|banco|banca) (?:of|de|d'|für)|\b(?:world|central|development|reserve) bank\b|"
    # Behind a given name Bureau is a family.
    r"^\s*bureau \w|\bbureau (?:of|for|voor|de|du|des|international)\b|"
    r"\b(?:census|labou?r|planning|protection|reference|research|statistic(?:s|al)) bureau\b|"
    r"\b(?:monetary|strategy) fund\b|\b(?:working|research) group\b|\bplc\b",
    re.IGNORECASE,
)
# How identifiers begin that no person has: EDIRC's and those of the Research Organization Registry.
_OF_ORGANISATIONS = ("RePEc:edi:", "https://ror.org/")
_ISBN = re.compile(r"\d{9}[\dX]|\d{13}", re.ASCII)
_ISSN = re.compile(r"\d{4}-?\d{3}[\dX]", re.ASCII)
_BARS = re.compile(r"[\s\u2010-\u2015-]+")
_LICENCE = re.compile(r"creativecommons\.org|\b(?:cc[ -]?(?:by|0)|licen[cs]e|copyright)\b|©", re.IGNORECASE)

ORCID = re.compile(r"https?://orcid\.org/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?")

# Works that stand within another work; what other works name as their host is a series.
_WITHIN_A_HOST = frozenset({"article", "chapter"})

NameKind = Literal["corporate", "inverted", "direct"]


@dataclass(frozen=True, slots=True)
class TitleParts:
    """`article` is the initial article with the blank behind it, empty where there is none or nobody can tell."""

    article: str
    main: str
    subtitle: str


def title_parts(text: str, language: str) -> TitleParts:
    """The parts of a title; of `text` nothing is lost but the colon between them."""
    count = nonfiling(text, language)
    match = _SUBTITLE.fullmatch(text, count) if ":" in text else None
    if match:
        return TitleParts(text[:count], match[1], match[2])
    return TitleParts(text[:count], text[count:], "")


def name_kind(person: Person) -> NameKind:
    """`inverted`: family and given name are told apart; `direct`: the name as signed, in an order that nobody told."""
    if person.identifier.startswith(_OF_ORGANISATIONS):
        return "corporate"
    if person.family and person.given:
        return "inverted"
    if _CORPORATE.search(person.name):
        return "corporate"
    return "inverted" if "," in person.name or (person.family and not person.name) else "direct"


def has_host(work: Work) -> bool:
    """Whether the work is part of a journal or book; others are at most members of a series."""
    return work.type in _WITHIN_A_HOST


def parents(work: Work) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(its journal or book, the series it is in), of what the work is part of.

    A chapter's handle begins with that of a series, whose chapters may be of many books.
    """
    if work.type != "chapter":
        return (work.part_of, ()) if has_host(work) else ((), work.part_of)
    series = tuple(each for each in work.part_of if series_of(each) == each)
    return tuple(each for each in work.part_of if each not in series), series


def publishers(work: Work) -> tuple[str, ...]:
    """Publishers by name, then providers that are not among them."""
    if not work.providers:
        return work.publishers
    return tuple(dict.fromkeys((*work.publishers, *(provider.name for provider in work.providers))))


def places(work: Work) -> tuple[str, ...]:
    return tuple(dict.fromkeys(provider.location for provider in work.providers if provider.location))


def pages(work: Work) -> tuple[str, str]:
    """First and last page, where both are known or the first alone."""
    return page_ends(work) if work.page_start else ("", "")


def target(identifier: str, site: Site) -> str:
    """The address of a thing that a work links to."""
    return identifier if "//" in identifier else site.thing(identifier)


def local_identifier(identifier: str) -> str:
    """The handle or short-id of a thing; empty for an IRI of elsewhere."""
    return "" if "//" in identifier else identifier


def isbn(text: str) -> str:
    """Digits alone, where they are an ISBN by their check digit; else empty."""
    digits = _BARS.sub("", text).upper().removeprefix("ISBN:").removeprefix("ISBN")
    if not _ISBN.fullmatch(digits):
        return ""
    values = [10 if digit == "X" else int(digit) for digit in digits]
    if len(values) == 10:
        right = sum((10 - n) * value for n, value in enumerate(values)) % 11 == 0
    else:
        right = sum((3 if n % 2 else 1) * value for n, value in enumerate(values)) % 10 == 0
    return digits if right else ""


def issn(text: str) -> str:
    """`1234-5679`, where it is an ISSN by its check digit; else empty."""
    digits = text.strip().upper()
    if not _ISSN.fullmatch(digits):
        return ""
    digits = digits.replace("-", "")
    values = [10 if digit == "X" else int(digit) for digit in digits]
    right = sum((8 - n) * value for n, value in enumerate(values)) % 11 == 0
    return f"{digits[:4]}-{digits[4:]}" if right else ""


def is_date(text: str) -> bool:
    """Whether a date may be called W3CDTF: `yyyy`, `yyyy-mm` or `yyyy-mm-dd`."""
    return is_partial_date(text)


def is_licence(restriction: Text) -> bool:
    """Whether it says what may be done with the work, rather than who may see it."""
    return _LICENCE.search(restriction.value) is not None
