"""What the follower's store holds in memory does not grow with the number of snapshots it made."""

import os
import sys
from pathlib import Path

import pytest

from repository.assembly import followed
from repository.log import Log
from repository.model.settings import make_settings
from tests.bench.processes import memory
from tests.kit import draft

ROUNDS = 60
# Half a MiB a snapshot is what an open store keeps: 30 MiB for all of them.
GROWTH_MEGABYTES = 18


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_many_snapshots_do_not_make_the_follower_grow(tmp_path: Path) -> None:
    settings = make_settings({"data": str(tmp_path)})
    log = Log(settings.log_url)
    log.append([draft(n, "A title " * 50) for n in range(500)])
    with followed(settings) as follower:
        follower.catch_up()
        held = []
        for turn in range(ROUNDS + 20):
            log.append([draft(n % 500, f"Title {turn} {n} " * 20) for n in range(turn * 40, turn * 40 + 40)])
            follower.step()
            follower.publish()
            held.append(memory(os.getpid())["RssAnon"])
    log.close()
    # The first twenty fill buffers of a fixed size.
    print([round(each) for each in held[::10]])
    assert max(held[-20:]) < max(held[:20]) + GROWTH_MEGABYTES
