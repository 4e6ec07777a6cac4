"""Parts of a record's page that are the same for all records of a kind, but for the identifier: rendered once.

They are a third of a page's markup: links to forms, exports, queries. An identifier that no record has stands in them
for the record's own, which takes its place.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus

from markupsafe import Markup, escape

from repository.model.work import Work
from repository.web import questions
from repository.web.documents import Form
from repository.web.html import Html
from repository.web.variants import Variant

# Stays as it is in addresses, in their arguments and in HTML; no other text of these parts has it.
_MARK = "~~this~record~~"

# What a reference list wants, in this order.
_REFERENCES = ("bib", "ris", "csl.json")
# Citations written out; whoever gives them knows the styles.
_CITED = (("cite.html", "HTML", "text/html"), ("cite.txt", "Text", "text/plain"))


class _Kind(NamedTuple):
    """One form: what its link says."""

    label: str
    media_type: str
    extension: str


class Parts(NamedTuple):
    """Safe markup, each with its section around it; empty where there is nothing to show."""

    head: Markup
    formats: Markup
    exports: Markup
    ask: Markup


def of_record(html: Html, work: Work, forms: tuple[Variant, ...], taken: frozenset[str]) -> Parts:
    """The parts of the page of a record that is given in these forms; `taken` are extensions of other records."""
    kinds = _kinds(forms)
    cited = tuple(each for each in _CITED if work.is_item and each[0] not in taken)
    identifier, argument = str(escape(work.identifier)), quote_plus(work.identifier)
    return Parts(
        _filled(_head(html, kinds, html.site.record), identifier),
        _filled(_list(html, "formats", kinds, html.site.record), identifier),
        _filled(_list(html, "exports", _exported(kinds, cited), html.site.record), identifier),
        _filled(_ask(html, work.type, work.is_item), argument),
    )


def of_version(html: Html, seq: int, work: Work, forms: tuple[Variant, ...]) -> Parts:
    """Of a version: its forms at its own addresses, and nothing of what the record is asked for."""
    kinds, identifier = _kinds(forms), str(escape(work.identifier))

    def address(name: str, extension: str) -> str:
        return html.site.version(seq, name, extension)

    nothing = Markup()
    return Parts(
        _filled(_rendered(html, "head", kinds, address), identifier),
        _filled(_rendered(html, "formats", kinds, address), identifier),
        nothing,
        nothing,
    )


def _kinds(forms: tuple[Variant, ...]) -> tuple[_Kind, ...]:
    return tuple(
        _Kind(form.label, form.offer.media_type, form.extension) for form in forms if not form.shadowed
    )


def _filled(part: str, text: str) -> Markup:
    # Safe: the part is what a template made, the text was escaped.
    return Markup(part.replace(_MARK, text))  # noqa: S704


_Address = Callable[[str, str], str]


def _rendered(html: Html, part: str, kinds: tuple[_Kind, ...], address: _Address) -> str:
    forms = [Form(each.label, each.media_type, address(_MARK, each.extension)) for each in kinds]
    return html.render("record_parts.html", part=part, forms=forms).decode() if forms else ""


@lru_cache(maxsize=256)
def _list(html: Html, part: str, kinds: tuple[_Kind, ...], address: _Address) -> str:
    return _rendered(html, part, kinds, address)


def _head(html: Html, kinds: tuple[_Kind, ...], address: _Address) -> str:
    return _list(html, "head", kinds, address)


def _exported(kinds: tuple[_Kind, ...], cited: tuple[tuple[str, str, str], ...]) -> tuple[_Kind, ...]:
    known = {each.extension: each for each in kinds}
    found = [known[extension] for extension in _REFERENCES if extension in known]
    return (*found, *(_Kind(label, kind, extension) for extension, label, kind in cited))


@lru_cache(maxsize=256)
def _ask(html: Html, kind: str, is_item: bool) -> str:
    links = questions.of_kind(html.site, kind, is_item, _MARK)
    return html.render("record_parts.html", part="ask", links=links).decode() if links else ""
