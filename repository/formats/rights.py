"""What a statement about access or use means in vocabularies: COAR access rights, Creative Commons licences.

Nothing is guessed: a statement that does not say it in so many words means nothing here, and stays a text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from repository.model.work import File, Text, Work


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a vocabulary: its label there (for licences: the SPDX identifier, or empty) and its URI."""

    label: str
    uri: str


_COAR = "http://purl.org/coar/access_right/"
OPEN = Term("open access", _COAR + "c_abf2")
EMBARGOED = Term("embargoed access", _COAR + "c_f1cf")
RESTRICTED = Term("restricted access", _COAR + "c_16ec")
METADATA_ONLY = Term("metadata only access", _COAR + "c_14cb")

# The vocabulary of OpenAIRE's guidelines before version 4, which many repositories still give.
_EU_REPO = "info:eu-repo/semantics/"
_STATEMENTS = {
    **{
        word: term for term in (OPEN, EMBARGOED, RESTRICTED, METADATA_ONLY) for word in (term.label, term.uri)
    },
    _EU_REPO + "openaccess": OPEN,
    _EU_REPO + "embargoedaccess": EMBARGOED,
    _EU_REPO + "restrictedaccess": RESTRICTED,
    _EU_REPO + "closedaccess": METADATA_ONLY,
}
# As publishers word it in RePEc (`File-Restriction`).
_SUBSCRIBERS = re.compile(
    r"\bsubscribers only\b"
    # `to JSTOR subscribers`, `to AEA members and institutional subscribers`.
    r"|\b(?:only available|restricted|limited) to (?:[\w&'-]+ ){0,6}subscribers\b"
    r"|\baccess to (?:the )?full text\b[^.]{0,80}\bis restricted(?=\.|$)"
)
_BUT = re.compile(r"\b(?:free|open|after|until|not)\b")
_LICENCE = re.compile(
    r"https?://creativecommons\.org/"
    r"(?:licenses/(by(?:-nc)?(?:-sa|-nd)?)|publicdomain/(zero))/(\d\.\d)(?:/([a-z]{2}|igo|scotland)\b)?"
)


@lru_cache(maxsize=1024)
def access_right(statement: str) -> Term | None:
    """What COAR calls this kind of access; None where the statement leaves it open."""
    words = " ".join(statement.split()).lower()
    known = _STATEMENTS.get(words)
    if known is None and _SUBSCRIBERS.search(words) and not _BUT.search(words):
        return RESTRICTED
    return known


@lru_cache(maxsize=1024)
def licence(statement: str) -> Term | None:
    """The Creative Commons licence whose address stands in a statement."""
    found = _LICENCE.search(statement)
    if not found:
        return None
    # A licence for a country, or for organisations between them, is another one than that of no country.
    kind, zero, version, ported = found.groups()
    spdx = "" if ported else f"CC0-{version}" if zero else f"CC-{kind.upper()}-{version}"
    return Term(spdx, found[0] + "/")


def access_to(file: File) -> Term | None:
    return access_right(file.restriction.value) if file.restriction else None


def access_to_work(work: Work) -> Term | None:
    """The widest access that the record is sure of.

    A record with neither file nor page nor DOI leads to no text at all, which COAR calls metadata only access.
    """
    stated = access_right(work.restriction.value) if work.restriction else None
    if stated:
        return stated
    found = {access_to(file) for file in work.files}
    if OPEN in found:
        return OPEN
    if len(found) == 1:
        return found.pop()
    return None if work.files or work.landing_pages or work.dois else METADATA_ONLY


def licence_of_whole(said: str, of_files: Iterable[str]) -> Term | None:
    """The licence of a work as a whole: what is stated of it, else what is stated of each of its files."""
    found = {licence(statement) for statement in ([said] if licence(said) else of_files)}
    return found.pop() if len(found) == 1 else None


def statements(work: Work) -> tuple[Text, ...]:
    """All that the record says of access and use, each statement once."""
    found = [work.restriction, *(file.restriction for file in work.files)]
    return tuple(dict.fromkeys(text for text in found if text))
