"""Names in BibTeX: `Last, First and {World Bank} and others` as people.

Braces part nothing; particles stay with the family name, a suffix goes behind it. BibLaTeX's `family=..., given=...`
is read too.
"""

import re
from collections.abc import Callable

from repository.model.work import Person
from repository.readers.redif_names import is_suffix
from repository.readers.reference_words import person

_LABELLED = re.compile(r"[\s\"]*([A-Za-z][A-Za-z-]{0,40})\s*=(.*)", re.S)
_PARTS = ("prefix", "family", "suffix", "given")
# How a name is abbreviated, sorted and printed.
_HOW_PRINTED = re.compile(
    r"(?:family|given|prefix|suffix)-i|useprefix|nametemplates|\w*nametemplatename|hash", re.I
)


def split_names(
    value: str,
    decode: Callable[[str], str],
    leave: Callable[[str, str], None],
    is_many: Callable[[str], bool],
) -> tuple[tuple[Person, ...], bool]:
    """(people in order, whether there are others). `decode` makes text of LaTeX.

    `leave` is given the label and value of what a name says besides (`id=...`); `is_many` tells a name that is surely
    those of several people, and stays one.
    """
    parts = _split(value, " and ")
    others = bool(parts) and parts[-1].strip().lower() in ("others", "et al.", "et al")
    names = parts[:-1] if others else parts
    found = (_labelled(part, decode, leave) or _name(part, decode, is_many) for part in names)
    return tuple(one for one in found if one), others


def _split(value: str, mark: str) -> list[str]:
    """Parts between marks outside braces: the word "and", or commas."""
    # Blanks around it, so that an "and" at either end parts too.
    value = f" {' '.join(value.split())} "
    found, depth, start, at = list[str](), 0, 0, 0
    lower = value.lower() if len(value.lower()) == len(value) else value
    while at < len(value):
        one = value[at]
        if one == "\\":
            at += 2
            continue
        if one == "{":
            depth += 1
        elif one == "}":
            depth = max(0, depth - 1)
        elif depth == 0 and lower.startswith(mark, at):
            found.append(value[start:at])
            # The blank behind one "and" may stand before the next.
            at += len(mark) - (1 if mark[-1] == " " else 0)
            start = at
            continue
        at += 1
    found.append(value[start:])
    return [part.strip() for part in found if part.strip()]


def _labelled(part: str, decode: Callable[[str], str], leave: Callable[[str, str], None]) -> Person | None:
    """A name as BibLaTeX has it in parts, in any order: `family=Doe, given=Jane, prefix=van`."""
    if "=" not in part:
        return None
    matches = [_LABELLED.fullmatch(one) for one in _split(part, ",")]
    said = {match[1].lower(): decode(match[2].strip(' "')).strip() for match in matches if match}
    if None in matches or not {"family", "given"} & said.keys():
        return None
    for label, value in said.items():
        if label not in _PARTS and not _HOW_PRINTED.fullmatch(label):
            leave(label, value)
    family = " ".join(filter(None, (said.get(label, "") for label in _PARTS[:3])))
    return person("", said.get("given", ""), family)


def _name(part: str, decode: Callable[[str], str], is_many: Callable[[str], bool]) -> Person | None:
    parts = _split(part, ",")
    many = not _is_braced(part) and is_many(decode(part).strip())
    if many or _is_braced(part) or len(parts) > 3 or len(parts) < 2:
        name = decode(part).strip()
        return person(name) if name else None
    if len(parts) == 3:
        # Last, Jr, First; the Web of Science has the suffix at the end.
        second, third = decode(parts[1]).strip(), decode(parts[2]).strip()
        suffix, given = (third, second) if is_suffix(third) and not is_suffix(second) else (second, third)
        family = f"{decode(parts[0])} {suffix}"
    else:
        family, given = decode(parts[0]), decode(parts[1])
    family, given = family.strip(), given.strip()
    return person("", given, family) if family or given else None


def _is_braced(part: str) -> bool:
    """Whether one pair of braces goes around the whole name."""
    if part[:1] != "{" or part[-1:] != "}":
        return False
    depth = 0
    for n, one in enumerate(part):
        depth += (one == "{") - (one == "}")
        if depth == 0:
            return n == len(part) - 1
    return False
