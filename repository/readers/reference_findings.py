"""What the readers of other formats (BibTeX, RIS, CSL-JSON, Crossref, oai_dc) may find fault with.

| code | means | lenient | strict |
|---|---|---|---|
| encoding | the file is neither ASCII nor UTF-8 | info | info |
| mixed-encoding | UTF-8 with some bytes that are none of it | warning | warning |
| undefined-bytes | bytes that Windows-1252 does not define, or half a character at the end | warning | warning |
| empty-file | the file has no entry | info | info |
| deleted-record | an OAI record that is deleted where it comes from | info | info |
| text-between | text outside entries that means nothing | warning | warning |
| damaged-entry | an entry that cannot be told apart into fields | refused | refused |
| no-end | the entry ends without the mark of its end | warning | refused |
| missing-title | an entry without title | refused | refused |
| no-identifier | neither handle nor DOI, and no namespace was given | refused | refused |
| invalid-identifier | what should be the identifier cannot be one | refused | refused |
| too-many | more authors, keywords, references ... than a record may have | refused | refused |
| repeated-key | the key of an entry before it | warning | warning |
| repeated-field | a field with room for one value stands more than once | warning | refused |
| unknown-type | a type of entry that is none of ours: read as a document | info | info |
| unknown-field | no attribute of a work holds it | info | info |
| unknown-macro | a BibTeX macro that nothing defines | warning | refused |
| inherited | fields taken over from another entry (`crossref`, `xdata`) | info | info |
| missing-parent | `crossref` or `xdata` names an entry that is not in the file | warning | refused |
| others | "and others": there are authors whom the entry does not name | warning | warning |
| several-names | several people in one name, or "et al." | warning | warning |
| merged-names | perhaps several people, or somebody and an affiliation, in one name | info | info |
| odd-name | a role stands behind a name | info | info |
| latex | a LaTeX command of unknown meaning | warning | warning |
| left-out | what a file says of itself and of the order of its entries: told once | info | info |
| local-path | the name of a file on somebody's computer | info | info |
| several-values | one field with several values | info | info |
| markup | HTML or JATS tags, or entities | info | info |
| control-characters | characters that XML cannot hold | warning | warning |
| invalid-date | no date | warning | refused |
| repaired-date | a range, a season, or more than a date: its beginning is used | info | info |
| invalid-doi | no DOI | warning | refused |
| invalid-issn | no ISSN | warning | warning |
| contact | an e-mail address or telephone number within a text | info | info |
| invalid-url | no absolute http, https or ftp address | warning | refused |
| blank-in-url | a blank that may belong to an address, or end it | warning | warning |
| words-in-url | words beside an address: it is used | info | info |
| repaired-url | an address that was broken into pieces | info | info |
| invalid-jel | no JEL code | warning | warning |
| invalid-language | no language that we know | warning | warning |
| invalid-value | a value of a kind that this field cannot have | warning | refused |
"""

from typing import NamedTuple

from repository.readers.reader import Severity


class Code(NamedTuple):
    """`strict`: whether the strict reader refuses the record for it."""

    lenient: Severity
    strict: bool
    done: str


KEPT = "kept as a source field"
CODES = {
    "encoding": Code("info", False, "decoded so"),
    "mixed-encoding": Code("warning", False, "these read as Windows-1252"),
    "undefined-bytes": Code("warning", False, "bytes dropped"),
    "empty-file": Code("info", False, "nothing to read"),
    "deleted-record": Code("info", False, "not read"),
    "text-between": Code("warning", False, "text ignored"),
    "damaged-entry": Code("error", True, ""),
    "no-end": Code("warning", True, "read to where the next begins"),
    "missing-title": Code("error", True, ""),
    "no-identifier": Code("error", True, ""),
    "invalid-identifier": Code("error", True, ""),
    "too-many": Code("error", True, ""),
    "repeated-key": Code("warning", False, "read all the same"),
    "repeated-field": Code("warning", True, f"the first is used, the other {KEPT}"),
    "unknown-type": Code("info", False, "read as a document"),
    "unknown-field": Code("info", False, KEPT),
    "unknown-macro": Code("warning", True, "its name is used"),
    "inherited": Code("info", False, "taken over"),
    "missing-parent": Code("warning", True, "record kept without it"),
    "others": Code("warning", False, KEPT),
    "several-names": Code("warning", False, "kept as one name"),
    "merged-names": Code("info", False, "read as this format has names"),
    "odd-name": Code("info", False, "kept in the name"),
    "latex": Code("warning", False, "its words are kept"),
    "left-out": Code("info", False, "left out"),
    "local-path": Code("info", False, "left out"),
    "several-values": Code("info", False, "each is used"),
    "markup": Code("info", False, "tags taken out, entities decoded"),
    "control-characters": Code("warning", False, "characters removed"),
    "invalid-date": Code("warning", True, KEPT),
    "repaired-date": Code("info", False, KEPT),
    "invalid-doi": Code("warning", True, KEPT),
    "invalid-issn": Code("warning", False, KEPT),
    "contact": Code("info", False, "taken out, kept among the private facts"),
    "invalid-url": Code("warning", True, KEPT),
    "blank-in-url": Code("warning", False, KEPT),
    "words-in-url": Code("info", False, f"used up to the blank, the whole {KEPT}"),
    "repaired-url": Code("info", False, f"used as joined, the whole {KEPT}"),
    "invalid-jel": Code("warning", False, KEPT),
    "invalid-language": Code("warning", False, KEPT),
    "invalid-value": Code("warning", True, KEPT),
}
