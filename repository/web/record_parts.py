"""Parts of a record's page that are the same for all records of a kind, but for the identifier: rendered once.

They are a third of a page's markup: links to forms, exports, queries. An identifier that no record has stands in them
for the record's own, which takes its place.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import quote_plus

from markupsafe import Markup, escape

from repository.model.records import Record
from repository.model.work import Work
from repository.web import questions, variants
from repository.web.documents import Form
from repository.web.html import Html


class _Kind(NamedTuple):
    """One form: what its link says."""

    label: str
    media_type: str
    extension: str


# Stays as it is in addresses, in their arguments and in HTML; no other text of these parts has it.
_MARK = "~~this~record~~"

# What a reference list wants, in this order.
_REFERENCES = ("bib", "ris", "csl.json")
# Citations written out; whoever gives them knows the styles.
_CITED = (_Kind("HTML", "text/html", "cite.html"), _Kind("Text", "text/plain", "cite.txt"))


class Parts(NamedTuple):
    """Markup, each part with its section around it; empty where there is nothing to show."""

    head: str
    formats: str
    exports: str
    ask: str


def of_record(html: Html, work: Work, record: Record, taken: frozenset[str]) -> Parts:
    """The parts of the page of a record; `taken` are extensions at whose addresses there are other records."""
    parts = _of_kind(html, work.type, work.is_item, record.formats, taken)
    identifier, argument = str(escape(work.identifier)), quote_plus(work.identifier)
    return Parts(
        _filled(parts.head, identifier),
        _filled(parts.formats, identifier),
        _filled(parts.exports, identifier),
        _filled(parts.ask, argument),
    )


def of_version(html: Html, work: Work, record: Record) -> Parts:
    """Of a version: its forms at its own addresses, and nothing of what the record is asked for."""
    kinds, identifier = _kinds(html, record.formats, frozenset()), str(escape(work.identifier))
    address = partial(html.site.version, record.seq)
    head, formats = (_rendered(html, part, kinds, address) for part in ("head", "formats"))
    return Parts(_filled(head, identifier), _filled(formats, identifier), "", "")


@lru_cache(maxsize=256)
def _of_kind(html: Html, kind: str, is_item: bool, formats: tuple[str, ...], taken: frozenset[str]) -> Parts:
    kinds, address = _kinds(html, formats, taken), html.site.record
    cited = tuple(each for each in _CITED if is_item and each.extension not in taken)
    links = questions.of_kind(html.site, kind, is_item, _MARK)
    return Parts(
        _rendered(html, "head", kinds, address),
        _rendered(html, "formats", kinds, address),
        _rendered(html, "exports", _exported(kinds, cited), address),
        html.render("record_parts.html", part="ask", links=links).decode(),
    )


def _kinds(html: Html, formats: tuple[str, ...], taken: frozenset[str]) -> tuple[_Kind, ...]:
    """The forms that a record with these listings has."""
    record = Record(_MARK, 0, 0, None, None, (), formats)
    forms = variants.of_record(record, html.site, bytes, taken)[:-1]
    return tuple(
        _Kind(form.label, form.offer.media_type, form.extension) for form in forms if not form.shadowed
    )


def _exported(kinds: tuple[_Kind, ...], cited: tuple[_Kind, ...]) -> tuple[_Kind, ...]:
    known = {each.extension: each for each in kinds}
    return (*(known[extension] for extension in _REFERENCES if extension in known), *cited)


def _rendered(html: Html, part: str, kinds: tuple[_Kind, ...], address: Callable[[str, str], str]) -> str:
    forms = [Form(each.label, each.media_type, address(_MARK, each.extension)) for each in kinds]
    return html.render("record_parts.html", part=part, forms=forms).decode() if forms else ""


def _filled(part: str, text: str) -> Markup:
    # Safe: the part is what a template made, and the text was escaped.
    return Markup(part.replace(_MARK, text))  # noqa: S704
