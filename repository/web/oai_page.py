"""The pages of OAI-PMH for people: any answer that harvesters get, with forms for the verbs.

What the template needs is made here from the bytes of an answer. No log is read here, and no markup is written
here: that is the template's, which escapes everything.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote, urlencode, urlsplit

from repository.formats import OAI_FORMATS, Format
from repository.model.errors import IdentifierError
from repository.model.site import Site
from repository.model.vocabulary import work_types
from repository.model.work import Text, Work
from repository.web.html import Html
from repository.web.oai_answer import Answer, Entry, SetRow, read_answer

Pairs = Sequence[tuple[str, str]]

# The request header that decides who is asking. Not Accept: harvesters in Java send text/html first.
DECIDES = "Sec-Fetch-Dest"
VERBS = ("Identify", "ListMetadataFormats", "ListSets", "GetRecord", "ListRecords", "ListIdentifiers")
LISTS = ("ListRecords", "ListIdentifiers", "ListSets")
# What proxies and servers let through in one line.
MAX_URL = 6000
# Where more headers are on a page, each has one link to its formats, not one for each of them.
_MANY = 500
# Sets that are nested deeper stand at this depth.
_MAX_DEPTH = 8
_LABELS = {
    "repositoryName": "Name",
    "baseURL": "Base URL",
    "protocolVersion": "Protocol version",
    "adminEmail": "Administrator",
    "earliestDatestamp": "Earliest datestamp",
    "deletedRecord": "Deleted records",
    "granularity": "Granularity of dates",
    "compression": "Compression",
}
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def for_people(environ: Mapping[str, str]) -> bool:
    """Whether a browser asks for something to show as a page of its own.

    Frames get XML: our pages refuse to stand in one, so there is nothing for people to see in it.
    """
    return environ.get("HTTP_SEC_FETCH_DEST") == "document"


def tidied(site: Site, pairs: Pairs, environ: Mapping[str, str]) -> str:
    """Where a form of ours that was sent with empty fields leads; empty where there is nothing to tidy.

    Browsers send every field of a form, and an empty argument is an illegal one. What a person wrote into the
    address (`Sec-Fetch-Site: none`) is answered as it stands. The path is relative to the origin that the reader
    sees: the policy allows a form no other.
    """
    if environ.get("HTTP_SEC_FETCH_SITE") != "same-origin" or environ.get("REQUEST_METHOD") == "POST":
        return ""
    kept = [(name, value.strip()) for name, value in pairs if value.strip()]
    return "" if kept == list(pairs) else _arguments(urlsplit(site.base).path + "oai", kept)


def render(html: Html, pairs: Pairs, document: bytes) -> bytes:
    """The page for these arguments; `document` is what a harvester gets for the same."""
    return html.render("oai.html", view=_View(html.site, pairs, read_answer(document)))


@dataclass(slots=True)
class Branch:
    """A set in the tree. `row` is None for an ancestor that another page of the list has."""

    spec: str
    row: SetRow | None = None
    below: "dict[str, Branch]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _View:
    """What the template asks for."""

    site: Site
    pairs: Pairs
    answer: Answer

    # -- the request ---------------------------------------------------------------------------------------

    @property
    def sent(self) -> dict[str, str]:
        """The arguments by name, for forms; of a repeated one the last."""
        return dict(self.pairs)

    @property
    def path(self) -> str:
        """Forms stay at the origin that the reader sees, whatever it is called: the policy allows no other."""
        return urlsplit(self.site.base).path + "oai"

    @property
    def request(self) -> str:
        return self.address(*self.pairs)

    @property
    def curl(self) -> str:
        return f"curl {shlex.quote(self.request)}"

    @property
    def raw(self) -> str:
        """The address that gives XML to browsers too; empty where it is longer than servers take."""
        url = _arguments(self.site.page("oai.xml"), self.pairs)
        return url if len(url) <= MAX_URL else ""

    def address(self, *pairs: tuple[str, str]) -> str:
        return _arguments(self.site.page("oai"), pairs)

    def ask(self, verb: str, prefix: str = "", **more: str) -> str:
        """The address of a request; a reserved word ends with `_`, as `set_`."""
        pairs = [("verb", verb), *((name.rstrip("_"), value) for name, value in more.items())]
        return self.address(*pairs, *([("metadataPrefix", prefix)] if prefix else []))

    def verbs(self) -> list[tuple[str, str]]:
        """(verb, address) of what can be asked without filling in a form."""
        listed = {"ListRecords", "ListIdentifiers"}
        return [
            (verb, self.ask(verb, self.prefix if verb in listed else ""))
            for verb in VERBS
            if verb != "GetRecord"
        ]

    # -- what the page is ----------------------------------------------------------------------------------

    @property
    def start(self) -> bool:
        """Nothing was asked: someone opened the address alone."""
        return not self.pairs

    @property
    def heading(self) -> str:
        if self.start:
            return "Harvest the records"
        if self.answer.errors:
            return "This request has no answer"
        if self.answer.verb == "GetRecord":
            entry = self.answer.entries[0]
            return (entry.metadata.title.text if entry.metadata else "") or entry.identifier
        nouns = {"ListSets": "set", "ListMetadataFormats": "format", "ListIdentifiers": "identifier"}
        if self.answer.verb == "Identify":
            return dict(self.answer.identity)["repositoryName"][0]
        return self._extent(nouns.get(self.answer.verb, "record"))

    def _extent(self, noun: str) -> str:
        """`Records 501 to 1,000 of 12,345`; `3 sets` of a list that is complete."""
        count = len(self.answer.entries or self.answer.sets or self.answer.formats)
        resumption = self.answer.resumption
        if resumption is None or resumption.cursor < 0:
            return f"{count:,} {noun}{'' if count == 1 else 's'}"
        first, last = resumption.cursor + 1, resumption.cursor + count
        total = f" of {resumption.total:,}" if resumption.total >= 0 else ""
        if first == last:
            return f"{noun.capitalize()} {last:,}{total}"
        return f"{noun.capitalize()}s {first:,} to {last:,}{total}"

    @property
    def following(self) -> str:
        """The next page of the same verb; empty at the end of a list."""
        resumption = self.answer.resumption
        if resumption is None or not resumption.token:
            return ""
        return self.ask(self.answer.verb, resumptionToken=resumption.token)

    @property
    def prefix(self) -> str:
        """The format in which the answer is, or was asked for; the first of all where there is none."""
        spaces = {form.namespace: form.name for form in OAI_FORMATS}
        found = [spaces.get(each.metadata.namespace, "") for each in self.answer.entries[:1] if each.metadata]
        sent = self.sent.get("metadataPrefix", "")
        known = {form.name for form in OAI_FORMATS}
        return next(iter([sent] if sent in known else filter(None, found)), OAI_FORMATS[0].name)

    def choices(self) -> list[tuple[str, str]]:
        """(metadataPrefix, label) for the form, what was sent among them."""
        known = [(form.name, form.label) for form in OAI_FORMATS]
        sent = self.sent.get("metadataPrefix", "")
        return known if not sent or sent in dict(known) else [(sent, "as sent"), *known]

    def other_formats(self) -> list[tuple[str, str]]:
        """(metadataPrefix, address): the request again in each other format, where that may find something."""
        codes = {code for code, _ in self.answer.errors}
        sent = self.sent.get("metadataPrefix", "")
        if not codes & {"noRecordsMatch", "cannotDisseminateFormat"} or not sent:
            return []
        return [(form.name, self._again(form.name)) for form in OAI_FORMATS if form.name != sent]

    def _again(self, prefix: str) -> str:
        return self.address(
            *((name, prefix if name == "metadataPrefix" else value) for name, value in self.pairs)
        )

    def identity(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(self.words(name), values) for name, values in self.answer.identity]

    def words(self, name: str) -> str:
        return _LABELS.get(name) or _words(name)

    # -- sets ----------------------------------------------------------------------------------------------

    def tree(self) -> list[Branch]:
        root = Branch("")
        for row in self.answer.sets:
            branch, parts = root, row.spec.split(":", _MAX_DEPTH)
            for depth in range(1, len(parts) + 1):
                spec = ":".join(parts[:depth])
                branch = branch.below.setdefault(spec, Branch(spec))
            branch.row = row
        return list(root.below.values())

    def members(self, verb: str, spec: str) -> str:
        """The address of a set's records or identifiers, in a format that they can have."""
        return self.ask(verb, self._suited((spec,)), set_=spec)

    def _suited(self, specs: tuple[str, ...]) -> str:
        names = [form.name for form in _formats(specs)]
        return self.prefix if self.prefix in names else names[0]

    # -- records -------------------------------------------------------------------------------------------

    @property
    def many(self) -> bool:
        return self.answer.verb == "ListIdentifiers" and len(self.answer.entries) > _MANY

    def page_of(self, entry: Entry) -> str:
        """The record's page for people; empty where its identifier cannot be read."""
        try:
            identifier = self.site.from_oai_identifier(entry.identifier)
        except (IdentifierError, UnicodeDecodeError):
            return ""
        return "" if "//" in identifier else self.site.record(identifier)

    def formats_of(self, entry: Entry) -> list[tuple[str, str]]:
        """(metadataPrefix, address of GetRecord)."""
        return [
            (form.name, self.ask("GetRecord", form.name, identifier=entry.identifier))
            for form in _formats(entry.sets)
        ]


def _words(name: str) -> str:
    """`Repository identifier` for `repositoryIdentifier`."""
    return _CAPITAL.sub(" ", name).capitalize()


def _arguments(url: str, pairs: Pairs) -> str:
    # The specification wants `:` and `/` encoded too (OAI-PMH 3.1.1.3).
    return f"{url}?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else url


def _formats(specs: tuple[str, ...]) -> tuple[Format, ...]:
    """The formats of records in these sets, as far as their type tells."""
    kinds = [spec.removeprefix("type:") for spec in specs if spec.startswith("type:")]
    known = [kind for kind in kinds if kind in work_types()]
    return _formats_of_type(known[0]) if known else OAI_FORMATS


@cache
def _formats_of_type(kind: str) -> tuple[Format, ...]:
    made = Work("-", kind, Text(""))
    return tuple(form for form in OAI_FORMATS if form.applies(made)) or OAI_FORMATS
