"""A Work in the making from an entry of a reference manager's format, with the rules that these formats share.

Which field goes where is the matter of each reader. `reference_identifiers` gives it its identifier.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from repository.model.datestamps import is_partial_date
from repository.model.ntriples import ILLEGAL_XML
from repository.model.work import Text, Work
from repository.readers import redif_markup as markup
from repository.readers import redif_names as names
from repository.readers import redif_values as values
from repository.readers.addresses import Found, found_in
from repository.readers.contacts import is_private, masked, withheld
from repository.readers.doubts import about_work
from repository.readers.json_items import Repeated
from repository.readers.json_items import shown as json_shown
from repository.readers.language_names import LANGUAGES
from repository.readers.left_out import names_local_file
from repository.readers.reader import Finding, Item, Source
from repository.readers.redif_findings import shown
from repository.readers.reference_findings import CODES
from repository.readers.reference_identifiers import identify, says_no_more

_ISSN = re.compile(r"(\d{4})-?(\d{3}[\dXx])", re.ASCII)
_ISBN = re.compile(r"(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx]", re.ASCII)
# A field's name as a source field shows it.
_ODD = re.compile(r"[^A-Za-z0-9\-]+")
_SIGNS = re.compile(r"~[0-9A-F]{2}|[^A-Za-z0-9]")
_LONGEST = 200_000
# Of authors, keywords, references ... each; the longest author lists of physics have 5,154 names.
MOST = 6000


@dataclass(slots=True)
class Making:
    """`form` names the format in source fields: `X-BibTeX-Owner: ...`. `key` is the entry's own name for itself."""

    source: Source
    form: str
    line: int
    key: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    notes: list[tuple[str, int, str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    _left: list[str] = field(default_factory=list)
    _many: dict[str, tuple[tuple[Any, ...], dict[Any, None]]] = field(default_factory=dict)

    def note(self, code: str, text: str, done: str = "", line: int = 0) -> None:
        self.notes.append((code, line or self.line, text, done))

    def leave(self, name: str, value: str, code: str = "unknown-field", why: str = "") -> None:
        """Keep a value as a source field, and say so."""
        value = ILLEGAL_XML.sub("", values.folded(value))
        if names_local_file(value):
            self.leave_local(name)
        elif value:
            line = f"X-{self.form}-{_ODD.sub('-', name).strip('-') or 'Field'}: {value}"
            self.note_left(name, line, code, why)
            self._left.append(line)

    def note_left(self, name: str, line: str, code: str = "unknown-field", why: str = "") -> None:
        """Say what becomes of a source field; of some all is private."""
        reason = f": {why}" if why else " has no place in a work"
        if is_private(line):
            self.note(code, name + reason, "kept among the private facts")
        else:
            self.note(code, f"{name} {shown(line.partition(': ')[2])}{reason}")

    def leave_repeated(self, repeated: Iterable[Repeated]) -> None:
        """Values of JSON under a name that stands twice in one object."""
        for each in repeated:
            self.leave(each.name, json_shown(each.value), "repeated-field", "the name stands twice")

    def leave_local(self, name: str) -> None:
        self.note("local-path", f"{name} names a file on somebody's computer")

    def keep(self, name: str, value: str) -> None:
        """Keep a value as a source field of which nobody need hear."""
        value = ILLEGAL_XML.sub("", values.folded(value))
        if value:
            self._left.append(f"X-{self.form}-{name}: {value}")

    def has_lost_key(self, item: Item) -> bool:
        """Whether a record is kept that does not tell the entry's own name for itself; in our exports it is made up."""
        name = _SIGNS.sub("", self.key).lower()
        ours = any(says_no_more(self.source.site, address, item.identifier) for address in self.addresses)
        return item.content is not None and not ours and name not in _SIGNS.sub("", item.identifier).lower()

    def legal(self, name: str, value: str) -> str:
        """Without what XML cannot hold."""
        found = ILLEGAL_XML.sub("", value)
        if found != value:
            self.note("control-characters", f"{name} has characters that XML cannot hold")
        return found

    def plain(self, name: str, value: str) -> str:
        """Without markup and what XML cannot hold."""
        found = self.legal(name, value)
        if "<" in found or "&" in found:
            plain = markup.without_markup(found)
            if markup.is_hollow(found) and not markup.held(found):
                self.note("markup", f"{name} has nothing but HTML tags and blanks", "left out")
                return ""
            if plain != found and plain.strip():
                self.note("markup", f"{name} has HTML tags or entities")
                return plain
        return found

    def clean(self, name: str, value: str) -> str:
        """On one line, and plain."""
        return " ".join(self.plain(name, value).split())

    def is_many(self, role: str, name: str) -> bool:
        """Whether a name is surely that of several people; this, and what it may be else, is told."""
        doubt = names.doubt(name)
        if doubt:
            self.note(doubt[0], f"{role} {shown(name)}: {_DOUBTS[doubt[0]]}")
        return doubt is not None and doubt[0] == names.SEVERAL

    def add(self, attribute: str, found: Iterable[Any]) -> None:
        """Add values to a many-valued attribute; each once, in order. One that has too many refuses the entry, and
        takes no more."""
        now = self.attributes.get(attribute, ())
        if len(now) > MOST:
            return
        told, known = self._many.get(attribute, ((), {}))
        if now is not told:
            known = dict.fromkeys(now)
        known.update(dict.fromkeys(found))
        self.attributes[attribute] = tuple(known)
        self._many[attribute] = (self.attributes[attribute], known)

    def put(self, attribute: str, name: str, value: str) -> None:
        """A single value; another than the first is kept as a source field."""
        value = self.clean(name, value)
        if not value or self.attributes.get(attribute) == value:
            return
        if self.attributes.get(attribute):
            self.leave(name, value, "repeated-field", "the work has one already")
        else:
            self.attributes[attribute] = value

    def texts(self, attribute: str, name: str, found: Iterable[str]) -> None:
        cleaned = (self.clean(name, value) for value in found)
        self.add(attribute, (Text(value) for value in cleaned if value))

    def title(self, name: str, found: Iterable[str]) -> None:
        """The first is the title, others are alternatives."""
        cleaned = [text for text in (self.clean(name, value) for value in found) if text]
        if cleaned and not self.attributes.get("title"):
            self.attributes["title"] = Text(cleaned.pop(0))
        self.add("alternatives", map(Text, cleaned))

    def doi(self, name: str, value: str) -> None:
        value = self.legal(name, value)
        found = values.doi(value)
        if found:
            self.add("dois", [found])
        elif value.strip():
            self.leave(name, value, "invalid-doi", "a DOI begins with 10. and a number, and stands alone")

    def urls(self, name: str, value: str) -> tuple[str, ...]:
        """The addresses of a field. What else it holds, or a blank that makes one doubtful, keeps the whole."""
        if len(value) >= _LONGEST:
            self.leave(name, value, "invalid-url", "too long")
            return ()
        found = found_in(value) if value.strip() else Found(())
        if len(found.addresses) > 1:
            self.note("several-values", f"{name} has {len(found.addresses)} addresses")
        if found.code:
            self.leave(name, value, found.code, found.why)
        return found.addresses

    def address(self, name: str, value: str) -> None:
        """An address that may tell the identifier; a DOI's resolver tells the DOI, others lead to a page."""
        for found in self.urls(name, value):
            if re.match(r"https?://(?:dx\.|www\.)?doi\.org/", found, re.I) and values.doi(found):
                self.doi(name, found)
            else:
                self.addresses.append(found)

    def numbers(self, name: str, value: str) -> None:
        """ISBNs and ISSNs, told apart by their shape."""
        for part in filter(None, re.split(r"[,;\n]|(?<!\s)\s++(?=[\d])(?!\d{1,5}\s)|\([^()]*\)", value)):
            part = re.sub(r"^\s*https?://id\.crossref\.org/is[bs]n/", "", part)
            bare = re.sub(r"^\W*(?:e-?|p-?)?is[bs]n(?:-1[03])?\W*", "", part.strip(), flags=re.I).strip()
            issn = _ISSN.fullmatch(bare)
            if issn:
                self.add("issns", [f"{issn[1]}-{issn[2].upper()}"])
            elif _ISBN.fullmatch(bare):
                self.add("isbns", [bare])
            else:
                self.leave(name, part, "invalid-value", "neither an ISBN nor an ISSN")

    def languages(self, name: str, value: str) -> None:
        for part in filter(None, re.split(r"[\s,;/]+(?:and\s+)?", value)):
            code, region, _ = part.lower().replace("_", "-").partition("-")
            code = LANGUAGES.get(code, code)
            if len(code) == 2 and code.isascii() and code.isalpha():
                self.add("languages", [code])
                # A work has no region.
                self.keep(name, part if region else "")
            else:
                self.leave(name, part, "invalid-language", "no language that we know")

    def jel(self, name: str, value: str) -> None:
        codes, _, wrong = values.jel(value)
        self.add("jel", codes)
        if wrong:
            self.leave(name, " ".join(wrong), "invalid-jel", "no JEL code")

    def date(self, name: str, value: str) -> None:
        """`yyyy[-mm[-dd]]`; of a range or a longer text the date that it begins with."""
        value = value.strip()
        found = values.date(value)
        if not found:
            # No year before Christ (`-0044`).
            match = re.match(r"(?!-\d)[^\d]{0,20}(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?!\d)", value, re.ASCII)
            found = match[1] if match and is_partial_date(match[1]) else None
        if found and found != value:
            self.leave(name, value, "repaired-date", f"read as {found}")
        if not found:
            self.leave(name, value, "invalid-date", "write yyyy, yyyy-mm or yyyy-mm-dd")
        elif not self.attributes.get("issued", ""):
            self.attributes["issued"] = found
        elif not self.attributes["issued"].startswith(found):
            self.leave(name, value, "repeated-field", "the work has a date already")

    def pages(self, name: str, value: str) -> None:
        value = re.sub(r"\s*-{2,3}\s*", "-", self.clean(name, value))
        self.put("pages", name, value)
        both = values.page_range(self.attributes.get("pages", ""))
        if both:
            self.attributes["page_start"], self.attributes["page_end"] = both

    def item(self, kind: str) -> Item:
        """The record, or its refusal."""
        identifier = self.identifier()
        if self.attributes.get("title") is None:
            self.note("missing-title", "the entry has no title: give it one")
        self.add(
            "landing_pages",
            (one for one in self.addresses if not says_no_more(self.source.site, one, identifier)),
        )
        self._tag()
        for name, value in self.attributes.items():
            if isinstance(value, tuple) and len(value) > MOST:
                self.note("too-many", f"the entry has more {name} than {MOST}, which are the most")
        strict = self.source.strict
        refused = any(
            CODES[code].lenient == "error" or (strict and CODES[code].strict) for code, *_ in self.notes
        )
        if refused:
            return Item(identifier, self.line, None, self.findings(identifier))
        left = tuple(sorted(set(self._left)))
        return self.finished(Work(identifier, kind, **{**self.attributes, "source_fields": left}))

    def identifier(self) -> str:
        """Empty, with a finding that refuses the entry, where it has none."""
        found, fault = identify(self.source, self.key, self.addresses, self.attributes.get("dois", ()))
        if fault:
            self.note(*fault)
        return found

    def finished(self, work: Work) -> Item:
        """The record that a work is, with contacts in its texts kept private and what is odd in its values told."""
        work, private = withheld(work)
        for name in private:
            self.note("contact", f"{name} holds an e-mail address or telephone number")
        if not work.title.value:
            self.note("missing-title", "the title is an address or number of somebody, and no more")
        for doubt in about_work(work):
            self.note(doubt.code, doubt.text, "kept as it is")
        found = self.findings(work.identifier)
        refused = any(each.severity == "error" for each in found)
        return Item(work.identifier, self.line, None if refused else sorted_work(work), found, private)

    def _tag(self) -> None:
        """A work in one language has its title, abstracts and keywords in that language."""
        languages = self.attributes.get("languages", ())
        if len(languages) == 1:
            for name in ("abstracts", "keywords"):
                found = self.attributes.get(name, ())
                self.attributes[name] = tuple(replace(text, language=languages[0]) for text in found)
            title = self.attributes.get("title")
            self.attributes["title"] = replace(title, language=languages[0]) if title else None

    def findings(self, identifier: str) -> tuple[Finding, ...]:
        found = []
        for code, line, told, done in sorted(self.notes, key=lambda note: note[1]):
            text = masked(told)
            usual = CODES[code]
            if usual.lenient == "error" or (self.source.strict and usual.strict):
                found.append(Finding("error", code, line, text, "record refused", identifier))
            else:
                found.append(Finding(usual.lenient, code, line, text, done or usual.done, identifier))
        return tuple(found)


_DOUBTS = {
    names.SEVERAL: "these are several people; part them as this format does",
    names.MERGED: "this may be several people, or somebody and an affiliation",
    names.ROLE: "a role stands behind the name",
}
_SORTED = ("alternatives", "languages", "publishers", "dois", "isbns", "issns", "keywords", "jel", "landing_pages",
           "cites", "has_versions", "version_of", "notes", "abstracts", "see_also", "part_of")  # fmt: skip


def sorted_work(work: Work) -> Work:
    """The tuples whose order means nothing in the order in which a body gives them back."""
    found: dict[str, Any] = {name: tuple(sorted(getattr(work, name))) for name in _SORTED}
    return replace(work, **found)
