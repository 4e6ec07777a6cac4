"""Tags and entities of HTML in values: what is left without them, what they hold, and where nothing else is.

No field and no finding is known here: pure functions of a value.
"""

import html
import re

from repository.model.ntriples import ILLEGAL_XML

# Only elements that titles and abstracts really have, and only with well-formed attributes: `a <b and c> d` stays.
_ELEMENTS = (
    "a abbr article b big blockquote body br center cite code dd div dl dt em font h1 h2 h3 h4 h5 h6 hr html i img "
    "inf italic li ol p pre q s section sec small span strike strong sub sup table tbody td tr tt u ul"
)
TAG = re.compile(
    r"</?(?:(?:jats|mml|ce|xhtml):[a-z][a-z\-]*|(?:" + _ELEMENTS.replace(" ", "|") + r"))"
    r"(?:\s+[a-z][a-z:\-]*\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s<>\"'=]+))*\s*/?>|<!--[^<>]*>",
    re.I | re.S,
)
_BREAK = re.compile(r"</?(?:jats:)?(?:p|br|div|li|ul|ol|tr|td|h\d|dd|dt|title|sec)\b", re.I)
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def without_markup(value: str) -> str:
    """Tags taken out (a blank where one parted words), then entities decoded. TeX and `a < b` stay."""
    if "<" in value:
        value = TAG.sub(lambda match: " " if _BREAK.match(match[0]) else "", value)
    if "&" in value:
        value = ILLEGAL_XML.sub("", ENTITY.sub(character, value))
    return value


def character(match: re.Match[str]) -> str:
    """What an entity stands for; one that names no character stays as it is."""
    found = html.unescape(match[0])
    return match[0] if "\ufffd" in found else found


_ATTRIBUTE = re.compile(r"\s(?:href|src|alt|title)\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s<>\"'=]+))", re.I)
_REACHES = re.compile(r"(?:mailto|tel|fax|sms):", re.I)


def held(value: str) -> list[str]:
    """What the tags of a text hold that is not in the text: addresses, words for images, comments. Each once; how to
    reach people is none of it."""
    found = []
    for tag in TAG.finditer(value):
        if tag[0].startswith("<!--"):
            found.append(tag[0][4:-1].rstrip("-"))
        else:
            found += ["".join(groups) for groups in _ATTRIBUTE.findall(tag[0])]
    clean = (" ".join(ENTITY.sub(character, one).split()) for one in found)
    return list(dict.fromkeys(one for one in clean if one and not _REACHES.match(one)))


def untagged(value: str) -> str:
    """What stands within tags, if they hold nothing else: an address as it stands in a page."""
    found = without_markup(value).strip()
    return found if set(held(value)) <= {found} else value


def bare(value: str) -> str:
    """A value that can have no markup of its own, without what stands around it on every line of a page."""
    return untagged(value) if value and (value[0] == "<" or value[-1] in ">;") else value


def is_hollow(value: str) -> bool:
    """Whether a value is nothing but tags and blanks: `<p>&nbsp;</p>`."""
    return value.lstrip()[:1] in ("<", "&") and not without_markup(value).strip()


def lost(value: str) -> bool:
    """Whether an entity in a text without markup names no character."""
    return "&#" in value and any("\ufffd" in html.unescape(found) for found in ENTITY.findall(value))
