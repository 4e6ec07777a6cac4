"""What works take over from the series they are in."""

from collections import OrderedDict
from dataclasses import fields
from operator import attrgetter

from repository.log import Log
from repository.model.identifiers import series_of
from repository.model.lens import read_work
from repository.model.work import Work

_KEPT = 1_000


def is_series(work: Work) -> bool:
    return work.type in ("series", "journal")


_NAMES = tuple(field.name for field in fields(Work))
_VALUES = attrgetter(*_NAMES)
_HOST, _PUBLISHERS = map(_NAMES.index, ("host", "publishers"))


def _with_host(work: Work, host: str, publishers: tuple[str, ...]) -> Work:
    """As `dataclasses.replace` does, for a fifth of its cost: most works of an archive come here."""
    values = list(_VALUES(work))
    values[_HOST], values[_PUBLISHERS] = host, publishers
    return Work(*values)


class Hosts:
    """The series' name and its publisher, which a work says as literals of its own. Series that are being read are
    known before they are kept."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: OrderedDict[str, Work | None] = OrderedDict()

    def learn(self, work: Work) -> None:
        if is_series(work):
            self._keep(work.identifier, work)

    def lacks(self, work: Work) -> bool:
        if not work.is_item or (work.host and work.publishers):
            return False
        name = series_of(work.identifier)
        return name is not None and self._get(name) is None

    def fill(self, work: Work) -> Work:
        if not work.is_item or (work.host and work.publishers):
            return work
        name = series_of(work.identifier)
        host = self._get(name) if name else None
        if host is None:
            return work
        return _with_host(work, work.host or host.title.value, work.publishers or host.publishers)

    def _get(self, identifier: str) -> Work | None:
        if identifier not in self._known:
            record = self._log.get(identifier)
            work = read_work(identifier, record.body) if record and record.body else None
            self._keep(identifier, work if work and is_series(work) else None)
        self._known.move_to_end(identifier)
        return self._known[identifier]

    def _keep(self, identifier: str, work: Work | None) -> None:
        self._known[identifier] = work
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
