"""The files of an index against the checksums that Tantivy put into them; what it reads of a damaged one is anything.

Each file but the lists of files ends with a footer: JSON with the CRC-32 of what stands before, its length and a magic
number (Tantivy's `directory/footer.rs`). Tantivy compares them only when it is asked to, which Python cannot do.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from repository.search import place

_END = struct.Struct("<II")
_MAGIC = 1337
_LARGEST_FOOTER = 4096
_BLOCK = 1 << 20
# A follower may take files away that were merged into others while they are read.
_TRIES = 5


def damaged(folder: Path) -> list[str]:
    """Files of the current index in a search folder that are not what Tantivy wrote, or are missing; sorted names."""
    for _ in range(_TRIES):
        state = place.current(folder)
        if state is None:
            return []
        found = sorted(_damaged(state.folder))
        if not found or place.current(folder) == state:
            return found
    return []


def _damaged(index: Path) -> Iterator[str]:
    try:
        parts = [
            str(segment["segment_id"]).replace("-", "")
            for segment in json.loads((index / "meta.json").read_text("utf-8"))["segments"]
        ]
        paths = list(index.iterdir())
    except (OSError, ValueError, KeyError, TypeError):
        yield "meta.json"
        return
    there = {path.name.partition(".")[0] for path in paths}
    yield from (f"{part}.*" for part in parts if part not in there)
    for path in paths:
        if path.name.partition(".")[0] in parts and not _is_whole(path):
            yield path.name


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _END.size))
            length, magic = _END.unpack(file.read(_END.size))
            if magic != _MAGIC or not 0 < length <= min(size - _END.size, _LARGEST_FOOTER):
                return False
            left = size - _END.size - length
            file.seek(left)
            wanted = json.loads(file.read(length))["crc"]
            file.seek(0)
            found = 0
            while left and (block := file.read(min(_BLOCK, left))):
                found = zlib.crc32(block, found)
                left -= len(block)
            return bool(found == wanted)
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False
