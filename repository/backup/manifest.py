"""What a backup says of itself: where its log stood, and the size and SHA-256 of each of its files.

It is written last, so a folder that has one was whole when it was made.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from repository.model.errors import BackupError

NAME = "manifest.json"
LOG, SETTINGS = "log.sqlite", "sheaf.toml"
# Of how the folder is laid out; another one is for another program to read.
_FORM = 1
_BLOCK = 1 << 20
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class File:
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`seq`: the last entry, with which `digest` is the log's. `files` by their names."""

    made: str
    version: str
    base_url: str
    oai_namespace: str
    seq: int
    records: int
    digest: str
    files: Mapping[str, File]

    def text(self) -> str:
        return json.dumps({"form": _FORM, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BackupError for a folder that is none, or that only became half of one."""
    path = folder / NAME
    try:
        with path.open(encoding="utf-8") as file:
            said = json.loads(file.read(_LARGEST))
    except FileNotFoundError:
        raise BackupError(
            f"{folder} is no whole backup: it has no {NAME}, which is written last; choose another one"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BackupError(f"{path} cannot be read: {error}; choose another backup") from None
    form = said.get("form") if isinstance(said, dict) else None
    if type(form) is not int or form != _FORM:
        raise BackupError(
            f"{path} is of form {form!r}, but this Sheaf reads {_FORM}: use the one that made it"
        )
    try:
        return _manifest(said)
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        raise BackupError(f"{path} is damaged ({error}); choose another backup") from None


def _manifest(said: dict[str, Any]) -> Manifest:
    files = {
        name: File(_number(each, "bytes"), _text(each, "sha256")) for name, each in said["files"].items()
    }
    strange = [name for name in files if name not in (LOG, SETTINGS)]
    if strange or LOG not in files:
        raise ValueError(f"it must name {LOG} and at most {SETTINGS}, not {sorted(files)}")
    if not all(re.fullmatch(r"[0-9a-f]{64}", each.sha256) for each in files.values()):
        raise ValueError("a SHA-256 is none")
    texts = {key: _text(said, key) for key in ("made", "version", "base_url", "oai_namespace", "digest")}
    return Manifest(**texts, seq=_number(said, "seq"), records=_number(said, "records"), files=files)


def _text(said: dict[str, Any], key: str) -> str:
    if not isinstance(said[key], str):
        raise ValueError(f"{key} is no text")
    return str(said[key])


def _number(said: dict[str, Any], key: str) -> int:
    if type(said[key]) is not int or not 0 <= said[key] < 1 << 63:
        raise ValueError(f"{key} is no number of things")
    return int(said[key])


def hashed(path: Path, tell: Callable[[int], None]) -> File:
    """What a file is. `tell` hears the number of bytes of each piece that was read."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
            size += len(block)
            tell(len(block))
    return File(size, found.hexdigest())
