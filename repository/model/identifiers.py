"""Identifiers of records: their one grammar, and how RePEc handles are normalised.

No URI is minted here; that is `repository.model.site`.
"""

import re
from functools import lru_cache

from repository.model.errors import IdentifierError

MAX_LENGTH = 2048

# Printable ASCII without blank and # ? % < > " { } | \ ^ ` (they would have to be escaped in a URI),
# and without [ ], which RFC 3986 allows in no path.
_ALLOWED = re.compile(r"[!$&'()*+,\-./0-9:;=@A-Z_a-z~]+")
_UNSTABLE = re.compile(r"(?:^|/)\.{1,2}(?:/|$)|//|^/")
_PERSON = re.compile(r"per:(\d{4}-\d{2}-\d{2}):(.+)", re.IGNORECASE)

SHORT_ID = re.compile(r"p[a-z]+\d+", re.IGNORECASE)
_JEL = re.compile(r"jel:[A-Z]\d{0,2}", re.IGNORECASE)
JEL_CODE = re.compile(r"[A-Z](?:\d{1,2})?")


def normalise(text: str) -> str:
    """The canonical spelling of an identifier: what the log keys on and every URI shows.

    A RePEc handle is lower case but for its prefix, and but for the name in a person's handle,
    which is upper case (ReDIF-perl does the same). A class of JEL is `jel:` and upper case. Others stay as they are.

    Raises IdentifierError when `text` is outside the grammar.
    """
    identifier = text
    # Only ASCII is folded: the Kelvin sign's lower case is k, and that would be another's identifier.
    if text.isascii() and text[:6].lower() == "repec:":
        identifier = _normalise_handle(text[6:])
    elif text.isascii() and _JEL.fullmatch(text):
        identifier = "jel:" + text[4:].upper()
    if not is_identifier(identifier):
        raise IdentifierError(_complaint(identifier))
    return identifier


def _normalise_handle(rest: str) -> str:
    person = _PERSON.fullmatch(rest)
    if person:
        return f"RePEc:per:{person[1]}:{person[2].upper()}"
    return "RePEc:" + rest.lower()


def is_identifier(text: str) -> bool:
    """Whether `text` is inside the grammar, in any spelling."""
    return len(text) <= MAX_LENGTH and _ALLOWED.fullmatch(text) is not None and _UNSTABLE.search(text) is None


def _complaint(text: str) -> str:
    shown = text if len(text) <= 80 else text[:77] + "..."
    return f"identifier {shown!r} {fault(text)}" if text else "the identifier is empty"


def fault(text: str) -> str:
    """Why a text that is outside the grammar is, as words that follow what it is called."""
    if len(text) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters"
    odd = sorted(set(_ALLOWED.sub("", text)))
    if odd:
        shown = " ".join(map(repr, odd[:8]))
        return f"has characters that no identifier may have, since none can stand in an address as it is: {shown}"
    return "must not begin with '/' or hold '//' or a '.' or '..' path segment"


def is_handle(identifier: str) -> bool:
    """Whether a normalised identifier is a RePEc handle."""
    return identifier.startswith("RePEc:")


def archive_of(identifier: str) -> str | None:
    """`RePEc:eee` of any handle in that archive, else None."""
    parts = identifier.split(":")
    return ":".join(parts[:2]) if is_handle(identifier) and len(parts) > 1 and parts[1] else None


# Several ask in turn, of each record.
@lru_cache(maxsize=256)
def series_of(identifier: str) -> str | None:
    """`RePEc:eee:socmed` of a series' or document's handle; None for archives, persons, institutions."""
    parts = identifier.split(":")
    if not is_handle(identifier) or len(parts) < 3 or not parts[2] or parts[1] in ("per", "edi"):
        return None
    return ":".join(parts[:3])


def jel_identifier(code: str) -> str:
    """`jel:I11`, the identifier under which a JEL code answers."""
    return "jel:" + code


_KEPT = re.compile(r"[!$&'()*+,\-.0-9:;=@A-Z_a-z]")


def spelled(text: str) -> str:
    """Any text as an identifier, of which no two texts have the same: what none may hold is written `~2F`.

    `/` stays only where paths allow it. The result may be empty or too long; `normalise` tells.
    """
    made: list[str] = []
    for n, character in enumerate(text):
        beside = (text[n - 1], text[n + 1]) if 0 < n < len(text) - 1 else ("/", "/")
        if _KEPT.fullmatch(character) or (character == "/" and "/" not in beside and "." not in beside):
            made.append(character)
        else:
            made += [f"~{byte:02X}" for byte in character.encode("utf-8", "surrogatepass")]
    return "".join(made)
