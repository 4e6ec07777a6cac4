"""Where processes are killed, by who dies there, and what came of it. Nothing is killed here."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Not a point of the program: the process is killed from outside, whatever it does.
RANDOM = "at a random time"

# Of each of these one point is armed at a time, so that a round kills one process of each.
ROLES: Mapping[str, tuple[str, ...]] = {
    "writer": ("log.bodies", "log.stamped", "log.committed", "log.confirmed", RANDOM),
    "follower": (
        "index.applying",
        "index.applied",
        "index.loaded",
        "snapshot.copied",
        "snapshot.renamed",
        "snapshot.named",
        "catalogue.written",
        "catalogue.committed",
        RANDOM,
    ),
    "search index": ("search.added", "search.committed", "search.loaded", "search.replaced", RANDOM),
    "broker": ("broker.asked", "broker.answered", RANDOM),
    "query worker": ("worker.begun", "worker.written", RANDOM),
    "web worker": (
        "web.asked",
        "web.piece",
        "replies.written",
        "put.read",
        "put.kept",
        "chunks.written",
        "chunks.committed",
        RANDOM,
    ),
    "command": (
        "harvest.kept",
        "harvest.noted",
        "mirror.copied",
        "mirror.kept",
        "mirror.noted",
        "dump.written",
        "dump.replaced",
    ),
}
# With a server for SPARQL: tests/index/test_takeover.py.
REMOTE = ("remote.dropped", "remote.sent")
# `sheaf serve` itself, by whose end everyone ends.
HEAD = "service"


@dataclass
class Armed:
    """The folder in which points are armed (`repository.crash`)."""

    folder: Path

    def arm(self, name: str, passes: int) -> None:
        """The next process that comes there after so many passes dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f".{name}"
        beside.write_bytes(bytes(passes))
        beside.rename(self.folder / name)

    def spent(self, name: str) -> bool:
        """Whether somebody died there."""
        return not (self.folder / name).exists()

    def disarm(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "TEST_CRASH_POINTS": str(self.folder)}


@dataclass
class Row:
    """What came of the kills at one point; of a round's kills everyone bears what is wrong afterwards."""

    kills: int = 0
    back: int = 0
    lost: int = 0
    torn: int = 0
    unequal: int = 0
    missed: int = 0


@dataclass
class Tally:
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    orphans: int = 0
    ports_held: int = 0
    answers: int = 0
    misled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def row(self, role: str, point: str) -> Row:
        return self.rows.setdefault((role, point), Row())

    def next(self, role: str, wanted: int) -> str | None:
        """The point of a role that has fewest kills; None where all have as many as are wanted."""
        rows = {point: self.row(role, point) for point in ROLES[role]}
        least = min(rows, key=lambda point: rows[point].kills + rows[point].missed)
        # Where nobody comes the same is not tried for ever.
        return least if rows[least].kills + rows[least].missed < wanted else None

    def complaints(self) -> Iterator[str]:
        """Every promise that was broken."""
        yield from self.wrong
        yield from self.misled[:20]
        for (role, point), row in self.rows.items():
            if row.back != row.kills:
                yield f"{role}, {point}: of {row.kills} that were killed {row.back} came back"
        if self.orphans or self.ports_held:
            yield f"{self.orphans} processes outlived their service, {self.ports_held} times it kept its port"

    def table(self) -> str:
        lines = [f"{'process':14}{'point':22}{'kills':>6}{'back':>6}{'lost':>6}{'torn':>6}{'unequal':>9}"]
        order = [(role, point) for role, points in ROLES.items() for point in points]
        for key in (*order, *(key for key in self.rows if key not in order)):
            if row := self.rows.get(key):
                lines.append(
                    f"{key[0]:14}{key[1]:22}{row.kills:6}{row.back:6}{row.lost:6}{row.torn:6}{row.unequal:9}"
                )
        rows = self.rows.values()
        lines.append(
            f"{'all':36}{sum(r.kills for r in rows):6}{sum(r.back for r in rows):6}{sum(r.lost for r in rows):6}"
            f"{sum(r.torn for r in rows):6}{sum(r.unequal for r in rows):9}"
        )
        lines.append(
            f"orphans: {self.orphans}; port still held: {self.ports_held}; "
            f"answers heard meanwhile: {self.answers}, of which misleading: {len(self.misled)}"
        )
        return "\n".join(lines)
