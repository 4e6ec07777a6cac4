"""How texts become terms: the same way when they are indexed, asked for, and marked in a result.

Accents and case make no difference (`Jónes` is `jones`, `Straße` `strasse`, `İstanbul` `istanbul`); each character of a
script without blanks is a word; word endings are cut as the text's language has it, English where none is stated.
"""

import re
import unicodedata
from functools import cache, lru_cache

import tantivy

from repository.formats.languages import ISO_639_2B
from repository.readers.language_names import LANGUAGES

# Two-letter code -> the stemmer's name.
STEMMERS = {
    "ar": "arabic",
    "da": "danish",
    "nl": "dutch",
    "en": "english",
    "fi": "finnish",
    "fr": "french",
    "de": "german",
    "el": "greek",
    "hu": "hungarian",
    "it": "italian",
    "no": "norwegian",
    "nb": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "es": "spanish",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
# Their stemmers take letters from the beginning of a word, too: `gewerkt` becomes `werk`.
CUT_IN_FRONT = frozenset({"nl"})
_ENGLISH = "en"
# Longer words are nobody's; the analyzer would give up its memory for them.
_LONGEST_WORD = 80
# Longer texts are met once: to remember them would take the memory of many words.
_REMEMBERED = 40

# Marks that go: accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic. Those of Indic scripts stay.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u200b-\u200f\u00ad]")
# At the end of a word it is written otherwise, but in capitals it is not.
_SIGMA = str.maketrans("Σς", "σσ")
# Chinese and Japanese; Thai, Lao, Burmese and Khmer.
ALONE = re.compile(
    "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3])"
)
# What German and Nordic names are often written with instead.
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*", re.ASCII)
_OF_THREE = {three: two for two, three in ISO_639_2B.items()} | LANGUAGES
# What stands above, below or behind letters of all scripts, and what cannot be seen: part of a word, and no letter to a
# regular expression.
_JOINED = "".join(chr(n) for n in range(0x300, 0x2000) if unicodedata.category(chr(n)).startswith("M"))
INSIDE = rf"(?:[^\W_]|[{_JOINED}\u200b-\u200f\u00ad])"
WORD = re.compile(rf"[^\W_]{INSIDE}*")


def folded(text: str) -> str:
    """The text without accents, as it is given to an analyzer."""
    if text.isascii():
        return text
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_SIGMA)
    return ALONE.sub(r" \1 ", unicodedata.normalize("NFKC", text))


def written(word: str) -> str:
    """A folded word as people write it."""
    return f"{word[:-1]}ς" if word.endswith("σ") else word


def spelt(name: str) -> str:
    """A name with `ue` for `ü` and its like; empty where that is the same."""
    if name.isascii():
        return ""
    other = unicodedata.normalize("NFC", name).lower().translate(_SPELT)
    return other if folded(other).lower() != folded(name).lower() else ""


def code_of(tag: str) -> str:
    """The code of two letters by which a language is searched; empty where it has none, or is not told here. A foreign
    graph may have codes of three letters, and addresses that end in a code."""
    found = _TAG.fullmatch(tag.rpartition("/")[2].lower())
    code = found[1] if found else ""
    return code if len(code) == 2 else _OF_THREE.get(code, "")


def language(tag: str) -> str:
    """The language by whose rules a text is cut, of a tag."""
    code = code_of(tag)
    return code if code in STEMMERS else _ENGLISH


@cache
def analyzer(code: str) -> tantivy.TextAnalyzer:
    """What cuts folded texts of a language; that of the empty code leaves endings alone."""
    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_LONGEST_WORD))
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.lowercase())
    )
    if code:
        builder = builder.filter(tantivy.Filter.stemmer(STEMMERS[code]))
    return builder.build()


def terms(text: str, code: str) -> tuple[str, ...]:
    """The terms of a text in a language."""
    return (_terms if len(text) <= _REMEMBERED else _terms.__wrapped__)(text, code)


@lru_cache(maxsize=32_768)
def _terms(text: str, code: str) -> tuple[str, ...]:
    return tuple(analyzer(code).analyze(folded(text)))


def plain(text: str) -> tuple[str, ...]:
    """The words of a text, folded, with their endings."""
    return terms(text, "")


def forms(word: str) -> tuple[str, ...]:
    """The terms by which one word is found, in whichever language a text is: English first, each once."""
    found: dict[str, None] = {}
    for code in (_ENGLISH, *(each for each in STEMMERS if each != _ENGLISH)):
        cut = terms(word, code)
        if len(cut) == 1:
            found[cut[0]] = None
    return tuple(found)
