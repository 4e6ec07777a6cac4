"""The index as its one writer has it: what is put in, what goes, and how far it has come, all in one commit."""

import contextlib
import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import tantivy

from repository import crash
from repository.model.errors import ProjectionError
from repository.search import place, schema
from repository.search.documents import Entry, document

# Tantivy wants 15 MB at least for each thread that writes.
_FOLLOWING_BYTES = 32 << 20
_LOADING_BYTES = 192 << 20
_LOADING_THREADS = 2
# How Tantivy says that it may not go on with what is there: an upgrade brings the first, and nothing is wrong then.
_OTHER = ("chema", "ncompatible")
_DAMAGED = ("orrupt", "does not exist", "FileDoesNot")


@dataclass(frozen=True, slots=True)
class Position:
    """How far the index has come. `mark` is a checksum of the log's entry at `seq`; `base` the base URL of whom it
    is made for."""

    seq: int
    mark: str
    base: str
    version: int = schema.VERSION


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the index holds of a record beside its terms."""

    identifier: str
    seq: int
    digest: str
    cites: tuple[str, ...]
    citations: int


class SearchWriter:
    """Writes the index in a folder; hold `place.writing` first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index: tantivy.Index | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._state: place.State | None = None

    def position(self) -> Position | None:
        """How far it has come; None where nothing whole is there."""
        if place.current(self.folder) is None:
            return None
        with self._plainly():
            return position_of(self._opened().searcher())

    def load(self, position: Position, entries: Iterable[tuple[Entry, int]]) -> None:
        """Be these entries (each with its seq) and nothing else."""
        self.close()
        with self._plainly():
            made = place.make(self.folder)
            index = schema.opened(made)
            writer = index.writer(_LOADING_BYTES, _LOADING_THREADS)
            for entry, seq in entries:
                writer.add_document(document(entry, seq))
            _put(writer, position)
            writer.commit()
            writer.wait_merging_threads()
            crash.point("search.loaded")
            place.take_place(self.folder, made)

    def apply(self, position: Position, gone: Collection[str], entries: Iterable[tuple[Entry, int]]) -> None:
        """Take out what is `gone`, put in the entries in place of what was there, and keep the position: in one
        commit. Doing it again is harmless."""
        with self._plainly():
            index = self._opened()
            if self._writer is None:
                self._writer = index.writer(_FOLLOWING_BYTES, 1)
            for identifier in gone:
                self._writer.delete_documents_by_term(schema.IDENTIFIER, identifier)
            for entry, seq in entries:
                self._writer.delete_documents_by_term(schema.IDENTIFIER, entry.identifier)
                self._writer.add_document(document(entry, seq))
            self._writer.delete_documents_by_term(schema.POSITION, _HERE)
            _put(self._writer, position)
            crash.point("search.added")
            self._writer.commit()
            crash.point("search.committed")
            index.reload()

    def indexed(self, identifiers: Iterable[str]) -> Iterator[Indexed]:
        """What the index has of these records, of those that it has."""
        with self._plainly():
            searcher = self._opened().searcher()
            for identifier in identifiers:
                query = tantivy.Query.term_query(schema.schema(), schema.IDENTIFIER, identifier)
                for _, address in searcher.search(query, 1, count=False).hits:
                    yield read_indexed(searcher, address)

    def close(self) -> None:
        if self._writer is not None:
            # What was not committed is applied again; threads that merge are waited for.
            with contextlib.suppress(ValueError):
                self._writer.wait_merging_threads()
        self._writer = self._index = None

    def _opened(self) -> tantivy.Index:
        if self._index is None:
            state = place.current(self.folder)
            if state is None:
                raise ProjectionError(f"there is no search index in {self.folder}")
            self._index = schema.opened(state.folder)
            self._index.config_reader("manual")
            self._index.reload()
        return self._index

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Failures of Tantivy as ProjectionError; what it cannot open is forgotten, for the log is the truth."""
        try:
            yield
        except (ValueError, OSError) as error:
            self._writer = self._index = None
            text = str(error)
            other = any(word in text for word in _OTHER)
            if other or any(word in text for word in _DAMAGED):
                place.forget(self.folder)
                what = "of another version of Sheaf" if other else "damaged"
                raise ProjectionError(
                    f"the search index in {self.folder} is {what} and is being made anew: {text}"
                ) from None
            raise ProjectionError(
                f"the search index in {self.folder} cannot be written: {text}. If the disk is full, free some space"
            ) from None


# The one value of the field `position` that is looked for; the position itself is stored beside it.
_HERE = "here"


def _put(writer: tantivy.IndexWriter, position: Position) -> None:
    doc = tantivy.Document()
    doc.add_text(schema.POSITION, _HERE)
    doc.add_text(schema.POSITION, json.dumps(asdict(position)))
    writer.add_document(doc)


def position_of(searcher: tantivy.Searcher) -> Position | None:
    query = tantivy.Query.term_query(schema.schema(), schema.POSITION, _HERE)
    for _, address in searcher.search(query, 1, count=False).hits:
        try:
            return Position(**json.loads(searcher.doc(address).get_all(schema.POSITION)[1]))
        except (ValueError, TypeError, IndexError):
            return None
    return None


def read_indexed(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Indexed:
    doc = searcher.doc(address)
    (citations,) = searcher.fast_field_values(schema.CITATIONS, [address])
    return Indexed(
        str(doc.get_first(schema.IDENTIFIER)),
        int(doc.get_first(schema.SEQ) or 0),
        str(doc.get_first(schema.DIGEST)),
        tuple(map(str, doc.get_all(schema.CITES))),
        int(citations or 0),
    )
