"""Text and names as BibTeX wants them: LaTeX's specials escaped, Unicode kept, capitals and names protected.

Entries and fields never enter here.
"""

import re

from repository.formats.cataloguing import name_kind
from repository.model.work import Person, Text

# Braces as commands, not `\{`: BibTeX counts every brace of a field, escaped or not. In the encoding that LaTeX takes
# by itself (OT1), `<` and `>` print upturned marks and `|` a dash.
_SPECIALS = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
    }
)
# Pairs that LaTeX prints as one mark: dashes, quotation marks, Spanish marks.
_LIGATURE = re.compile(r"-(?=-)|'(?=')|`(?=`)|[?!](?=`)")
_AND = re.compile(r"(?:^| )and(?:$| )", re.IGNORECASE)
_VERBATIM = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})


def text(value: str) -> str:
    """Escaped, on one line."""
    escaped = " ".join(value.split()).translate(_SPECIALS)
    return _LIGATURE.sub(r"\g<0>{}", escaped)


def verbatim(value: str) -> str:
    """A URL or DOI: what `\\url` prints raw stays raw; only what would break the entry is percent-encoded."""
    return "".join(value.split()).translate(_VERBATIM)


def title(title: Text) -> str:
    """Words whose capitals carry meaning in braces, because styles put English titles in lower case.

    Those are words with a capital inside (GDP, McDonald) and, in a title that is itself in sentence case, words
    that begin with one (Germany). A title in another language is protected as a whole.
    """
    words = title.value.split()
    if not words:
        return ""
    if title.language.split("-")[0] not in ("", "en"):
        return "{" + text(title.value) + "}"
    sentence = _in_sentence_case(words)
    return " ".join(_word(word, protect_first=sentence and n > 0) for n, word in enumerate(words))


def _in_sentence_case(words: list[str]) -> bool:
    long = [word for word in words[1:] if len(word) > 3 and word[0].isalpha()]
    return sum(word[0].isupper() for word in long) * 2 <= len(long)


def _word(word: str, *, protect_first: bool) -> str:
    inner = word if protect_first else word[1:]
    # "@": bibtexparser 2 takes an `@` before a brace for the start of an entry.
    protect = any(char.isupper() for char in inner) or "@" in word
    return "{" + text(word) + "}" if protect else text(word)


# The word before it is the family name.
_GENERATION = re.compile(r"(?<=\S) \S+ (?:(?:[JS]r|JR|SR)\.?|I{2,3}|IV)$")


def names(people: tuple[Person, ...]) -> str:
    return " and ".join(filter(None, map(_name, people)))


def _name(person: Person) -> str:
    if person.family.strip() and person.given.strip():
        return f"{_part(person.family)}, {_part(person.given)}"
    name = " ".join((person.name or person.family or person.given).split())
    corporate = name_kind(Person(name, identifier=person.identifier)) == "corporate"
    if corporate or _misread(name):
        return _braced(name)
    if behind := _GENERATION.search(name):
        # Of `Ada Thorn Jr.` BibTeX would take `Jr.` for the family name.
        return f"{text(name[: behind.start()])} {_braced(behind[0].strip())}"
    return text(name)


def _part(part: str) -> str:
    """A given or family name; in braces where a comma or an "and" in it would part it."""
    part = " ".join(part.split())
    return _braced(part) if "," in part or _AND.search(part) else text(part)


def _misread(name: str) -> bool:
    """Whether BibTeX would take one name for several, or for "et al.", or part at a comma what stands whole."""
    return bool(_AND.search(name)) or name.lower() == "others" or "," in name


def _braced(name: str) -> str:
    return "{" + text(name) + "}" if name else ""
