"""Whose a record is: the place that its newest entry was read from. Nobody else's changes it silently.

A place is a source without its line. Two sources are one place where the shorter is how the longer ends, for a folder
may be given whole or a part of it. What a maintainer did by hand, and what nobody said the source of, is nobody's.
"""

import re
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r":\d+$")
# Between the name of an archive and that of its member.
INSIDE = "!/"


def place_of(source: str) -> str:
    return _LINE.sub("", source)


def same_place(one: str, other: str) -> bool:
    shorter, longer = sorted((_parts(one), _parts(other)), key=len)
    return shorter == longer or (len(shorter) > 1 and longer[-len(shorter) :] == shorter)


def is_owned(source: str) -> bool:
    """Whether somebody has a claim by a source: not nobody, and no command of the maintainer's."""
    return bool(source) and not source.startswith("sheaf ")


def below(roots: Mapping[str, Path], source: str) -> Path | None:
    """Where a source would be below a folder that was given ({name: folder}); None if it is below none."""
    parts = _parts(source.partition(INSIDE)[0])
    for at in range(len(parts) - 1):
        folder = roots.get(parts[at])
        if folder is not None:
            return folder.joinpath(*parts[at + 1 :])
    return None


def _parts(source: str) -> list[str]:
    return place_of(source).split("/")
