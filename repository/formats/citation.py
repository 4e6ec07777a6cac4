"""The few phrases of a citation that several formats share.

No markup enters: escaping is the matter of each format.
"""

import re

from repository.formats.rights import RESTRICTED, access_to
from repository.model.work import File, Person, Work

# `1-20`, `e123`, `S1-S9`, `ix--xii`, `1-2, 5-9`; a page has a digit in it or is a Roman number.
_ONE = r"(?:[A-Za-z]{0,4}\d+[A-Za-z]?(?:\.\d+)?|[ivxlcdm]+|[IVXLCDM]+)"
_RANGE = rf"{_ONE}(?:\s*[-‐-―−]+\s*{_ONE})?"
_PAGE = re.compile(_ONE)
_PAGES = re.compile(rf"{_RANGE}(?:\s*,\s*{_RANGE})*")


def inverted(person: Person) -> str:
    """`Jones, Lorelei` where the source tells the names apart, else the name as signed."""
    if person.family and person.given:
        return f"{person.family}, {person.given}"
    return person.name or person.family or person.given


def institution(work: Work) -> str:
    """Who issued a paper: its publisher, else the series' provider, else where the first author works."""
    names = (
        *work.publishers,
        *(provider.name for provider in work.providers),
        *(workplace.name for person in work.creators for workplace in person.workplaces),
    )
    return next(filter(str.strip, names), "")


# `pp. 5--6`: what shows pages has the word itself.
_WORD_OF_PAGES = re.compile(r"^\s*(?:pp?\.|pages?\b)\s*(?=\w)", re.IGNORECASE)


def page_range(work: Work) -> str:
    """The pages as given, but for a word before them; else from first to last, else the first alone."""
    if work.pages:
        return _WORD_OF_PAGES.sub("", work.pages)
    if work.page_start and work.page_end:
        return f"{work.page_start}-{work.page_end}"
    return work.page_start


def source(work: Work) -> str:
    """Where the work stands: `Social Science & Medicine, 381(C), 1-20`; empty without a host."""
    if not work.host:
        return ""
    issue = f"({work.issue})" if work.issue else ""
    place, pages = f"{work.volume}{issue}", page_range(work)
    if work.type == "article" and place and not pages and work.number != work.issue:
        # Journals without pages count their articles.
        pages = work.number
    parts = (work.host, place or work.number, pages)
    return ", ".join(part for part in parts if part)


_DASH = re.compile("[-‐-―−]")
# `Second edition`, `2nd ed.`: styles have the word themselves. Looked for once behind a run of commas, not at each.
_EDITION = re.compile(r"(?<![\s,])[\s,]+ed(?:ition|n)?\b\.?$", re.IGNORECASE)


def article_number(work: Work) -> str:
    """What stands for pages where a journal has none: another number of an article than that of its issue.

    Empty where it would be taken for a range of pages.
    """
    if (
        work.type != "article"
        or work.issue in ("", work.number)
        or page_range(work)
        or _DASH.search(work.number)
    ):
        return ""
    return work.number


def edition(work: Work) -> str:
    """Which edition, without that word: `Second`."""
    said = " ".join(work.edition.split())
    return _EDITION.sub("", said) or said


# `inpress` is BibLaTeX's.
_WAITS = re.compile(r"(?:forthcoming|in[ -]?press)\b", re.IGNORECASE)


def waiting(work: Work) -> str:
    """What stands for the year of a work that has none yet: `forthcoming`; empty for one that merely has no date.

    The status of a paper or program is that of what it becomes.
    """
    status = "" if work.type in ("paper", "software") else work.status
    found = next(filter(None, (_WAITS.match(text.strip()) for text in (work.date, status))), None)
    return ("forthcoming" if found[0][0] in "Ff" else "in press") if found else ""


# Of other types, `Pages: 43` is how many there are.
_WITHIN = ("article", "chapter")
_LONGEST_PAGE = 20
# Words for files that are the whole of a work.
_WHOLE = re.compile(r"\bfull[ -]?text\b|\b(?:version|manuscript|vor)\b", re.IGNORECASE)
_PART = re.compile(r"\b(?:sample|append|supplement|data|slide|code|program)", re.IGNORECASE)


def page_ends(work: Work) -> tuple[str, str]:
    """The first and last page; empty where the pages are counted, or cannot be told apart."""
    if work.page_start:
        return work.page_start, work.page_end and last_of_range(work.page_start, work.page_end)
    pages = page_range(work).strip()
    if not _PAGES.fullmatch(pages):
        return "", ""
    first, *others = _PAGE.findall(pages)
    if others:
        *_, behind_last_comma = pages.split(",")
        return first, last_of_range(*_PAGE.findall(behind_last_comma))
    return (first, "") if work.type in _WITHIN else ("", "")


COUNTED = re.compile(r"(\d{1,6})\s*(?:p|pp|pages?|s|seiten?)?\.?", re.IGNORECASE | re.ASCII)


def page_count(work: Work) -> str:
    """How many pages a work has that stands in no other: the number of `43 pages`, else as given; empty where they are
    places in something."""
    if work.type in _WITHIN or page_ends(work)[0]:
        return ""
    pages = page_range(work).strip()
    counted = COUNTED.fullmatch(pages)
    return counted[1] if counted else pages


def last_of_range(first: str, last: str = "") -> str:
    """The last page, with the digits that are left out in `123-9` and `1120-36`; of one page, that."""
    if last and len(last) < len(first) < _LONGEST_PAGE and (first + last).isdecimal():
        whole = first[: -len(last)] + last
        return whole if int(whole) > int(first) else last
    return last or first


def extents(work: Work) -> tuple[str, ...]:
    """How long the work is and how large its files are: `43 pages`, `512 kB`."""
    found = []
    pages = work.pages.strip()
    if pages and not page_ends(work)[0]:
        found.append(f"{pages} pages" if pages.isdecimal() else pages)
    found += [f"{file.size} kB" if file.size.isdecimal() else file.size for file in work.files if file.size]
    return tuple(dict.fromkeys(found))


def is_paper(file: File) -> bool:
    """Whether a file is the work itself as PDF, for everyone: no sample, appendix or slides."""
    kind = file.format.partition(";")[0].strip().lower()
    whole = not file.function.strip() or (_WHOLE.search(file.function) and not _PART.search(file.function))
    return kind == "application/pdf" and bool(whole) and access_to(file) != RESTRICTED


# It says itself that it is a version.
_RELEASE = re.compile(r"v(?:ersion|\.)?\s*\d|release\b", re.IGNORECASE)


def release(work: Work) -> str:
    """Which version of software: `version 1.2`."""
    said = " ".join(work.edition.split())
    return said and (said if _RELEASE.match(said) else f"version {said}")


def reference(work: Work) -> str:
    """Where and when the work stands, to find it by: `Handbook of Economics, 2nd ed., chap. 3, 41-77 (2019)`.

    Empty where there is no more to say than the year.
    """
    edition = work.edition and (work.edition if "ed" in work.edition.lower() else f"{work.edition} ed.")
    if work.type == "software":
        edition = release(work)
    chapter = work.chapter and f"chap. {work.chapter}"
    found = ", ".join(filter(None, (source(work), edition, chapter)))
    return f"{found} ({work.year})" if found and work.year else found
