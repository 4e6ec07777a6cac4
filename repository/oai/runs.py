"""Render once: a page of a list as the chunks it falls into, each made by whoever first needs it and then kept.

Where one chunk ends and the next begins is decided by the seqs themselves, so a record that moves changes its own chunk
and no other. What a page holds comes from the log each time; a kept chunk is taken only where it holds just that.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from repository.log import Reading
from repository.model.records import Selection
from repository.oai.chunk import Chunk
from repository.oai.chunks import Broken, Chunks, Place
from repository.oai.pieces import Piece, pack
from repository.oai.show import Show

# One seq in 64 begins a chunk. Multiples of the golden ratio fall evenly: of neighbouring seqs, chunks have 34 to 89.
_GOLDEN, _BITS = 0x9E3779B1, 0xFFFFFFFF
_BEGINS = (_BITS + 1) // 64
# The only distances there are between seqs with which chunks begin (the three-gap theorem).
_STEPS = (55, 34, 89)
# In a list with so many times as many seqs as keys it is quicker to look at each key.
_DENSE = 8
# A list of fewer records is rendered for the one answer: the daily poll.
WORTH_KEEPING = 64
# How far is looked back for the seq that begins a chunk, and forth for the next.
_NEAR, _LOOK = 500, 1024
# A change of what stands around metadata is a new number.
_VERSION = 2


def begins(seq: int) -> bool:
    """Whether a chunk begins with this seq, in any list that it is in."""
    return (seq * _GOLDEN & _BITS) < _BEGINS


class Parts(NamedTuple):
    """The text of a page, and how many of its records are missing from it because they cannot be shown."""

    content: list[bytes | Piece]
    missing: int


@dataclass(frozen=True, slots=True)
class Runs:
    """Pages of one list, shown in one way, under one snapshot of the log."""

    reading: Reading
    selection: Selection
    show: Show
    store: Chunks | None

    def parts(self, keys: Sequence[int], following: int | None, *, alone: bool = False) -> Parts:
        """The records of neighbouring keys, in order; `following` is the list's next key, None at its end.

        `alone`: the list has no other page.
        """
        broken: dict[int, Broken] = {}
        if self.store is None or (alone and len(keys) < WORTH_KEEPING):
            parts: list[bytes | Piece] = list(self._texts(keys, broken).values())
        else:
            parts = self._from_store(self.store, keys, following, broken)
        missing = len(broken.keys() & set(keys)) if broken else 0
        return Parts([part for part in parts if _length(part)], missing)

    def _from_store(
        self, store: Chunks, keys: Sequence[int], following: int | None, broken: dict[int, Broken]
    ) -> list[bytes | Piece]:
        place, runs = self._place(), list(_split(keys))
        cut = self._cuts(following)
        kept = store.get(place, [*(run[0] for run in runs), *([-keys[-1]] if cut else [])])
        made: dict[int, Chunk] = {}
        pieces: list[bytes | Piece] = []
        for number, run in enumerate(runs):
            tail = cut and number == len(runs) - 1
            # Where a page ends inside a chunk, its part of it is kept under its last key, made negative.
            name = -run[-1] if tail else run[0]
            chunk = kept.get(name)
            if chunk is None or chunk.seqs != array("q", run):
                if tail:
                    chunk = self._begun(run, kept.get(run[0]), made, broken)
                elif number == 0 and not begins(run[0]):
                    chunk = self._ended(run, store, place, broken)
                else:
                    chunk = self._made(run, chunk, broken)
                made[name] = chunk
            pieces.append(chunk.piece)
        store.heed("chunks_found", len(runs) - len(made))
        if made:
            store.heed("chunks_made", len(made))
            # What is broken may be mended, or was only a bad moment: it is tried again each time.
            whole = {name: each for name, each in made.items() if broken.keys().isdisjoint(each.seqs)}
            store.keep(place, whole, broken)
        return pieces

    def _cuts(self, following: int | None) -> bool:
        """Whether the page's last chunk may go on behind it: on the next page, or behind the last date asked for."""
        if following is None:
            return self.selection.until is not None
        return not begins(following)

    def _texts(self, keys: Sequence[int], broken: dict[int, Broken]) -> dict[int, bytes]:
        """{seq: text} of neighbouring keys; what cannot be shown is empty, and is added to `broken`."""
        listing, whole = self.show.form.listing, self.show.whole
        everything = Selection(set=self.selection.set)
        page = self.reading.page(everything, listing, after=keys[0] - 1, limit=len(keys), bodies=whole)
        texts = self.show.texts(self.reading, page.items)
        for record, text in zip(page.items, texts, strict=True):
            if not text:
                broken[record.seq] = Broken(record.identifier, self.show.form.name)
        return {record.seq: text for record, text in zip(page.items, texts, strict=True)}

    def _made(self, run: Sequence[int], before: Chunk | None, broken: dict[int, Broken]) -> Chunk:
        """The chunk of a run, with what one that was kept for it still gives."""
        texts = dict(before.texts()) if before else {}
        missing = [seq for seq in run if seq not in texts]
        if missing:
            between = run[run.index(missing[0]) : run.index(missing[-1]) + 1]
            texts |= self._texts(between, broken)
        ordered = [texts[seq] for seq in run]
        ends = array("q", accumulate(map(len, ordered)))
        return Chunk(array("q", run), ends, pack(b"".join(ordered)))

    def _begun(
        self, run: Sequence[int], chunk: Chunk | None, made: dict[int, Chunk], broken: dict[int, Broken]
    ) -> Chunk:
        """The part of a chunk with which a page ends; the chunk is made whole for the page that goes on."""
        if chunk is None or not set(run) <= set(chunk.seqs):
            chunk = self._made([*run, *self._until_next(run[-1])], chunk, broken)
            made[run[0]] = chunk
        return self._made(run, chunk, broken)

    def _ended(self, run: Sequence[int], store: Chunks, place: Place, broken: dict[int, Broken]) -> Chunk:
        """The part of a chunk with which a page begins; the chunk began on the page before."""
        kept = store.get(place, _begins_before(run[0]))
        return self._made(run, next((c for c in kept.values() if run[0] in c.seqs), None), broken)

    def _until_next(self, seq: int) -> Iterator[int]:
        """The keys behind `seq` up to where the next chunk begins."""
        everything = Selection(set=self.selection.set)
        for key in self.reading.keys(everything, self.show.form.listing, after=seq, limit=_LOOK):
            if begins(key):
                return
            yield key

    def _place(self) -> Place:
        chosen = self.selection.set
        return place_of(self.show, (self.reading.set_id(chosen) or 0) if chosen else 0)


def place_of(show: Show, set_id: int) -> Place:
    """Where the chunks of a list stand: everything that decides how a record is shown, but for the record."""
    form, site = show.form, show.site
    what = (_VERSION, show.whole, form.name, form.version, site.base, site.namespace, show.licence)
    kind = hashlib.blake2b(repr(what).encode(), digest_size=7).digest()
    return Place(int.from_bytes(kind), set_id)


def _begins_before(seq: int) -> list[int]:
    """The nearest seqs before this one with which chunks begin, if the list that is meant has them."""
    return [key for key in range(max(1, seq - _NEAR), seq) if begins(key)]


def _split(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Keys in runs, each of which begins where a chunk does, but for the first."""
    starts = beginnings(keys)
    for start, end in zip([0, *starts], [*starts, len(keys)], strict=True):
        yield keys[start:end]


def beginnings(keys: Sequence[int]) -> list[int]:
    """The places, but for the first, of keys with which chunks begin."""
    if len(keys) < 2 or keys[-1] - keys[0] > _DENSE * len(keys):
        return [n for n, seq in enumerate(keys) if n and (seq * _GOLDEN & _BITS) < _BEGINS]
    # From one such seq to the next, of which there are few, and whether it is among the keys.
    found, place, seq = list[int](), 0, keys[0] + 1
    while not begins(seq):
        seq += 1
    while seq <= keys[-1]:
        place = bisect_left(keys, seq, place)
        if keys[place] == seq:
            found.append(place)
        seq += next(step for step in _STEPS if begins(seq + step))
    return found


def _length(part: bytes | Piece) -> int:
    return len(part) if isinstance(part, bytes) else part.length
