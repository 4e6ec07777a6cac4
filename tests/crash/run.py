"""Rounds in which one process of each role is killed, and what must hold after each. What is printed is `points`'."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from repository.assembly import opened
from tests.crash.commands import Commands, commands
from tests.crash.drives import DRIVES, arranged, of
from tests.crash.points import HEAD, RANDOM, ROLES, Row, Tally
from tests.crash.scene import RECORDS, Scene, count, counted, prepared, served
from tests.crash.truth import caught_up, faults, lost_or_torn, unequal
from tests.ports import free_port
from tests.serve.service import alive, bindable, eventually
from tests.soak.service import QUERY_WORKER, WEB_WORKER

# A child that dies again and again is started later and later, on purpose; so the service is killed as a whole, too.
_ROUNDS_OF_SERVICE = 4
_BACK_SECONDS = 240
_GONE_SECONDS = 20


def crash(
    folder: Path, kills: int, tell: Callable[[str], None], *, seed: int = 0, until: float = float("inf")
) -> Tally:
    """Kill until each point had so many kills, or the monotonic clock says `until`.

    A seed gives the same choices, and a machine its own course of them.
    """
    tally, chance = Tally(), random.Random(seed)
    with prepared(folder, free_port()) as scene, commands(folder / "commands") as others:
        number = 0
        while left(tally, kills) and time.monotonic() < until:
            with served(scene) as service:
                wanted = _settled(scene)
                for _ in range(_ROUNDS_OF_SERVICE):
                    if not left(tally, kills) or time.monotonic() > until:
                        break
                    number += 1
                    began = time.monotonic()
                    _round(scene, others, tally, kills, chance, wanted)
                    total = sum(row.kills for row in tally.rows.values())
                    tell(f"round {number}: {total} kills, {time.monotonic() - began:.1f} s")
                _end(scene, tally, list(service.roles()))
        tally.answers, tally.misled = scene.answers, scene.misled
        said = (folder / "said").read_text()
        if "Traceback" in said:
            tally.wrong.append(said[said.index("Traceback") :][:3000])
    return tally


def left(tally: Tally, kills: int) -> bool:
    return any(tally.next(role, kills) for role in ROLES)


def _settled(scene: Scene) -> dict[str, int]:
    """How many processes of each role there are when all have come."""
    assert eventually(
        lambda: (
            counted(count(scene.port)) >= RECORDS
            and all(_there(scene).values())
            and len(of(scene, WEB_WORKER)) == scene.settings.workers
        ),
        _BACK_SECONDS,
    )
    return _there(scene)


def _there(scene: Scene) -> dict[str, int]:
    """How many processes of each role there are. Query workers are back when they answer: a pool was seen with one
    fewer for a minute and more after a kill; why is not known."""
    roles = (HEAD, "web server", *(role for role in DRIVES if role not in ("writer", QUERY_WORKER)))
    return {role: len(of(scene, role)) for role in roles}


def _round(
    scene: Scene, others: Commands, tally: Tally, kills: int, chance: random.Random, wanted: dict[str, int]
) -> None:
    chosen = {role: point for role in ROLES if (point := tally.next(role, kills))}
    dead: dict[str, bool] = {}
    wrong: list[str] = []

    def kill(role: str, point: str, own: random.Random) -> None:
        if role == "command":
            wrong.extend(others.kill(point, tally.row(role, point), own))
            return
        spent = (lambda: False) if (role, point) == ("writer", RANDOM) else arranged(scene, role, point, own)
        dead[role] = DRIVES[role](scene, point, spent, own)

    threads = [
        threading.Thread(target=kill, args=(role, point, random.Random(chance.random())))
        for role, point in chosen.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = []
    for role, died in dead.items():
        if died:
            row = tally.row(role, chosen[role])
            row.kills += 1
            rows.append(row)
        else:
            scene.armed.disarm(chosen[role])
            wrong.append(f"{role}, {chosen[role]}: nobody died there")
            tally.row(role, chosen[role]).missed += 1
    _judge(scene, rows, wanted, wrong)
    tally.wrong += wrong


def _judge(scene: Scene, rows: list[Row], wanted: dict[str, int], wrong: list[str]) -> None:
    """After the kills of a round: everybody is back, nothing is lost or torn, every projection equals the log."""

    def whole() -> bool:
        return _there(scene) == wanted and counted(count(scene.port)) >= RECORDS

    # What is wrong is everyone's who was killed in the round.
    back = eventually(whole, _BACK_SECONDS) and caught_up(scene.settings)
    if not back:
        wrong.append(f"not everybody came back: {_there(scene)}, wanted {wanted}")
    lost, torn = lost_or_torn(scene.log, scene.turn)
    edition = scene.edition()
    lost += edition < scene.put
    with opened(scene.settings, read_only=True) as house:
        broken = faults(house)
        differ = list(unequal(house))
    wrong += [*broken, *differ]
    if lost or torn:
        wrong.append(
            f"{lost} acknowledged records lost, {torn} batches torn; a PUT: {edition} for {scene.put}"
        )
    for row in rows:
        row.back += back
        row.lost += lost
        row.torn += torn + bool(broken)
        row.unequal += bool(differ)
    # What was not acknowledged may be there; from now on it is.
    scene.turn = max(scene.turn, _turn(scene))


def _turn(scene: Scene) -> int:
    return scene.turn + (lost_or_torn(scene.log, scene.turn + 1) == (0, 0))


def _end(scene: Scene, tally: Tally, everyone: list[int]) -> None:
    """Kill `sheaf serve` itself: nobody of its family stays, and its port is free."""
    row = tally.row(HEAD, RANDOM)
    os.kill(scene.running.process.pid, signal.SIGKILL)
    scene.running.process.wait()
    row.kills += 1
    gone = eventually(lambda: not any(map(alive, everyone)), _GONE_SECONDS)
    tally.orphans += sum(map(alive, everyone))
    free = gone and eventually(lambda: bindable(scene.port), _GONE_SECONDS)
    tally.ports_held += not free
    row.back += bool(free)
    lost, torn = lost_or_torn(scene.log, scene.turn)
    row.lost, row.torn = row.lost + lost, row.torn + torn
