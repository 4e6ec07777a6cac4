"""What the ReDIF reader may find fault with: every code, how grave it is, and what is done about it.

No rule is applied in this room; the value of an e-mail, telephone, fax or private address field never enters a text.

| code | means | lenient | strict |
|---|---|---|---|
| empty-file | the file has no template | info | info |
| encoding | the file is neither ASCII nor UTF-8; which encoding was used | info | info |
| encoding-mark | a UTF-8 byte order mark before bytes that are not UTF-8 | warning | warning |
| no-encoding-mark | a .rdf file in UTF-8 without a byte order mark, which RePEc reads as Windows-1252 | info | info |
| mixed-encoding | UTF-8 with some bytes that are none of it | warning | warning |
| undefined-bytes | bytes that the encoding does not define, or half a character at the end | warning | warning |
| text-before-template | text before the first Template-Type | warning | warning |
| template-type | Template-Type is understood but not written as documented | info | refused |
| unknown-template-type | no such template type | refused | refused |
| missing-handle | no Handle, or an empty one | refused | refused |
| invalid-handle | the Handle cannot be one, or not one of this template type | refused | refused |
| odd-handle | usable, but not of the documented shape, or an indented field stands below it | warning | refused |
| second-handle | several templates run together: another Handle and another title | refused | refused |
| repeated-handle | Handle stands more than once | warning | refused |
| derived-handle | a Mirror has no handle of its own; one is made of its archive's | info | info |
| missing-title | a work without Title | refused | refused |
| missing-field | another field that this type must have is not there | warning | refused |
| unknown-field | this type has no such field | warning | refused |
| misplaced-field | a field of other types of works | warning | refused |
| repeated-field | a field with room for one value stands more than once | warning | warning |
| empty-field | a field without value | info | info |
| cluster-not-started | a part of an author, editor, file ... before the field that begins it | warning | refused |
| blank-before-colon | `Title :`, read as a field; strict reads it as text, as ReDIF-perl does | warning | |
| indented-field | an indented line like a field, read as text going on; below a Handle, as the field | info | info |
| indented-template | a template whose lines are all indented; strict reads it as text, as ReDIF-perl does | warning | |
| comment | a line that begins with # within a value | info | info |
| control-characters | characters that XML cannot hold | warning | warning |
| mojibake | UTF-8 that was once read as Windows-1252, or that as Latin-1 | warning | warning |
| markup | HTML tags or entities | info | info |
| contact | an e-mail address or telephone number within another field | info | info |
| too-long | longer than ReDIF-perl allows | warning | refused |
| invalid-date | not yyyy, yyyy-mm or yyyy-mm-dd | warning | refused |
| repaired-date | yyyymm or yyyymmdd | info | info |
| invalid-month | no month's name or number | warning | warning |
| invalid-url | no absolute http, https or ftp address | warning | refused |
| blank-in-url | a blank within a line of an address | warning | warning |
| repaired-url | an address on several lines, with blanks, entities or characters that must be escaped | info | info |
| invalid-doi | not a DOI | warning | refused |
| invalid-issn | not an ISSN, nor several | warning | warning |
| invalid-jel | not a JEL code | warning | warning |
| repaired-jel | a JEL code of four characters | info | info |
| invalid-language | not a two-letter language code | warning | refused |
| invalid-link | not the handle of another record | warning | refused |
| invalid-type | Type of a series is no template type of works | warning | refused |
| odd-format | File-Format is no MIME type | warning | warning |
| invalid-local | a local field of Sheaf's own that holds no value of its kind | warning | warning |
| derived-template | a series or archive that an export made up for its works: not a record | info | info |
| mixed-line-ends | line ends of several kinds, or carriage returns alone | info | info |
| missing-date | a work without any date | info | info |
| spelled-handle | a Handle with capitals, blanks or another prefix than RePEc: | info | info |
| other-folder | the record stands in the folder of another archive or series | warning | warning |
| placeholder | a value such as None or n/a, which says that there is none | warning | warning |
| several-names | several people in one Name | warning | warning |
| merged-names | perhaps several people, or an affiliation, in one Name | warning | warning |
| odd-name | shortened words, such as a journal's, where a person is named | warning | warning |
| merged-fields | another field's name within a value, or nearly one that begins a line of it | warning | warning |
| keywords-in-abstract | keywords or JEL codes at the end of an abstract | warning | warning |
| abstract-in-title | an abstract within the title | warning | warning |
| long-value | longer than ReDIF-perl likes | info | info |
| short-value | shorter than ReDIF-perl likes | info | info |
| broken-url | an address broken behind a hyphen | warning | refused |
| spelling | DOIs, ISSNs, JEL codes, languages in another spelling than the one that is kept | info | info |
| repaired-doi | a DOI with its address's escapes or query, tags, entities, or characters not seen | info | info |
| odd-doi | a DOI that ends with a mark of a sentence, or a bracket that it did not open | warning | warning |
| lost-characters | U+FFFD, question marks for letters, or an entity that names no character | warning | warning |
| invalid-email | no e-mail address where one belongs | warning | refused |
| invalid-share | a Share that is no number from 0 to 99 | warning | refused |
| repaired-format | a File-Format with capitals | info | info |
| odd-status | Publication-Status begins with neither published nor forthcoming | warning | refused |
"""

from collections.abc import Iterable
from typing import NamedTuple

from repository.readers.reader import Finding, Severity
from repository.readers.redif_contacts import without_contacts

KEPT = "kept as a source field"


class Note(NamedTuple):
    """A finding before it is known whose it is. `done` is only given where the code's usual word is not true.

    `field` and `value` (as `shown`) tell programs what the text tells people; no value of a private field is one.
    """

    code: str
    line: int
    text: str
    done: str = ""
    field: str = ""
    value: str = ""


class Code(NamedTuple):
    """`strict`: whether the strict reader refuses the record for it."""

    lenient: Severity
    strict: bool
    done: str


CODES = {
    "empty-file": Code("info", False, "nothing to read"),
    "encoding": Code("info", False, "decoded so"),
    "encoding-mark": Code("warning", False, "read as Windows-1252"),
    "no-encoding-mark": Code("info", False, "read as UTF-8"),
    "mixed-encoding": Code("warning", False, "these read as Windows-1252"),
    "undefined-bytes": Code("warning", False, "bytes dropped"),
    "text-before-template": Code("warning", False, "text ignored"),
    "template-type": Code("info", True, "read as that type"),
    "unknown-template-type": Code("error", True, ""),
    "missing-handle": Code("error", True, ""),
    "invalid-handle": Code("error", True, ""),
    "odd-handle": Code("warning", True, "used as it is"),
    "second-handle": Code("error", True, ""),
    "repeated-handle": Code("warning", True, f"the first is used, the other {KEPT}"),
    "derived-handle": Code("info", False, "identifier made"),
    "missing-title": Code("error", True, ""),
    "missing-field": Code("warning", True, "record kept without it"),
    "unknown-field": Code("warning", True, KEPT),
    "misplaced-field": Code("warning", True, "read all the same"),
    "repeated-field": Code("warning", False, f"the first is used, the other {KEPT}"),
    "empty-field": Code("info", False, "field dropped"),
    "cluster-not-started": Code("warning", True, KEPT),
    "blank-before-colon": Code("warning", False, "read as a field"),
    "indented-field": Code("info", False, "read as text going on"),
    "indented-template": Code("warning", False, "read as a template"),
    "comment": Code("info", False, "left out as a comment"),
    "control-characters": Code("warning", False, "characters removed"),
    "mojibake": Code("warning", False, "kept as it is"),
    "markup": Code("info", False, "tags taken out, entities decoded"),
    "contact": Code("info", False, "taken out, kept among the private facts"),
    "too-long": Code("warning", True, "kept whole"),
    "invalid-date": Code("warning", True, KEPT),
    "repaired-date": Code("info", False, "hyphens put in"),
    "invalid-month": Code("warning", False, KEPT),
    "invalid-url": Code("warning", True, KEPT),
    "blank-in-url": Code("warning", False, KEPT),
    "repaired-url": Code("info", False, "address mended"),
    "invalid-doi": Code("warning", True, KEPT),
    "invalid-issn": Code("warning", False, "kept as it is"),
    "invalid-jel": Code("warning", False, KEPT),
    "repaired-jel": Code("info", False, "cut to three characters"),
    "invalid-language": Code("warning", True, KEPT),
    "invalid-link": Code("warning", True, KEPT),
    "invalid-type": Code("warning", True, KEPT),
    "odd-format": Code("warning", False, "kept as it is"),
    "invalid-local": Code("warning", False, KEPT),
    "derived-template": Code("info", False, "not kept"),
    "mixed-line-ends": Code("info", False, "read as line ends"),
    "missing-date": Code("info", False, "kept without one"),
    "spelled-handle": Code("info", False, "read in its one spelling"),
    "other-folder": Code("warning", False, "kept as it is"),
    "placeholder": Code("warning", False, "kept as it is"),
    "several-names": Code("warning", False, "kept as one name"),
    "merged-names": Code("warning", False, "kept as one name"),
    "odd-name": Code("warning", False, "kept as it is"),
    "merged-fields": Code("warning", False, "kept as one value"),
    "keywords-in-abstract": Code("warning", False, "kept as it is"),
    "abstract-in-title": Code("warning", False, "kept as it is"),
    "long-value": Code("info", False, "kept whole"),
    "short-value": Code("info", False, "kept as it is"),
    "broken-url": Code("warning", True, "joined, the hyphen kept"),
    "spelling": Code("info", False, "read in their one spelling"),
    "repaired-doi": Code("info", False, "read without them"),
    "odd-doi": Code("warning", False, KEPT),
    "lost-characters": Code("warning", False, "kept as it is"),
    "invalid-email": Code("warning", True, "kept among the private facts"),
    "invalid-share": Code("warning", True, KEPT),
    "repaired-format": Code("info", False, "read in lower case"),
    "odd-status": Code("warning", True, "kept as it is"),
}

_CHECKS = frozenset(
    (
        *("too-long", "long-value", "short-value", "cluster-not-started", "repeated-field"),
        *(
            "invalid-date",
            "invalid-month",
            "invalid-url",
            "blank-in-url",
            "invalid-doi",
            "odd-doi",
            "odd-status",
        ),
        *("invalid-issn", "invalid-jel", "invalid-language", "invalid-link", "invalid-type", "invalid-email"),
        *("invalid-share", "odd-format"),
    )
)


def checks(code: str) -> bool:
    """Whether it finds fault with a value that is none in a local field, which RePEc reads and never checks."""
    return code in _CHECKS


def findings(notes: Iterable[Note], identifier: str, strict: bool) -> tuple[Finding, ...]:
    """The findings of a record, or of a file, in the order of the source."""
    return tuple(_finding(note, identifier, strict) for note in sorted(notes, key=_line))


def _line(note: Note) -> int:
    return note.line


def _finding(note: Note, identifier: str, strict: bool) -> Finding:
    code = CODES[note.code]
    if code.lenient == "error" or (strict and code.strict):
        return Finding(
            "error", note.code, note.line, note.text, "record refused", identifier, note.field, note.value
        )
    done = note.done or code.done
    return Finding(code.lenient, note.code, note.line, note.text, done, identifier, note.field, note.value)


def refuses(notes: Iterable[Note], strict: bool) -> bool:
    """Whether a record with these notes is refused."""
    return any(CODES[note.code].lenient == "error" or (strict and CODES[note.code].strict) for note in notes)


def shown(value: str) -> str:
    """A value as a finding quotes it: on one line, short, and without how to reach anybody."""
    flat = " ".join(value[:400].split())
    # Before it is cut: half an address is none that would be known.
    clean, taken = without_contacts("note", flat)
    said = clean if taken else flat
    quoted = repr(said if len(said) <= 80 else said[:77] + "...")
    return f"{quoted} (without a contact)" if taken else quoted
