"""One pass over the records by identifier: archive, its series, their items, each into the file RePEc expects it in.

    RePEc/aaa/aaaarch.rdf   RePEc/aaa/aaaseri.rdf   RePEc/aaa/ssssss/ssssss*.redif

The two are named by the protocol, and their extension means Windows-1252 unless a byte order mark says UTF-8, so they
have one; `.redif` means UTF-8. A file of items ends before a handle whose digest says so: a record that is added or
deleted changes its own file and none behind it, and what is held does not grow with the records.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from repository.alone import alone
from repository.export.files import BOM, Out, found, is_ours
from repository.export.items import Items
from repository.formats.redif import redif_text
from repository.log import Log
from repository.model.errors import SheafError
from repository.model.identifiers import archive_of, series_of
from repository.model.lens import read_work
from repository.model.site import Site
from repository.model.work import Text, Work

_LONGEST = 120
_ITEM = re.compile(r"RePEc:([a-z0-9]{3}):([a-z0-9]{6}):[!-~]+", re.ASCII)
_NOT_IN_ITEM = re.compile(r"[;#$\[\]|^>]")
_THINGS = {
    "archive": re.compile(r"RePEc:[a-z0-9]{3}", re.ASCII),
    "series": re.compile(r"RePEc:[a-z0-9]{3}:[a-z0-9]{6}", re.ASCII),
    "journal": re.compile(r"RePEc:[a-z0-9]{3}:[a-z0-9]{6}", re.ASCII),
    "institution": re.compile(r"RePEc:[a-z0-9]{3}:[a-z0-9]{7}", re.ASCII),
    "person": re.compile(r"RePEc:per:\d{4}-\d{2}-\d{2}:[!-~]+", re.ASCII),
}
# People and institutions are in no series; their files have folders of their own.
_FOLDERS = {"person": "person", "institution": "instit"}
_SERIES_TYPES = {
    "article": "ReDIF-Article",
    "book": "ReDIF-Book",
    "chapter": "ReDIF-Chapter",
    "software": "ReDIF-Software",
}


class BusyError(SheafError):
    """Another export writes into the same folder."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`only`: handles of archives and series, all where it is empty. `contacts`: with private fields that RePEc asks
    for. `email` is public: it stands where RePEc asks for a maintainer's and none is written, and our reader takes it
    for none. `url` is where the folder RePEc will be served, `site` the one whose addresses works have."""

    only: tuple[str, ...] = ()
    contacts: bool = False
    prune: bool = False
    email: str = ""
    url: str = ""
    site: Site | None = None


@dataclass(slots=True)
class Report:
    """`left_out`: reasons and how many records; `derived`: series and archives that were made up."""

    records: int = 0
    files: int = 0
    written: int = 0
    removed: int = 0
    derived: int = 0
    without_contact: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Export:
    """One export into a folder. `heed` hears (identifier, why it is left out), `tell` how many records were seen."""

    log: Log
    folder: Path
    wanted: Wanted
    heed: Callable[[str, str], None] = lambda identifier, why: None
    tell: Callable[[int], None] = lambda records: None
    report: Report = field(init=False, default_factory=Report)
    _written: set[Path] = field(init=False, default_factory=set)
    _archive: "_Archive | None" = field(init=False, default=None)

    def run(self) -> Report:
        with self._alone():
            try:
                for seen, record in enumerate(self.log.live(), 1):
                    self._record(read_work(record.identifier, record.body or b""))
                    self.tell(seen)
                self._end()
            except BaseException:
                if self._archive:
                    self._archive.drop()
                raise
            self._sweep()
        return self.report

    def _alone(self) -> AbstractContextManager[object]:
        taken = BusyError(f"another export writes into {self.folder} already")
        return alone(self.folder / "RePEc" / ".sheaf-export.lock", taken)

    def _record(self, work: Work) -> None:
        archive = archive_of(work.identifier)
        wanted = not self.wanted.only or self._is_wanted(work, archive)
        if not wanted and not (work.is_item and archive in self._archives()):
            return
        why = unexportable(work)
        if why and not wanted:
            return
        if why:
            self.report.left_out[why] += 1
            self.heed(work.identifier, why)
            return
        code = work.identifier.split(":")[1]
        if self._archive is None or self._archive.code != code:
            self._end()
            self._archive = _Archive(self, code)
        if wanted:
            self._archive.take(work)
            self.report.records += 1
        else:
            self._archive.name_series(work)

    def _is_wanted(self, work: Work, archive: str | None) -> bool:
        """The templates of an archive and of all its series belong to each of its parts."""
        only = self.wanted.only
        if archive in only or series_of(work.identifier) in only:
            return True
        return not work.is_item and work.type in _THINGS and archive in self._archives()

    def _archives(self) -> set[str | None]:
        return {archive_of(one) for one in self.wanted.only}

    def text(self, work: Work, private: Mapping[str, tuple[str, ...]], derived: bool = False) -> str:
        contacts = private if self.wanted.contacts else {}
        last = "X-Sheaf-Derived: yes\n" if derived else ""
        if work.type in ("archive", "series", "journal") and not contacts.get("Maintainer-Email"):
            self.report.without_contact += 1
            if self.wanted.email:
                contacts = {**contacts, "Maintainer-Email": (self.wanted.email,)}
                last += "X-Sheaf-Stand-In: Maintainer-Email\n"
        if work.type == "archive" and not work.see_also:
            # RePEc asks for it; the reader is told that the record has none.
            url = f"{self.wanted.url.rstrip('/')}/{work.identifier.split(':')[1]}/"
            words = redif_text(work, contacts, whole=True, site=self.wanted.site)
            head, mark, rest = words.partition("\n")
            words = f"{head}{mark}URL: {url}\n{rest}X-Sheaf-See-Also: []\n"
        else:
            words = redif_text(work, contacts, whole=True, site=self.wanted.site)
        return words + last

    def private(self, identifier: str) -> Mapping[str, tuple[str, ...]]:
        return self.log.private(identifier) if self.wanted.contacts else {}

    def done(self, out: Out) -> None:
        self._written.add(out.path)
        self.report.files += 1
        self.report.written += out.close()

    def _end(self) -> None:
        if self._archive:
            self._archive.close()
            self._archive = None

    def _sweep(self) -> None:
        """Remove what an earlier export wrote and this one did not; with `prune` every other ReDIF file, too."""
        root = self.folder / "RePEc"
        if not self.wanted.only:
            places = [root]
        else:
            parts = [one.split(":")[1:] for one in self.wanted.only]
            places = [root.joinpath(*names) for names in parts]
        for place in places:
            for path in list(found(place)):
                if path not in self._written and (self.wanted.prune or is_ours(path)):
                    path.unlink()
                    self.report.removed += 1


def unexportable(work: Work) -> str:
    """Why RePEc has no place for a record; empty where it has one."""
    identifier = work.identifier
    if not identifier.startswith("RePEc:"):
        return "not a RePEc handle"
    if len(identifier) > _LONGEST:
        return f"a handle of more than {_LONGEST} characters"
    if work.is_item:
        fits = _ITEM.fullmatch(identifier) and not _NOT_IN_ITEM.search(identifier)
        return "" if fits else "not a handle of the shape RePEc:aaa:ssssss:item"
    if work.type not in _THINGS:
        return f"RePEc has no template for {work.type}"
    return (
        "" if _THINGS[work.type].fullmatch(identifier) else f"not a handle as RePEc has them for {work.type}"
    )


class _Archive:
    """The files of one archive, of which at most four are open. `code` has passed the grammar of handles."""

    def __init__(self, export: Export, code: str) -> None:
        self._export, self.code = export, code
        self._folder = export.folder / "RePEc" / code
        self._has_template = False
        self._series = Out(self._folder / f"{code}seri.rdf", BOM)
        self._any_series = False
        self._others: dict[str, Items] = {}
        self._items: Items | None = None
        self._last_series = ""

    def take(self, work: Work) -> None:
        private = self._export.private(work.identifier)
        if work.type == "archive":
            self._template(work, private)
        elif work.type in ("series", "journal"):
            self._known_series(work.identifier, self._export.text(work, private))
        elif work.type in _FOLDERS:
            name = _FOLDERS[work.type]
            if name not in self._others:
                self._others[name] = Items(self._export.done, self._folder / name, name)
            self._others[name].add(work.identifier, self._export.text(work, private))
        else:
            self._item(work, private)

    def _item(self, work: Work, private: Mapping[str, tuple[str, ...]]) -> None:
        handle = self.name_series(work)
        code = handle.rpartition(":")[2]
        # A series may be called like the folder of the institutions.
        name = f"{code}-items" if code in _FOLDERS.values() else code
        if self._items is None or self._items.name != name:
            if self._items:
                self._items.close()
            self._items = Items(self._export.done, self._folder / code, name)
        self._items.add(work.identifier, self._export.text(work, private))

    def name_series(self, work: Work) -> str:
        """The handle of a work's series, which has a template from then on."""
        handle = series_of(work.identifier) or ""
        if handle != self._last_series:
            self._derive(handle, work)
        return handle

    def _derive(self, handle: str, work: Work) -> None:
        """A template for a series that has no record: named as its first item names it."""
        self._export.report.derived += 1
        kind = _SERIES_TYPES.get(work.type, "")
        made = Work(
            handle,
            "journal" if work.type == "article" else "series",
            title=Text(work.host or handle),
            source_fields=(f"Type: {kind}",) if kind and work.type != "article" else (),
        )
        self._known_series(handle, self._export.text(made, {}, derived=True))

    def _known_series(self, handle: str, text: str) -> None:
        self._series.write(text)
        self._any_series = True
        self._last_series = handle

    def _template(self, work: Work, private: Mapping[str, tuple[str, ...]], derived: bool = False) -> None:
        out = Out(self._folder / f"{self.code}arch.rdf", BOM)
        out.write(self._export.text(work, private, derived))
        self._export.done(out)
        self._has_template = True

    def close(self) -> None:
        if not self._has_template:
            self._export.report.derived += 1
            handle = f"RePEc:{self.code}"
            self._template(Work(handle, "archive", title=Text(f"Archive {self.code}")), {}, derived=True)
        for items in (*self._others.values(), self._items):
            if items:
                items.close()
        if self._any_series:
            self._export.done(self._series)
        else:
            self._series.drop()

    def drop(self) -> None:
        self._series.drop()
        for items in (*self._others.values(), self._items):
            if items:
                items.drop()
