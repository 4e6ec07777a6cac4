"""From an `oai_dc:dc` element to a Work: the reverse of `formats/oai_dc.py`, and as much as any other's can say.

What no attribute of a Work can hold is kept as a source field (`X-DC-Relation: ...`). No identifier is made here, and
nothing is looked up.

| element | becomes |
|---|---|
| title | the title; further ones alternatives |
| creator, contributor | authors; editors, the one kind of contributor that a Work has |
| subject | JEL codes where it says `JEL: I11`, else keywords |
| description | the abstract; a further one too if it is in another language, else a description |
| date | the first date that is one, as issued; before those with a time of day, at which DSpace took a record |
| type | ours by the word or IRI of types.csv, DCMI, COAR, info:eu-repo; else a document |
| identifier | DOIs, ISBNs; addresses are files where a format is given, from the last one back, else landing pages |
| source | host, volume, issue and pages where it is written as we write it, else the host |
| relation | identifiers (`altIdentifier`); series; ISSNs; other things with a name here, and addresses, as see-also |
| rights | restriction of the work; further ones of its files |

What is no Sheaf's has only files whose addresses end as files do, and none has a restriction of its own.
Elements of other names or namespaces, and text between elements, are source fields too (`X-DCTerms-Issued: ...`).
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from repository.model.datestamps import is_partial_date
from repository.model.errors import IdentifierError, SourceError
from repository.model.identifiers import normalise, series_of
from repository.model.site import internal_thing
from repository.model.work import File, Person, Text, Work
from repository.readers import redif_values as values
from repository.readers.addresses import exact, found_in
from repository.readers.oai_dc_elements import ROOT, elements, others
from repository.readers.oai_dc_words import LANGUAGES, names_file, source_parts, type_word, types
from repository.readers.redif_names import given_and_family

# Elements of words, which may have markup in them; and all that a Work has a place or a rule for.
_WORDS = frozenset(
    ("title", "creator", "contributor", "subject", "description", "publisher", "source", "rights", "coverage")
)
_KNOWN = _WORDS | {"date", "type", "format", "identifier", "language", "relation"}
_TIME = re.compile(r"\dT\d", re.ASCII)
_ODD = re.compile(r"[^A-Za-z0-9\-]+")

_ISBN = re.compile(r"(?:urn:isbn:|isbn[:\s]*)?((?:\d[- ]?){9}[\dXx]|(?:\d[- ]?){12}\d)", re.I | re.ASCII)
_ISSN = re.compile(r"(?:urn:issn:(?=.)|issn[:\s]*(?=\d{4}-?\d{3}[\dx]$))(.+)", re.I | re.ASCII)
_JEL = re.compile(r"JEL:\s*([A-Z](?:\d{1,2})?)", re.ASCII)
_ALTERNATIVE = re.compile(r"info:eu-repo/semantics/altIdentifier/(?:doi|isbn)/(.+)", re.I)


def work_of(
    element: Any, identifier: str, base: str = "", clean: Callable[[str, str], str] | None = None
) -> Work:
    """The work that an `oai_dc:dc` element describes, under the identifier that it is to have here.

    `base` is the upstream's base URL where it is a Sheaf: addresses under `<base>id/` are identifiers then. `clean`
    makes of an element's name and words the words that are kept. Raises SourceError where there is no title.
    """
    if element.tag != ROOT:
        raise SourceError(f"its metadata is {str(element.tag)[:200]}, not oai_dc")
    said = _Said(identifier, base)
    for name, text in elements(element):
        if name not in _KNOWN:
            said.leave(name, text.value)
        elif clean and name in _WORDS:
            if words := clean(name, text.value):
                said.texts[name].append(replace(text, value=words))
        else:
            said.texts[name].append(text)
    for name, value in others(element):
        said.leave(name, value)
    return said.work()


@dataclass(slots=True)
class _Said:
    """What the elements say, and what of it found no place yet."""

    identifier: str
    base: str
    texts: dict[str, list[Text]] = field(default_factory=lambda: defaultdict(list))
    left: list[str] = field(default_factory=list)

    def plain(self, name: str) -> list[str]:
        return list(dict.fromkeys(text.value for text in self.texts[name]))

    def leave(self, name: str, value: str) -> None:
        name = _ODD.sub("-", name[:1].upper() + name[1:]).strip("-") or "Field"
        prefix = "" if name.startswith(("DCTerms-", "XML-")) else "DC-"
        self.left.append(f"X-{prefix}{name}: {values.folded(value)}")

    def work(self) -> Work:
        titles = self.texts["title"]
        if not titles:
            raise SourceError("it has no title")
        kind = self._type()
        self._alternatives()
        host, volume, issue, number, pages = self._source(kind)
        dois, isbns, addresses = self._identifiers()
        rights = list(dict.fromkeys(self.texts["rights"]))
        files = self._files(addresses, rights[1:])
        abstracts, descriptions = self._descriptions()
        jel, keywords = self._subjects()
        part_of, issns, see_also = self._relations()
        first_and_last = values.page_range(pages) if pages else None
        work = Work(
            identifier=self.identifier,
            type=kind,
            title=titles[0],
            alternatives=tuple(dict.fromkeys(titles[1:])),
            abstracts=abstracts,
            descriptions=descriptions,
            creators=tuple(map(_person, self.plain("creator"))),
            editors=tuple(map(_person, self.plain("contributor"))),
            publishers=tuple(self.plain("publisher")),
            files=files,
            issued=self._date(),
            languages=self._languages(),
            part_of=part_of,
            host=host,
            volume=volume,
            issue=issue,
            number=number,
            pages=pages,
            page_start=first_and_last[0] if first_and_last else "",
            page_end=first_and_last[1] if first_and_last else "",
            dois=dois,
            isbns=isbns,
            issns=issns,
            keywords=keywords,
            jel=jel,
            restriction=rights[0] if rights else None,
            landing_pages=tuple(addresses[: max(0, len(addresses) - len(files))]),
            see_also=see_also,
        )
        for value in self.plain("coverage"):
            self.leave("Coverage", value)
        return replace(work, source_fields=tuple(sorted(set(self.left))))

    def _type(self) -> str:
        found = "document"
        for value in self.plain("type"):
            name = type_word(value)
            kind = types().get(name)
            if kind and found == "document":
                found = kind
            elif kind not in (found, "document"):
                self.leave("Type", value)
        return found

    def _date(self) -> str:
        found = ""
        for value in sorted(self.plain("date"), key=lambda each: _TIME.search(each) is not None):
            date = value if is_partial_date(value) else values.date(value.partition("T")[0]) or ""
            if date and not found:
                found = date
            elif not date or date != found:
                self.leave("Date", value)
        return found

    def _subjects(self) -> tuple[tuple[str, ...], tuple[Text, ...]]:
        codes, words = [], []
        for text in self.texts["subject"]:
            match = _JEL.fullmatch(text.value)
            if match:
                codes.append(match[1])
            else:
                words.append(text)
        return tuple(dict.fromkeys(codes)), tuple(dict.fromkeys(words))

    def _descriptions(self) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
        abstracts: list[Text] = []
        others: list[Text] = []
        known = set[str]()
        for text in dict.fromkeys(self.texts["description"]):
            (others if text.language in known else abstracts).append(text)
            known.add(text.language)
        return tuple(abstracts), tuple(others)

    def _identifiers(self) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
        """DOIs, ISBNs, and addresses in their order."""
        dois, isbns, addresses = list[str](), list[str](), list[str]()
        for value in self.plain("identifier"):
            isbn = _ISBN.fullmatch(value)
            bare, address = values.doi(value), found_in(value)
            if bare:
                # Be it that the record is known by it.
                dois.append(bare)
            elif self._is_own(value):
                continue
            elif isbn:
                isbns.append(isbn[1])
            else:
                addresses += address.addresses
                if address.code:
                    self.leave("Identifier", value)
        return tuple(dict.fromkeys(dois)), tuple(dict.fromkeys(isbns)), list(dict.fromkeys(addresses))

    def _alternatives(self) -> None:
        """Relations that name the work itself, as OpenAIRE's guidelines have them, are its identifiers."""
        relations = []
        for text in self.texts["relation"]:
            match = _ALTERNATIVE.fullmatch(text.value)
            if match and (values.doi(match[1]) or _ISBN.fullmatch(match[1])):
                self.texts["identifier"].append(replace(text, value=match[1]))
            else:
                relations.append(text)
        self.texts["relation"] = relations

    def _is_own(self, value: str) -> bool:
        own = bool(self.base) and value == f"{self.base}id/{self.identifier}"
        return own or value == self.identifier or values.handle(value) == self.identifier

    def _files(self, addresses: list[str], restrictions: list[Text]) -> tuple[File, ...]:
        """Landing pages come first and files last, as far as formats tell how many files there are at least."""
        formats = self.plain("format")
        if not self._is_ours():
            formats, restrictions = self._of_others(addresses, formats, restrictions), []
        count = max(len(formats), len(restrictions))
        if not addresses:
            for value in formats:
                self.leave("Format", value)
            for text in restrictions:
                self.leave("Rights", text.value)
            return ()
        # More formats than addresses: the last address gives several.
        chosen = addresses[-count:] + addresses[-1:] * (count - len(addresses)) if count else []
        return tuple(
            File(
                address,
                format=formats[n] if n < len(formats) else "",
                restriction=restrictions[n] if n < len(restrictions) else None,
            )
            for n, address in enumerate(chosen)
        )

    def _is_ours(self) -> bool:
        return bool(self.base) and f"{self.base}id/{self.identifier}" in self.plain("identifier")

    def _of_others(self, addresses: list[str], formats: list[str], restrictions: list[Text]) -> list[str]:
        """The formats of files. Others name a page, and beside it the format of what it leads to (`application/pdf`),
        how long that is (`1234 bytes`, `xi, 120 p.`), and a licence besides: nothing of which makes a file of it."""
        addresses.sort(key=names_file)
        files = sum(map(names_file, addresses))
        known = [one for one in formats if not any(map(str.isspace, one))][:files]
        for one in formats:
            if one not in known:
                self.leave("Format", one)
        for text in restrictions:
            self.leave("Rights", text.value)
        return known

    def _source(self, kind: str) -> tuple[str, str, str, str, str]:
        """(host, volume, issue, number, pages)."""
        first, *others = [*self.plain("source"), ""]
        for value in others:
            if value:
                self.leave("Source", value)
        return source_parts(first, kind)

    def _languages(self) -> tuple[str, ...]:
        found = list[str]()
        for value in self.plain("language"):
            code, region, _ = value.lower().replace("_", "-").partition("-")
            code = LANGUAGES.get(code, code)
            is_code = len(code) == 2 and code.isascii() and code.isalpha()
            found += [code] if is_code else []
            # A work has no region.
            if region or not is_code:
                self.leave("Language", value)
        return tuple(dict.fromkeys(found))

    def _relations(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The series it is part of, ISSNs, what else it is related to: things that have a name here, and addresses.

        Of a series a work can only be a part; whether it cites another, or is a version or a part of it, is not said.
        """
        parts, issns, others = list[str](), list[str](), list[str]()
        for value in self.plain("relation"):
            issn = _ISSN.fullmatch(value)
            thing = self._thing(value) or values.handle(value)
            address = exact(value)
            if issn:
                issns.append(issn[1])
            elif thing and thing == series_of(thing):
                parts.append(thing)
            elif thing:
                others.append(internal_thing(thing))
            elif address:
                others.append(address)
            else:
                self.leave("Relation", value)
        return tuple(parts), tuple(issns), tuple(others)

    def _thing(self, value: str) -> str | None:
        start = f"{self.base}id/"
        if not (self.base and value.startswith(start)):
            return None
        try:
            return normalise(value[len(start) :])
        except IdentifierError:
            return None


def _person(name: str) -> Person:
    """`Last, First` is a person told apart; anything else a name as it stands, be it an organisation's."""
    given, family = given_and_family(name)
    if not family or name != f"{family}, {given}":
        return Person(name)
    return Person(f"{given} {family}", given=given, family=family)
