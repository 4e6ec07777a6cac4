"""A Work in the making: values read one by one, each either taken, or kept as a source field with its finding.

Which field goes where is not known here; see `redif_table`, `redif_work` and `redif_people`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from repository.model.work import Text
from repository.readers import redif_markup as markup
from repository.readers import redif_values as values
from repository.readers.redif_doubts import merged
from repository.readers.redif_findings import KEPT, Note, shown
from repository.readers.redif_gather import HIDDEN, Gathered
from repository.readers.redif_text import Field

_HELD = "tags taken out, what they hold kept as a source field, entities decoded"
_ONE_EACH = "several addresses in one field; give each a field of its own"
# A blank within a line; those beside a slash or colon are nobody's, and of those behind a hyphen `broken-url` tells.
_GAP = re.compile(r"[^\s/:\-][ \t\u00a0]+[^\s/:]")
_RUN_TOGETHER = re.compile(r"[A-Za-z0-9.)|](?:https?|ftp)://", re.I)
_SEVERAL = re.compile(r"[^\s,;][\s,;]++(?:https?|ftp)://", re.I)


@dataclass(slots=True)
class Draft:
    """`attributes` becomes the Work. `language` tags its title, abstracts, keywords, restrictions; empty: unsaid."""

    gathered: Gathered
    attributes: dict[str, Any] = field(default_factory=dict)
    language: str = ""

    def take(self, key: str) -> list[Field]:
        """The entries of a field, which nobody else will see then."""
        return self.gathered.found.pop(key, [])

    def add(self, attribute: str, found: Iterable[Any]) -> None:
        """Add values to a many-valued attribute; each once, in order."""
        self.attributes[attribute] = tuple(dict.fromkeys((*self.attributes.get(attribute, ()), *found)))

    def first(self, entries: list[Field], read: Callable[[Field], str]) -> str:
        """What `read` makes of the first entry; the others are kept as source fields."""
        if not entries:
            return ""
        if len(entries) > 1:
            self._repeated(entries[0], entries[1:])
        return read(entries[0])

    def _repeated(self, first: Field, others: list[Field]) -> None:
        said = values.folded(first.value)
        for entry in others:
            if values.folded(entry.value) == said:
                self.gathered.note("repeated-field", entry, "it says the same again", "dropped")
            else:
                self.gathered.note("repeated-field", entry, f"line {first.line} has one already")
                self.gathered.keep(entry)

    def text(self, entry: Field) -> str:
        """On one line, without markup."""
        return " ".join(self.unmarked(entry).split())

    def unmarked(self, entry: Field) -> str:
        """As it stands but for markup."""
        value = entry.value
        if "<" not in value and "&" not in value:
            return value
        clean = markup.without_markup(entry.value)
        if markup.lost(clean):
            self.gathered.note("lost-characters", entry, "an entity names no character")
        if clean != entry.value and clean.strip():
            text, done = f"{entry.name} has HTML tags or entities", ""
            held = markup.held(entry.value) if "=" in entry.value or "<!--" in entry.value else []
            if held:
                self.gathered.source_fields.append(f"X-Markup: {entry.name}: {' | '.join(held)}")
                text, done = f"{text}; the tags hold {shown(' | '.join(held))}", _HELD
            self.gathered.notes.append(Note("markup", entry.line, text, done, entry.name, shown(entry.value)))
            return clean
        return entry.value

    def tagged(self, entry: Field) -> Text:
        return Text(self.text(entry), self.language)

    def url(self, entry: Field) -> str:
        """An address, or empty."""
        value = markup.bare(entry.value)
        broken = not values.is_unbroken(value)
        if broken and (why := merged(value)):
            return self._refuse("merged-fields", entry, why, KEPT)
        if _SEVERAL.search(value) if broken else value.count("://") > 1 and _RUN_TOGETHER.search(value):
            return self._refuse("invalid-url", entry, _ONE_EACH)
        found = values.url(value)
        if found is None:
            return self._refuse("invalid-url", entry, "not an absolute http, https or ftp address")
        if broken and _GAP.search(value):
            return self._refuse("blank-in-url", entry, "a blank may belong to it, end it, or be one too much")
        if found != entry.value:
            joined = found == "".join(value.split("\n")) and value == entry.value
            why = (
                "joined from its lines"
                if joined
                else "tags, blanks, entities or characters that must be escaped"
            )
            self.gathered.note("repaired-url", entry, why)
        return found

    def link(self, entry: Field) -> str:
        """The handle of another record, or empty."""
        entry = self.gathered.bare(entry)
        return values.handle(entry.value) or self._refuse("invalid-link", entry, "this is no RePEc handle")

    def person(self, entry: Field) -> str:
        """The handle or short-id of a person, or empty."""
        entry = self.gathered.bare(entry)
        return values.person(entry.value) or self._refuse(
            "invalid-link", entry, "this is neither a person's handle nor a short-id"
        )

    def date(self, entry: Field) -> str:
        """A partial date, or empty."""
        entry = self.gathered.bare(entry)
        found = values.date(entry.value)
        if found is None:
            return self._refuse("invalid-date", entry, "write yyyy, yyyy-mm or yyyy-mm-dd")
        if found != entry.value:
            self.gathered.note("repaired-date", entry, f"read as {found}")
        return found

    def doi(self, entry: Field) -> str:
        """A bare DOI, or empty."""
        value = entry.value
        found = values.doi(value)
        if found is None:
            return self._refuse("invalid-doi", entry, "a DOI begins with 10. and a number, and stands alone")
        if values.ends_oddly(found):
            why = f"it ends with {found[-1]!r}: it was cut short, or the sign is not its own"
            return self._refuse("odd-doi", entry, why)
        if not value.lower().endswith(found):
            self.gathered.note("repaired-doi", entry, f"read as {found}")
        elif found != value:
            self.spelled(entry, f"read as {found}")
        return found

    def spelled(self, entry: Field, why: str) -> None:
        """A value that was read in its one spelling."""
        self.gathered.note("spelling", entry, why)

    def jel(self, entry: Field) -> list[str]:
        """The codes; what is none is kept as a source field."""
        entry = entry._replace(value=self.unmarked(entry))
        codes, cut, wrong = values.jel(entry.value)
        if len(set(codes)) < len(codes) or any(code not in entry.value for code in set(codes)):
            self.spelled(entry, "read in upper case, each once")
        for part in cut:
            self.gathered.note("repaired-jel", entry, f"{part} is read as {part[:3]}")
        if wrong:
            old = not codes and all(map(str.isdecimal, wrong))
            why = "numbers of the classification before 1991, and no JEL code" if old else "no JEL code"
            self.gathered.note("invalid-jel", entry, f"{why}: {' '.join(wrong)[:80]}")
            self.gathered.keep(entry._replace(value=" ".join(wrong)))
        elif not codes:
            self.gathered.note("empty-field", entry, "marks, and no code between them")
        return codes

    def _refuse(self, code: str, entry: Field, why: str, done: str = "") -> str:
        public = self.gathered.public(entry)
        self.gathered.note(code, public, why, done if public.value else HIDDEN)
        self.gathered.keep(public)
        return ""
