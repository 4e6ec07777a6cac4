"""Names of people as ReDIF has them: when one comma parts a last from a first name, and when nobody can tell.

`Last, First` is read so only where it can hardly be anything else; what it might also be (two people, a person and an
affiliation, an organisation and a part of it) stays one name, and is told.
"""

import re

SEVERAL, MERGED, ROLE = "several-names", "merged-names", "odd-name"

# None of these: a name as plain as most are.
_MARKS = re.compile(r"[,;/|&\n(；，、؛،]| (?:and|et|und)\b| [-–—] ", re.I)
# They part names in Chinese, Japanese and Arabic, the first from the last or one from the next.
_OTHER_MARKS = re.compile("[；，、؛،]")
_JOINT = re.compile(r"\s+(?:and|und|et|&|[-–—])\s+|\s*[/|]\s*|\s*\n\s*", re.I)
_OTHERS = re.compile(r"\bet\.? al(?:ii|ia|\b)|\band others\b", re.I)
_WITHIN_GIVEN = re.compile(r"\s(?:and|und|et|y|e|&)\s", re.I)
_ROLES = r"(?:eds?|editors?|hrsg|hg|dir|coord|comp|transl?|a cura di)\.?"
# Behind a comma no capital begins it: `Thorn, Ed` is a person.
_ROLE = re.compile(rf",\s*(?:{_ROLES})\s*$|[,(]\s*(?i:\(?{_ROLES})\s*\)\s*$")
# The most usual of those that have a mark: one word, a comma, one word and initials. Only an organisation is like it.
_LETTER = r"[^\W\d_⁰¹²³⁴-⁹]"
_USUAL = re.compile(rf"{_LETTER}(?:{_LETTER}|['’\-])*, [A-Z](?:{_LETTER}|['’\-])*\.?(?: [A-Z]\.)*")
# They would be a part of the first or of the last name.
_TITLE = re.compile(r"(?<![\w.'’\-])(?:Prof|Dr|Mrs?)(?![\w'’\-])")
# What follows a comma in the name of one person, and is no first name.
_SUFFIX = re.compile(
    r"(?:jr|sr|i{2,3}|iv|2nd|3rd|ph\.? ?d|d\.?phil|m\.?d|m\.?a|m\.?sc|m\.?b\.?a|j\.?d|cpa|cfa|esq|prof|dr|hab)\.?",
    re.I,
)
_GENERATION = re.compile(r"(?:jr|sr)\.?|i{2,3}|iv|2nd|3rd", re.I)
_ORGANISED = re.compile(
    r"\b(?:universi\w+|instit\w+|dep(?:artment|artamento|t)|facult\w+|school|colleg\w+|bank|banco|banque|ministr\w+|"
    r"cent(?:re|er|ro)|academ\w+|council|committee|commission|association|society|fund|foundation|agency|office|"
    r"bureau|board|group|team|division|laborator\w+|federal|national|international|organi[sz]ation|inc|ltd|gmbh|llc|"
    r"corp(?:oration)?|company)\b",
    re.I,
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,3}")
_MOST_UNDOTTED, _MOST_FIRST, _LONGEST = 3, 4, 2000
# No figure, and no mark of a footnote or of a list.
_WORD = re.compile(r"\(?[^\W\d_][^\d_;:*†‡§¶#⁰¹²³⁴-⁹<>\[\]{}=]*")
_SHORTEST_ACRONYM = 3
_BRACKET = re.compile(r"\(([^()]*)(\)?)")
_LETTERS = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")
# They stand before a last name with a capital or without, and make no second word of it.
_PARTICLES = frozenset(
    "van von vom de der den di da del della la le les du dos das el bin ibn ben ter ten zu zur af st. mac".split()  # noqa: SIM905
)


def is_suffix(text: str) -> bool:
    """Whether a part of a name between commas is `Jr.` or the like."""
    return _SUFFIX.fullmatch(text) is not None


def parted(name: str) -> tuple[str, str]:
    """("First", "Last") of a name that is in no doubt and is written `Last, First` or `Last, First, Jr.`; of others
    two empty texts."""
    family, _, rest = (part.strip() for part in name.partition(","))
    given, _, behind = (part.strip() for part in rest.partition(","))
    if not family or not given or _SUFFIX.fullmatch(given) or (behind and not _GENERATION.fullmatch(behind)):
        return "", ""
    # As all readers have it, and BibTeX and RIS are read: `Last Jr.`
    return given, f"{family} {behind}".rstrip()


def doubt(name: str) -> tuple[str, str] | None:
    """(the code of a finding, why) for a name that may be something else than one person's; None for the others.

    A line end in it is one that its source has.
    """
    if not _MARKS.search(name):
        return None
    if _USUAL.fullmatch(name) and not _ORGANISED.search(name) and not _TITLE.search(name):
        return None
    if len(name) > _LONGEST:
        return MERGED, "it is too long for one name"
    # Long runs of blanks cost expressions much.
    name = "\n".join(" ".join(line.split()) for line in name.split("\n"))
    if several_names(name) or _OTHERS.search(name):
        return SEVERAL, "give each person a Name of their own"
    if _OTHER_MARKS.search(name) or len([part for part in name.split(";") if part.strip()]) > 1:
        return MERGED, "these may be several people; give each a Name of their own"
    if _ROLE.search(name):
        return ROLE, "a role stands behind the name; leave it out"
    if _ORGANISED.search(name):
        # Behind a comma or within brackets; an organisation's own name has neither.
        behind = re.search(r"[,(]", name) and ("," in name or _ORGANISED.search(name, name.index("(")))
        return (
            (MERGED, "an affiliation, or a part of an organisation, may stand beside the name")
            if behind
            else None
        )
    if "," in name and not all(
        closed and _is_called(word.strip()) for word, closed in _BRACKET.findall(name)
    ):
        return MERGED, "what stands in brackets may be an affiliation; use Name-First and Name-Last"
    parts = [part.strip(" ,") for part in _JOINT.split(name) if part.strip(" ,")]
    if len(parts) > 1 and all(map(_is_full, parts)):
        return MERGED, "these may be several people; give each a Name of their own"
    if "," in name and _TITLE.search(name):
        return MERGED, "a title stands within the name; leave it out, or use Name-First and Name-Last"
    commas = [part.strip() for part in " ".join(name.split()).split(",") if part.strip()]
    while len(commas) > 1 and _SUFFIX.fullmatch(commas[-1]):
        commas.pop()
    if len(commas) > 2 or (len(commas) == 2 and not _is_inverted(*commas)):
        return MERGED, "whether this is Last, First cannot be told; use Name-First and Name-Last"
    return None


def _is_called(word: str) -> bool:
    """Whether people may go by what stands in brackets, as in `Ada (Addie)`: one word with no capital but its first, or
    an initial. `MIT` is none, nor are several words."""
    return (
        _LETTERS.fullmatch(word) is not None
        and not _SUFFIX.fullmatch(word)
        and all(part == part[:1].upper() + part[1:].lower() for part in re.split("[-'’]", word))
    )


def _is_full(name: str) -> bool:
    """Whether a name is like `First Last`, or `Last, First`: two to four words, each beginning with a capital but for
    particles."""
    words = name.replace(",", " ").split()
    return 2 <= len(_core(words)) <= 4 and len(words) <= 6 and all(map(_WORD.fullmatch, words))


def _is_inverted(family: str, given: str) -> bool:
    """Whether `family, given` can be nothing else. Two words before the comma and two behind it may be two people;
    initials before it are those of another; a first name has at most four words, and none but of letters."""
    before, behind = family.split(), given.split()
    if len(before) > 1 and (any(map(_is_initials, before)) or _ends_undotted(before)):
        return False
    if len(behind) > _MOST_FIRST or not all(map(_WORD.fullmatch, (*before, *behind))):
        return False
    if _WITHIN_GIVEN.search(given):
        return False
    if len(_core(before)) > 1 and not family.isupper() and any(map(_is_acronym, behind)):
        # `Jo Smith, MIT`.
        return False
    full = [word for word in _core(behind) if not _is_initials(word)]
    return len(_core(before)) < 2 or len(full) < 2


def _is_initials(word: str) -> bool:
    """`J.`, `J.-P.`, `JP.` or one capital."""
    return (len(word) == 1 or "." in word) and word.upper() == word and _INITIALS.fullmatch(word) is not None


def _is_acronym(word: str) -> bool:
    return len(word) >= _SHORTEST_ACRONYM and word.isalpha() and word.isupper()


def _ends_undotted(words: list[str]) -> bool:
    """Whether initials end a name without their dots, as in `Doe JA`; in `DE LA CRUZ` all has capitals."""
    return words[-1].isupper() and len(words[-1]) <= _MOST_UNDOTTED and not words[0].isupper()


def _core(words: list[str]) -> list[str]:
    """Without `van`, `de la`, `y` and the like."""
    return [word for word in words if not word[0].islower() and word.lower() not in _PARTICLES]


# What follows a comma in a name without telling given from family name.
_SUFFIXES = frozenset(
    ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d.", "md", "m.d.", "esq", "esq."]
)
_AND = re.compile(r"(?<!\s)\s++(?:and|und|et|y|e|&)\s+", re.I)
# `Smith, J.`: a family name, a comma, and initials or one or two given names.
_INVERTED = re.compile(r"[^\s,;]+(?: [^\s,;]+){0,2},\s*[^\s,;]+(?:\s[^\s,;]+)?")


def several_names(name: str) -> bool:
    """Whether a name is surely those of several people: more than one part between semicolons, or two parts joined by
    `and` or `&` that are both written `Last, First`. `Barnes and Noble`, `Smith and Sons Ltd` and
    `Smith, J., Doe, A.` (which may be one person's suffixes) are left alone."""
    if ";" not in name and name.count(",") < 2:
        return False
    parts = [part.strip() for part in name.split(";") if part.strip()]
    if len(parts) > 1:
        return all(" " in part or "," in part for part in parts)
    joined = [part.strip(" ,") for part in _AND.split(name)]
    return len(joined) > 1 and all(_INVERTED.fullmatch(part) for part in (joined[0], joined[-1]))


def given_and_family(name: str) -> tuple[str, str]:
    """("First", "Last") of `Last, First` with exactly one comma, else two empty texts."""
    family, comma, given = name.partition(",")
    family, given = family.strip(), given.strip()
    if (
        not comma
        or several_names(name)
        or "," in given
        or not family
        or not given
        or given.lower() in _SUFFIXES
    ):
        return "", ""
    return given, family
