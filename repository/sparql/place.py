"""Where in a query something is wrong, shown as people and terminals read it: the line, and a mark under the place."""

import re
from typing import NamedTuple

# The guard says `line 3, column 9`, pyoxigraph `error at 3:9`.
_PLACE = re.compile(r"(?:\bline |\bat )(\d{1,7})(?::|,? column |, )(\d{1,7})", re.IGNORECASE)
_BEFORE, _AFTER = 60, 40
# pyoxigraph lists every letter that could have come instead.
_LETTERS = re.compile(r"\[('[^]]*|_)\](?: \| \[[^]]*\])*")
_AT = re.compile(r"at (\d+):(\d+): ")
_LONGEST = 400


class Place(NamedTuple):
    """A line of a query and what of it stands before, at and behind the place (a character, or empty at its end)."""

    line: int
    before: str
    at: str
    after: str


def find(query: str, message: str) -> Place | None:
    """The place that a message names; None where it names none that the query has."""
    match = _PLACE.search(message)
    lines = query.splitlines() or [""]
    if match is None or not 1 <= int(match[1]) <= len(lines):
        return None
    text, column = lines[int(match[1]) - 1], max(0, int(match[2]) - 1)
    return Place(int(match[1]), text[:column], text[column : column + 1], text[column + 1 :])


def marked(query: str, message: str) -> str:
    """The message, and below it the line of the query with a mark under the place, where it names one."""
    place = find(query, message)
    if place is None:
        return message
    # What is shown has the width of what is marked: tabs are one blank, long lines are cut.
    before = place.before[-_BEFORE:].replace("\t", " ")
    rest = (place.at + place.after[:_AFTER]).replace("\t", " ")
    return f"{message}\n\n  {before}{rest}\n  {' ' * len(before)}^"


def readable(message: str) -> str:
    """pyoxigraph's word on a query that it cannot read, made short, with the place in front."""
    text = _LETTERS.sub("a letter", " ".join(message.split())).removeprefix("error ")
    place = _AT.match(text)
    where = f"line {place[1]}, column {place[2]}: " if place else ""
    text = text[place.end() :] if place else text
    text = text[:_LONGEST] + (" ..." if len(text) > _LONGEST else "")
    return f"{where}the query cannot be read here; {text}"
