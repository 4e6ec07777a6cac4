"""A value of ReDIF that stands on the line below its field's name, where what it begins with looks like a name."""

import re

from repository.readers.redif_fields import EVERY_NAME, PRIVATE, is_local, is_private

# By the name that ReDIF-perl takes for a field's, what stands behind its colon in an address or handle.
_BEHIND = {
    **dict.fromkeys(("http", "https", "ftp"), re.compile(r"//[^\s/]")),
    "repec": re.compile(r"[A-Za-z0-9]+(?::\S|$)"),
}
LONGEST = max(map(len, _BEHIND))


def is_wrapped(name: str, value: str, above: str) -> bool:
    """Whether a field is the value of the empty field `above` it: programs and editors that break long lines leave
    `File-URL:` by itself."""
    behind = _BEHIND.get(name.lower())
    key = above.lower()
    return (
        behind is not None
        and behind.match(value) is not None
        and (key in EVERY_NAME or is_local(key))
        and not (key in PRIVATE or is_private(key))
    )
