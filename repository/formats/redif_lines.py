"""How ReDIF is written: `Field-Name: value`, folded so that a reader joins it again, and nothing taken for markup.

What a field means never enters here (RePEc's ReDIF documentation, and what ReDIF-perl 2.69 makes of it).
"""

import re

from repository.formats.xmltext import inline, legal
from repository.model.identifiers import is_handle, is_identifier

_WIDTH = 100
# Readers of ReDIF decode entities and take tags out; these are what they would take for one.
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]{1,32};)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")


def text(value: str) -> str:
    """On one line. A byte order mark has no place within a file, and readers drop it at the ends of lines."""
    return inline(value.replace("\ufeff", "") if "\ufeff" in value else value)


def handle(identifier: str) -> str:
    """A RePEc handle; empty for what is none, to which ReDIF has no way to link."""
    return identifier if is_handle(identifier) and is_identifier(identifier) else ""


def without_markup(value: str) -> str:
    """With references instead of what would be read as an entity or a tag."""
    if "&" in value:
        value = _ENTITY.sub("&amp;", value)
    return _TAG.sub("&lt;", value) if "<" in value else value


def as_it_came(value: str) -> str:
    """A value that no reader interprets: only its line ends go."""
    return _BLANKS.sub(" ", legal(value)).strip(" \u00a0\ufeff")


def field(name: str, value: str) -> str:
    """One field with its line end, empty for an empty value. A line that goes on is indented: no name begins there."""
    if not value:
        return ""
    line = f"{name}: {value}"
    if len(line) <= _WIDTH:
        return line + "\n"
    lines, first = [], len(name) + 2
    while len(line) > _WIDTH:
        cut = line.rfind(" ", first, _WIDTH + 1)
        if cut < 0:
            cut = line.find(" ", first)
        if cut < 0:
            break
        lines.append(line[:cut])
        line, first = " " + line[cut + 1 :], 1
    return "\n".join((*lines, line)) + "\n"
