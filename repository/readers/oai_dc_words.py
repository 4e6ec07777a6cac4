"""Words that others have in Dublin Core for what a Work says: types, languages, places in a host; addresses of files.

No element is read in this room.
"""

import re
from functools import cache

from repository.model.vocabulary import work_types

# How others call our types, lower case and without what the word ends on in an IRI.
_TYPES = {
    "article": "article journalarticle contribution/article review bookreview c_2df8fbb1 c_3e5a",
    "paper": "workingpaper preprint report technicalreport c_816b c_93fc c_18gh c_18ws reportpart researchpaper",
    "book": "monograph c_f744",
    "chapter": "bookpart booksection bookchapter",
    "software": "computerprogram",
}
LANGUAGES = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cze": "cs", "dan": "da", "deu": "de",
    "dut": "nl", "ell": "el", "eng": "en", "est": "et", "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de",
    "gre": "el", "heb": "he", "hrv": "hr", "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko",
    "lav": "lv", "lit": "lt", "nld": "nl", "nor": "no", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro",
    "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl", "spa": "es", "srp": "sr", "swe": "sv", "tur": "tr",
    "ukr": "uk", "vie": "vi", "zho": "zh",
}  # fmt: skip


@cache
def types() -> dict[str, str]:
    found: dict[str, str] = {}
    rows = [row for row in work_types().values() if row.item]
    for row in rows:
        for name in (row.type, row.dc_type, row.label, row.coar, row.schema_org):
            if name:
                found.setdefault(type_word(name), row.type)
    for kind, names in _TYPES.items():
        for name in names.split():
            found.setdefault(type_word(name), kind)
    return found


def type_word(value: str) -> str:
    """`article` of `info:eu-repo/semantics/article`, `c6501` of COAR's IRI, `workingpaper` of `Working Paper`."""
    return re.sub(r"[\s_\-]+", "", value.rstrip("/").rpartition("/")[2].rpartition("#")[2].lower())


_FILE = re.compile(r"\.(?:pdf|ps|docx?|rtf|odt|txt|epub|djvu|dvi|zip|gz|pptx?|xlsx?|csv|xml)(?=[?#]|$)", re.I)


def names_file(address: str) -> bool:
    return _FILE.search(address) is not None


_PAGE = r"[A-Za-z]{0,3}\d+[A-Za-z]?(?:\.\d+)?"
# A Roman number alone may be anything.
_PAGES = rf"{_PAGE}(?:\s?[-–]\s?{_PAGE})?|[ivxlcdm]+\s?[-–]\s?[ivxlcdm]+"
_RANGE = re.compile(r"[A-Za-z]{0,3}\d+\s?[-–]\s?[A-Za-z]{0,3}\d+")
_SOURCE = re.compile(rf"(.+?)(?:, ([^\s,()]*\d[^\s,()]*)(\([^()]+\))?)?(?:, ({_PAGES}))?")
_DIGIT = re.compile(r"\d")
# The pattern is tried at each comma.
_LONGEST_SOURCE = 1000


def source_parts(text: str, kind: str) -> tuple[str, str, str, str, str]:
    """(host, volume, issue, number, pages) of a source as we write it; else the host alone. `kind`: the work's type.

    One number alone may be any of them: papers and programs have numbers, and what is a range are pages.
    """
    match = _SOURCE.fullmatch(text) if len(text) < _LONGEST_SOURCE else None
    if not match or (match[4] and not match[2] and not _DIGIT.search(match[4])):
        # `Letters, civil-mild`: Roman numbers are pages behind a volume alone.
        return text, "", "", "", ""
    host, volume, issue, pages = (part or "" for part in match.groups())
    if kind in ("paper", "software") and not issue:
        return host, "", "", volume, pages
    if not (issue or pages) and _RANGE.fullmatch(volume):
        return host, "", "", "", volume
    return host, volume, issue[1:-1], "", pages
