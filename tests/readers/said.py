"""Works that the formats of reference managers can say, and what each of them says of any.

`expected(form, work)` states exactly which fields survive a round trip through our writer and our reader, and how.
"""

from dataclasses import fields

from hypothesis import strategies as st

from repository.formats.citation import is_paper, page_count
from repository.model.site import doi_iri
from repository.model.work import File, Person, Text, Work
from repository.readers.reference import sorted_work
from tests import strategies as drawn

ITEMS = ("article", "paper", "book", "chapter", "software", "document")
FORMATS = ("bibtex", "ris", "csl")
# Fields that survive as they are. Others are in `_CHANGED` of the format, or are not said by it at all.
SAME = {
    "bibtex": ("identifier", "host", "volume", "edition", "chapter"),
    "ris": (
        "identifier",
        "type",
        "languages",
        "host",
        "volume",
        "issue",
        "number",
        "edition",
        "chapter",
        "publishers",
        "isbns",
        "issns",
    ),
    "csl": (
        "identifier",
        "type",
        "host",
        "volume",
        "issue",
        "number",
        "edition",
        "chapter",
        "publishers",
        "isbns",
        "issns",
        "status",
    ),
}
CHANGED = {
    "bibtex": {
        "type": "a document under a RePEc handle is software",
        "title": "in no language",
        "creators": "names alone: no identifiers, homepages, workplaces",
        "editors": "as creators",
        "issued": "the date of creation where there is no other",
        "publishers": "of an article none; of a paper the first, as its institution",
        "issue": "an article's, else its number",
        "number": "of others than articles: the number, else the issue; of a chapter none",
        "volume": "of papers and software none",
        "edition": "of books, chapters and software, without that word",
        "chapter": "of chapters",
        "pages": "with a hyphen, else an article's number behind its issue; of books and software none",
        "page_start": "with page_end, where pages are a range",
        "page_end": "with page_start",
        "isbns": "of books, chapters and documents",
        "issns": "of articles and documents",
        "dois": "the first",
        "abstracts": "the first, in no language",
        "keywords": "in no language",
    },
    "ris": {
        "title": "in the work's one language",
        "alternatives": "in no language",
        "creators": "names alone: no identifiers, homepages, workplaces",
        "editors": "as creators",
        "files": "address, and whether it is the work as PDF for everyone",
        "issued": "the date of creation where there is no other",
        "pages": "with a hyphen",
        "page_start": "with page_end, where pages are a range",
        "page_end": "with page_start",
        "dois": "the first",
        "abstracts": "in the work's one language",
        "notes": "in no language",
        "keywords": "in the work's one language",
        "landing_pages": "those that are no files",
    },
    "csl": {
        "title": "in the work's one language",
        "creators": "names alone: no identifiers, homepages, workplaces",
        "editors": "as creators",
        "languages": "where there is one",
        "issued": "the date of creation where there is no other",
        "pages": "with a hyphen; where they are counted, the number alone",
        "page_start": "with page_end, where pages are a range",
        "page_end": "with page_start",
        "dois": "the first",
        "abstracts": "the first, in the work's one language",
        "notes": "the first, in no language",
        "keywords": "in the work's one language",
    },
}
_BIBTEX = {
    "article": {"volume", "issue", "pages", "issns"},
    "paper": {"publishers", "number", "pages"},
    "book": {"volume", "number", "edition", "publishers", "isbns"},
    "chapter": {"chapter", "pages", "volume", "edition", "publishers", "isbns"},
    "software": {"number", "edition", "publishers"},
    "document": {"volume", "number", "pages", "publishers", "isbns", "issns"},
}
_LIMITED = frozenset().union(*_BIBTEX.values())


def expected(form: str, work: Work) -> Work:
    """What our reader makes of what our writer writes."""
    language = work.languages[0] if form != "bibtex" and len(work.languages) == 1 else ""
    values = {name: getattr(work, name) for name in SAME[form]} | {
        "type": work.type,
        "title": Text(work.title.value, language),
        "creators": tuple(map(_name, work.creators)),
        "editors": tuple(map(_name, work.editors)),
        "issued": work.date,
        "dois": work.dois[:1],
        "abstracts": tuple(dict.fromkeys(Text(text.value, language) for text in work.abstracts)),
        "keywords": tuple(dict.fromkeys(Text(text.value, language) for text in work.keywords)),
        **_pages(work),
    }
    made = {"bibtex": _bibtex, "ris": _ris, "csl": _csl}[form](work, values)
    return sorted_work(Work(**made))


def _bibtex(work: Work, values: dict) -> dict:
    kind = work.type
    if kind in ("document", "software"):
        values["type"] = kind = "software" if work.handle else "document"
    number = work.issue or work.number
    values |= {"abstracts": values["abstracts"][:1], "issue": "", "number": ""}
    values["issue" if work.type == "article" else "number"] = number
    numbered = work.issue and work.number != work.issue and "-" not in work.number
    if work.type == "article" and numbered and not work.pages:
        values["pages"] = work.number
    values |= {name: getattr(work, name) for name in ("isbns", "issns")}
    values["publishers"] = work.publishers
    empty = Work("x", "article")
    for name in _LIMITED - _BIBTEX[work.type]:
        values[name] = getattr(empty, name)
    if work.type == "paper":
        values["publishers"] = work.publishers[:1]
    if not values["pages"]:
        values |= {"page_start": "", "page_end": ""}
    return values


def _ris(work: Work, values: dict) -> dict:
    files = tuple(File(f.url, f.format if is_paper(f) else "") for f in work.files)
    urls = {file.url for file in files}
    return values | {
        # A graph says the same once, and two of them may have differed in their languages alone.
        "alternatives": tuple(dict.fromkeys(Text(text.value) for text in work.alternatives)),
        "notes": tuple(dict.fromkeys(Text(text.value) for text in work.notes)),
        "files": tuple(dict.fromkeys(files)),
        "landing_pages": tuple(page for page in work.landing_pages if page not in urls),
    }


def _csl(work: Work, values: dict) -> dict:
    return values | {
        "languages": work.languages if len(work.languages) == 1 else (),
        "abstracts": values["abstracts"][:1],
        "notes": tuple(Text(text.value) for text in work.notes[:1]),
        "pages": page_count(work) or work.pages,
    }


def _name(person: Person) -> Person:
    if person.given and person.family:
        return Person(f"{person.given} {person.family}", person.given, person.family)
    return Person(person.name)


def _pages(work: Work) -> dict[str, str]:
    if "-" in work.pages:
        first, last = work.pages.split("-")
        return {"pages": work.pages, "page_start": first, "page_end": last}
    return {"pages": work.pages}


def said_fields(form: str) -> frozenset[str]:
    return frozenset(SAME[form]) | frozenset(CHANGED[form]) | {"identifier", "type"}


def unsaid_fields(form: str) -> tuple[str, ...]:
    """The fields of a work of which the format has no word, in the order of `Work`."""
    return tuple(field.name for field in fields(Work) if field.name not in said_fields(form))


# --- works on which nothing but the format can take away ----------------------------------------------------------

_ODD = (
    "100% of $5 & #1_a^2 {x} ~ \\alpha",
    "O'Neill — “quoted” ‘single’",
    "Эконо́мика 经济学 اقتصاد",
    "a @b, c = d -- e",
    "“and” Band and sand",
    "C# or F#",
    "x -- y --- z ''q'' ``r``",
    "What? A `tick`",
)
_WORDS = ("growth", "Wages", "théorie", "GDP", "Ökonomie", "3rd", "of", "кризис", "経済")


def words() -> st.SearchStrategy[str]:
    plain = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map(" ".join)
    return st.one_of(plain, st.tuples(plain, st.sampled_from(_ODD)).map(" ".join))


def simple() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3).map(" ".join)


def _people() -> st.SearchStrategy[tuple[Person, ...]]:
    family = st.sampled_from(("Jones", "de la Cruz", "Müller", "O'Neill", "King Jr.", "李", "van den Berg"))
    given_ = st.sampled_from(("Ada", "José María", "J. R.", "Søren", "小龍"))
    told = st.builds(lambda f, g: Person(f"signed {g} {f}", g, f, identifier="pka1"), family, given_)
    whole = st.sampled_from(
        ("World Bank", "Ministry of Food and Agriculture", "山田太郎", "others", "R&D Team", "Group, The")
    )
    return st.lists(st.one_of(told, whole.map(Person)), max_size=3).map(tuple)


def _some(values: st.SearchStrategy, size: int = 3) -> st.SearchStrategy[tuple]:
    return st.lists(values, max_size=size, unique=True).map(lambda found: tuple(sorted(found)))


def sayable() -> st.SearchStrategy[Work]:
    text = st.builds(Text, words(), st.sampled_from(("", "en", "de")))
    single = st.builds(Text, simple(), st.sampled_from(("", "en")))
    maybe = lambda values: st.one_of(st.just(""), values)  # noqa: E731
    number = st.integers(1, 9999).map(str)
    return st.builds(
        Work,
        identifier=st.one_of(drawn.items(), st.just("oai:arXiv.org:2101.00001")),
        type=st.sampled_from(ITEMS),
        title=text,
        alternatives=_some(single, 2),
        abstracts=_some(text, 2),
        notes=_some(text, 1),
        creators=_people(),
        editors=_people(),
        files=st.lists(
            st.builds(File, drawn.links(), st.sampled_from(("", "application/pdf", "text/html"))),
            max_size=2,
            unique_by=lambda file: file.url,
        ).map(tuple),
        issued=maybe(drawn.dates()),
        created=maybe(drawn.dates()),
        languages=_some(st.sampled_from(("de", "en")), 2),
        host=maybe(simple()),
        publishers=_some(simple(), 2),
        volume=maybe(number),
        issue=maybe(st.one_of(number, st.sampled_from(("C", "1-2")))),
        number=maybe(st.one_of(number, st.sampled_from(("2021-07", "S0042")))),
        pages=st.sampled_from(("", "1-20", "e123", "S1-S9", "43 pages")),
        edition=maybe(st.sampled_from(("2nd", "3"))),
        chapter=maybe(number),
        dois=_some(drawn.dois(), 2),
        isbns=_some(st.sampled_from(("978-3-16-148410-0", "0306406152")), 2),
        issns=_some(st.sampled_from(("0277-9536", "1873-5347")), 2),
        keywords=_some(single, 4),
        status=maybe(simple()),
        landing_pages=_some(drawn.links(), 2),
        cites=_some(st.just(doi_iri("10.1000/182")), 1),
        jel=_some(st.just("I11"), 1),
    )
