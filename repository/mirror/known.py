"""What is known of each mirrored file: its last good copy, by what its change is told, which records it holds.

A copy is `files/<path>`, what is known of it `known/<path>.json`, with a % behind folders that are called as files
are; each is whole or not there. The copy is written
first, then the log, then what is known: killed between them, the next run does the rest again.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from repository.dump.files import whole
from repository.mirror.places import is_redif
from repository.model.errors import SourceError


@dataclass(slots=True)
class Known:
    """`items`: identifiers in the copy. `gone`: those that were there once, and in how many good passes they were not;
    `missed`: in how many the file itself was not. `broken`: templates that cannot be read, `usual`: the fewest that
    there ever were, negative where nobody counted; `refused`: these, and those whose handles another file
    has, with the first `reasons`. `others`: of the items those that are not this file's."""

    path: str
    digest: str = ""
    listed: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    gone: dict[str, int] = field(default_factory=dict)
    missed: int = 0
    strict: bool = False
    broken: int = 0
    usual: int = -1
    refused: int = 0
    reasons: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def is_worse(self) -> bool:
        """Whether a template that could be read may be among those that cannot."""
        return 0 <= self.usual < self.broken

    def count_broken(self, broken: int, before: "Known | None") -> None:
        """Other rules make another count, with which nothing can be compared."""
        compared = before is not None and before.strict == self.strict and before.usual >= 0
        self.broken, self.usual = broken, min(broken, before.usual) if before and compared else broken


def owners(files: Iterable[Known]) -> dict[str, str]:
    """{identifier: the path of the file that has it}; the first that had it keeps it."""
    found: dict[str, str] = {}
    for one in files:
        others = set(one.others)
        for item in one.items:
            if item not in others:
                found.setdefault(item, one.path)
    return found


_ENDS = (b"\n", b"\r")
_BLANK = b" \t\r\n\0\x1a"


def check_whole(data: bytes, copy: bytes) -> None:
    """Raise SourceError where a file is the beginning of its last good copy, up to the middle of a line."""
    if len(data) < len(copy) and copy.startswith(data) and copy[len(data) :].strip(_BLANK):
        if data.endswith(_ENDS) or copy.startswith(_ENDS, len(data)):
            return
        raise SourceError(
            f"it is the beginning of what it was, cut short within a line; {len(copy) - len(data)} bytes are missing. "
            "If it is meant, end its last line"
        )


def _marked(path: str) -> str:
    """A path in which no folder has a name that a file of ours may have: a server has `b.rdf` and `b.rdf/` side by
    side, and a folder takes a file's name while the file is still kept. No name has a % (`places.is_name`)."""
    *folders, name = path.split("/")
    marked = (f"{one}%" if is_redif(one) or one.lower().endswith(".json") else one for one in folders)
    return "/".join((*marked, name))


class Store:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files, self._known = folder / "files", folder / "known"

    def all(self) -> Iterator[Known]:
        for path in sorted(self._known.rglob("*.json")):
            try:
                known = Known(**json.loads(path.read_text()))
            except (ValueError, TypeError):
                # It is fetched again.
                continue
            # Where folders were not marked yet, one lies elsewhere, and `drop` would not find it.
            if path == self._noted(known.path):
                yield known

    def keep(self, known: Known) -> None:
        self._write(self._noted(known.path), json.dumps(asdict(known)).encode())

    def keep_copy(self, path: str, data: bytes) -> None:
        self._write(self._copied(path), data)

    def copy(self, path: str) -> bytes | None:
        place = self._copied(path)
        return place.read_bytes() if place.is_file() else None

    def drop(self, path: str) -> None:
        self._noted(path).unlink(missing_ok=True)
        self._copied(path).unlink(missing_ok=True)

    def mark(self, text: str | None = None) -> str:
        """The log that the copies were brought into, as last noted; with a text, note that."""
        place = self.folder / "log"
        if text is not None:
            self._write(place, text.encode())
            return text
        return place.read_text() if place.is_file() else ""

    def _noted(self, path: str) -> Path:
        return self._known / f"{_marked(path)}.json"

    def _copied(self, path: str) -> Path:
        return self._files / _marked(path)

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as out:
            out.write(data)
