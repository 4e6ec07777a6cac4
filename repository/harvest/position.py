"""Where a harvest stands, so that a killed one goes on and the next one asks only for what is new.

One position for each (base URL, prefix, set), kept in the log's state as JSON. Every time in it is the upstream's; our
clock only tells which of them cannot be true, or may not be for long.
"""

import json
from dataclasses import asdict, dataclass, replace

from repository.log import Log
from repository.model import datestamps
from repository.model.errors import DateError

KEY = "harvest "
DAY = "YYYY-MM-DD"
# The next harvest begins so much before the last one did: upstreams whose commits are late, and caches before them.
OVERLAP_SECONDS = 300
# An upstream's clock may be so much before ours; what is later would hide every record until that day has come.
AHEAD_SECONDS = 3600
# In place of a responseDate that says nothing: a later page's date must not stand for the first one's.
NO_DATE = "none"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the maintainer asked for: with nothing given, what is new."""

    since: str = ""
    until: str = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A harvest that has not ended. `first` is the responseDate of its first page; `token` leads to the next page."""

    asked: Asked
    since: str
    until: str
    first: str = ""
    token: str = ""
    pages: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """What a harvest is known by: two of one upstream may go their own ways in prefix and set."""

    base_url: str
    prefix: str
    set: str = ""

    @property
    def key(self) -> str:
        return KEY + json.dumps([self.base_url, self.prefix, self.set])


@dataclass(frozen=True, slots=True)
class Position:
    """`mark` is the upstream's own time of the last complete harvest's first page; empty before there was one."""

    mark: str = ""
    run: Run | None = None

    def since(self, granularity: str) -> str:
        """The `from` of the next harvest: the mark less a unit of the granularity and the overlap; empty for all."""
        try:
            mark = datestamps.parse_since(self.mark)
        except DateError:
            return ""
        if granularity == DAY:
            return datestamps.format_seconds(mark - datestamps.DAY_SECONDS - OVERLAP_SECONDS)[:10]
        return datestamps.format_seconds(mark - 1 - OVERLAP_SECONDS)

    def completed(self, run: Run) -> "Position":
        """The position after a run that came to its end.

        A run whose own window left a gap behind the last mark, or reached less far, moves no mark.
        """
        end = min(filter(None, (run.first, run.until)), key=_moment, default="")
        covers = not run.asked.since or (bool(self.mark) and _moment(run.since) <= _moment(self.mark))
        first_time = not self.mark
        moved = (covers or first_time) and _moment(end) > _moment(self.mark)
        return Position(end if moved else self.mark)


def is_ahead(text: str, now: float) -> bool:
    """Whether a date lies so far in the future by our clock that it cannot be true."""
    return _moment(text) > now + AHEAD_SECONDS


def not_beyond(text: str, now: float) -> str:
    """A date, but no later than now: an upstream whose clock is ahead may set it right, and stamp what comes next with
    times that it had already."""
    return datestamps.format_seconds(int(now)) if _moment(text) > now else text


def mended(position: Position, now: float) -> Position:
    """A stored position without dates of the future: what was asked for from there on is asked for anew."""
    if is_ahead(position.mark, now):
        return Position()
    if position.run and is_ahead(position.run.first, now):
        return replace(position, run=replace(position.run, first=NO_DATE))
    return position


def _moment(text: str) -> int:
    try:
        return datestamps.parse_since(text)
    except DateError:
        return 0


def read_position(log: Log, source: Source) -> Position:
    """An unreadable position counts as none: the harvest begins anew, which loses nothing."""
    return _read(log.remembered(source.key).get(source.key, ""))


def positions(log: Log, base_url: str) -> dict[Source, Position]:
    """Every position of an upstream."""
    found = {}
    for key, text in log.remembered(KEY).items():
        try:
            source = Source(*json.loads(key[len(KEY) :]))
        except (ValueError, TypeError):
            continue
        if source.base_url == base_url:
            found[source] = _read(text)
    return found


def written(position: Position) -> str:
    return json.dumps(asdict(position))


def _read(text: str) -> Position:
    try:
        values = json.loads(text)
        run = values["run"]
        position = Position(str(values["mark"]))
        return replace(position, run=Run(**{**run, "asked": Asked(**run["asked"])})) if run else position
    except (ValueError, TypeError, KeyError):
        return Position()
