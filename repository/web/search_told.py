"""What answers of the search need of the log: read once for as long as nothing is written to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from repository.log import Log, Reading
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.search import Query
from repository.search.syntax import renamed
from repository.web.targets import targets

# Names of series; a repository has some thousands.
_MOST_TITLES = 5000


@dataclass(slots=True)
class _Known:
    state: bytes
    newest: int
    titles: dict[str, str] = field(default_factory=dict)


class Told:
    """Safe to share between threads: what is known of one state of the log is replaced as a whole."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: _Known | None = None

    def newest(self) -> int:
        """The seq of the last entry."""
        return self._now().newest

    def named(self, query: Query) -> Query:
        """The same question, of things under all their names: the index has a record as it is called now, and what it
        is part of as the record calls it."""
        asked: list[str] = []

        def noted(text: str) -> Sequence[str]:
            asked.append(text)
            return (text,)

        renamed(query.node, noted)
        if not asked:
            return query
        with self._log.read() as reading:
            names = {text: _names(reading, text) for text in asked}
        return replace(query, node=renamed(query.node, names.__getitem__))

    def titles(self, identifiers: Sequence[str]) -> Mapping[str, str]:
        """How things of ours are called."""
        known = self._now()
        missing = [each for each in identifiers if each not in known.titles]
        if not missing:
            return {each: known.titles[each] for each in identifiers}
        with self._log.read() as reading:
            fresh = dict(zip(missing, (each.title for each in targets(reading, missing)), strict=True))
        if len(known.titles) < _MOST_TITLES:
            known.titles.update(fresh)
        return {each: fresh[each] if each in fresh else known.titles[each] for each in identifiers}

    def _now(self) -> _Known:
        # The state first: what is written after it makes another, and then all is read again.
        state = self._log.state()
        known = self._known
        if known is None or known.state != state:
            known = self._known = _Known(state, self._log.newest())
        return known


def _names(reading: Reading, text: str) -> Sequence[str]:
    try:
        asked = normalise(text)
    except IdentifierError:
        return (text,)
    return reading.names(reading.resolve([asked])[asked])
