"""What the log calls a folder that is followed: its last name alone, for no path of the machine is published.

Folders of one last name are several sources all the same, so each but the first has a number. Who has which name is
kept beside the copies; one that is there no more, because it moved, leaves its name to the next.
"""

from itertools import chain, count
from pathlib import Path

from repository.dump.files import whole

_CLAIM = "name"


def named(name: str, path: Path, own: Path) -> str:
    """The name of the folder at `path`, which would be called so, and whose copies lie in `own`, beside those of
    others."""
    kept, _ = _claim(own)
    if kept:
        return kept
    own.mkdir(parents=True, exist_ok=True)
    taken = set[str]()
    for other in own.parent.iterdir():
        called, where = _claim(other)
        if called and Path(where).is_dir():
            taken.add(called)
        elif called:
            (other / _CLAIM).unlink()
    numbered = chain([name], (f"{name} ({number})" for number in count(2)))
    found = next(one for one in numbered if one not in taken)
    with whole(own / _CLAIM) as out:
        out.write(f"{found}\n{path.resolve()}".encode())
    return found


def _claim(folder: Path) -> tuple[str, str]:
    try:
        called, _, where = (folder / _CLAIM).read_text().partition("\n")
    except OSError:
        return "", ""
    return called, where
