"""What other query languages write and this one has not: explained, since read as words it would find something else.

Nothing is parsed here: the parser asks at the places where such things may stand.
"""

import re

from repository.search.syntax import QueryFault
from repository.search.values import FIELDS

FIELD = re.compile(r"([A-Za-z_]+):(?!//)")
_FUZZY = re.compile(r"[^\W_]~[0-9.]*$")
_WEIGHT = re.compile(r"[^\W_]\^[0-9.]+$")
# Behind a quotation mark or a bracket.
_MODIFIER = re.compile(r"([~^])[0-9.]*")
_NAME = re.compile(r"([A-Za-z_]+) +$")
_NO_WEIGHT = "Words cannot be given a weight (^)."
# Where a query, or a part of it, begins: no dash of a title stands there.
_BEGINS = ("AND", "OR", "NOT", "&&", "||", "")
_PARTED = re.compile(r'- +(\w[^\s()"]*|["(])')


def refuse_fuzzy(word: str, at: int) -> None:
    fuzzy = _FUZZY.search(word)
    if fuzzy:
        problem = "Words that are only alike (~) cannot be searched; a star finds all that begin so: econom*."
        raise QueryFault(problem, at + fuzzy.start() + 1, len(fuzzy[0]) - 1)
    weight = _WEIGHT.search(word)
    if weight:
        raise QueryFault(_NO_WEIGHT, at + weight.start() + 1, len(weight[0]) - 1)


def refuse_stray(text: str, at: int, word: str) -> None:
    """What other languages write behind a phrase or bracket, and a field that a blank parts from its colon."""
    before = text[:at]
    modifier = _MODIFIER.fullmatch(word)
    if modifier and before.endswith(('"', ")")):
        near = "Words near each other (~) cannot be searched; a phrase has them side by side."
        raise QueryFault(_NO_WEIGHT if modifier[1] == "^" else near, at, len(word))
    if word.startswith(":"):
        name = _NAME.search(before)
        if name and name[1].lower() in FIELDS:
            problem = f"A blank parts {name[1]} from its colon; write {FIELDS[name[1].lower()].example}."
            raise QueryFault(problem, at)


def refuse_doubled(name: str, value: str, at: int) -> None:
    """A value that begins as something else does."""
    if value.startswith("-") and len(value) > 1:
        raise QueryFault(f"A minus stands before the field: -{name}:{value[1:]}.", at)
    second = FIELD.match(value)
    if second and second[1].lower() in FIELDS:
        raise QueryFault(
            f"Behind {name}: stands another field; write a blank between them.", at, len(second[0])
        )


def refuse_parted(text: str, at: int) -> None:
    """A minus that a blank parts from its word. Behind another word it is a dash."""
    parted = _PARTED.match(text, at)
    before = text[:at].rstrip(" ") if parted else ""
    if parted and (before.endswith("(") or before.rpartition(" ")[2] in _BEGINS):
        problem = (
            f"A blank parts this minus from its word; write -{parted[1]} without it, or leave out a dash."
        )
        raise QueryFault(problem, at)
