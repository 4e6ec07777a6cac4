"""What answers of the search need of the log: read once for as long as nothing is written to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from repository.log import Log, Reading
from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise
from repository.search import Query
from repository.search.syntax import renamed
from repository.web.targets import Target, targets

# Series; a repository has some thousands.
_MOST_THINGS = 5000


@dataclass(slots=True)
class _Known:
    state: bytes
    newest: int
    things: dict[str, Target] = field(default_factory=dict)


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
        series = [value for facet, values in query.chosen if facet == "series" for value in values]
        if not asked and not series:
            return query
        with self._log.read() as reading:
            names = {text: _names(reading, text) for text in (*asked, *series)}
        chosen = {**dict(query.chosen), "series": tuple(name for each in series for name in names[each])}
        return replace(
            query,
            node=renamed(query.node, names.__getitem__),
            chosen=tuple((facet, chosen[facet]) for facet, _ in query.chosen),
        )

    def titles(self, identifiers: Sequence[str]) -> Mapping[str, str]:
        """How things of ours are called."""
        return {name: thing.title for name, thing in self._things(identifiers).items()}

    def current(self, identifiers: Sequence[str]) -> Mapping[str, str]:
        """What identifiers of things of ours are now: others, where their handles moved."""
        return {name: thing.identifier for name, thing in self._things(identifiers).items()}

    def summed(self, counted: Mapping[str, int]) -> Mapping[str, int]:
        """{what a series is called now: works that name it so, or as it was called}, most first."""
        found: dict[str, int] = {}
        for value, now in self.current(list(counted)).items():
            found[now] = found.get(now, 0) + counted[value]
        return dict(sorted(found.items(), key=lambda each: -each[1]))

    def _things(self, identifiers: Sequence[str]) -> Mapping[str, Target]:
        known = self._now()
        missing = [each for each in identifiers if each not in known.things]
        if not missing:
            return {each: known.things[each] for each in identifiers}
        with self._log.read() as reading:
            fresh = dict(zip(missing, targets(reading, missing), strict=True))
        if len(known.things) < _MOST_THINGS:
            known.things.update(fresh)
        return {each: fresh[each] if each in fresh else known.things[each] for each in identifiers}

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
