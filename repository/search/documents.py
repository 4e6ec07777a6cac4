"""What of a record is searched: a `Work` becomes a plain `Entry`, and that a document of the index.

The digest of an entry is kept in its document, so `verify` compares every record with what the index was given.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import tantivy

from repository.model.datestamps import date_parts
from repository.model.site import doi_iri
from repository.model.vocabulary import work_types
from repository.model.work import Text, Work
from repository.search import schema
from repository.search.outlines import full_texts, outline
from repository.search.text import analyzer, code_of, folded, language, spelt

# How often a part stands in the field of everything: BM25 weighs what occurs more often more.
_OF_TITLE, _OF_AUTHOR, _OF_KEYWORD = 3, 2, 2
# No record makes the index large: of each part so many, of each text so many letters.
_MOST = 200
# More than sign any work: each of hundreds looks for his own name.
_MOST_PEOPLE = 5000
_MOST_LETTERS = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one record. Texts are as the record has them; codes are as they are compared.

    `citations`: how many records cite it, which is told by others. `cites`: what this one names: identifiers and
    DOIs as IRIs, its own DOIs among them.
    """

    identifier: str
    type: str
    titles: tuple[Text, ...]
    names: tuple[str, ...]
    keywords: tuple[Text, ...]
    texts: tuple[Text, ...]
    host: str
    series: tuple[str, ...]
    dois: tuple[str, ...]
    jel: tuple[str, ...]
    languages: tuple[str, ...]
    date: int
    fulltext: bool
    cites: tuple[str, ...]
    citations: int
    outline: str


def entry(work: Work, cites: tuple[str, ...], citations: int) -> Entry:
    own = work.languages[0] if work.languages else ""
    people = [*work.creators, *work.editors][:_MOST_PEOPLE]
    called = [work.name_english] if work.name_english else []
    return Entry(
        identifier=work.identifier,
        type=work.type,
        titles=_texts((work.title, *work.alternatives, *(Text(name) for name in called)), own),
        names=tuple(dict.fromkeys(person.name for person in people if person.name)),
        keywords=_texts(work.keywords, own),
        texts=_texts((*work.abstracts, *work.descriptions, *work.notes), own),
        host=work.host,
        series=work.part_of[:_MOST],
        dois=tuple(doi.lower() for doi in work.dois[:_MOST]),
        jel=tuple(code.upper() for code in work.jel[:_MOST]),
        languages=tuple(sorted({code for tag in work.languages[:_MOST] if (code := code_of(tag))})),
        date=_date(work.date),
        fulltext=bool(full_texts(work)),
        cites=cites,
        citations=citations,
        outline=outline(work),
    )


def _texts(texts: tuple[Text, ...], own: str) -> tuple[Text, ...]:
    found = (Text(each.value[:_MOST_LETTERS], each.language or own) for each in texts[:_MOST] if each.value)
    return tuple(dict.fromkeys(found))


def _date(date: str) -> int:
    """As a number that sorts: 20200300 for March 2020; 0 for none. Of a foreign graph it may be any text."""
    year, month, day = date_parts(date)
    return int(f"{year or 0}{month or '00'}{day or '00'}")


def digest(found: Entry, seq: int) -> str:
    text = json.dumps([seq, asdict(found)], ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def document(found: Entry, seq: int) -> tantivy.Document:
    doc = tantivy.Document()
    for field, value in _values(found):
        doc.add_text(field, value)
    for field, text, code, times in _passages(found):
        if code == "en":
            prepared = folded(text)
            for _ in range(times):
                doc.add_text(field, prepared)
        else:
            cut = analyzer(code).pre_tokenize(folded(text))
            for _ in range(times):
                doc.add_pre_tokenized_text(field, cut)
    if found.date:
        doc.add_unsigned(schema.YEAR, found.date // 10_000)
    doc.add_unsigned(schema.BY_DATE, found.date << schema.SEQ_BITS | seq)
    doc.add_unsigned(schema.FULLTEXT, int(found.fulltext))
    doc.add_unsigned(schema.CITATIONS, found.citations)
    doc.add_unsigned(schema.BY_CITATIONS, found.citations << schema.SEQ_BITS | seq)
    doc.add_unsigned(schema.SEQ, seq)
    doc.add_text(schema.DIGEST, digest(found, seq))
    doc.add_bytes(schema.OUTLINE, found.outline.encode("utf-8", "replace"))
    return doc


def _passages(found: Entry) -> Iterator[tuple[str, str, str, int]]:
    """(field, text, the language whose endings are cut, how often it counts)."""
    for title in found.titles:
        code = language(title.language)
        yield schema.TITLE, title.value, code, 1
        yield schema.ALL, title.value, code, _OF_TITLE
    for keyword in found.keywords:
        code = language(keyword.language)
        yield schema.KEYWORD, keyword.value, code, 1
        yield schema.ALL, keyword.value, code, _OF_KEYWORD
    for text in found.texts:
        yield schema.ALL, text.value, language(text.language), 1
    for name in found.names:
        for each in filter(None, (name, spelt(name))):
            yield schema.ALL, each, "en", _OF_AUTHOR
    if found.host:
        yield schema.SERIES, found.host, "en", 1
        yield schema.ALL, found.host, "en", 1


def _values(found: Entry) -> Iterator[tuple[str, str]]:
    yield schema.LIVE, "1"
    yield schema.IDENTIFIER, found.identifier
    chance = zlib.crc32(found.identifier.encode())
    for every in schema.SAMPLES:
        if chance % every == 0:
            yield schema.SAMPLE, str(every)
    yield schema.TYPE, found.type
    for number, name in enumerate(found.names):
        # Each has no word, and what follows it stands one place further.
        yield from ((schema.AUTHOR, ""),) * (schema.APART if number else 0)
        for each in filter(None, (name, spelt(name))):
            yield schema.AUTHOR, folded(each)
            yield schema.WORDS, folded(each)
    for text in (*found.titles, *found.keywords, *found.texts, Text(found.host)):
        yield schema.WORDS, folded(text.value)
    for doi in found.dois:
        yield schema.DOI, doi
    for above in sorted({code[:n].lower() for code in found.jel for n in range(1, len(code) + 1)}):
        yield schema.JEL, above
    # Series have codes, too; what is counted under one is works, as the lists to browse count.
    for code in dict.fromkeys(found.jel) if work_types()[found.type].item else ():
        yield schema.JEL_FACET, code
    for tag in found.languages:
        yield schema.LANGUAGE, tag
    for part in found.series:
        yield schema.PART, part.lower()
    for part in found.series[:1]:
        yield schema.SERIES_FACET, part
    for each in found.cites:
        yield schema.CITES, each


def own_dois(work: Work) -> tuple[str, ...]:
    """The DOIs of a record as the log's links have them."""
    return tuple(doi_iri(doi).lower() for doi in work.dois)
