"""`make fuzz MINUTES=60`: every reader in turn, with random seeds, each in a process of its own that may crash.

An input that crashes one, takes too long or too much memory, or raises what it must not is kept in tests/fuzz/seeds/,
which the short run tries for ever. Exit status 1 when anything was found.
"""

import argparse
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from repository.log import Log
from repository.model.settings import make_settings
from tests.fuzz.drawing import inputs
from tests.fuzz.target import SEEDS, TARGETS, attempt

_MEMORY = 3 << 30
_EXAMPLES = 400
_PATIENCE = 300


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--only", choices=tuple(TARGETS), action="append")
    parser.add_argument("--child", nargs=3, metavar=("TARGET", "SEED", "FILE"), help=argparse.SUPPRESS)
    given_ = parser.parse_args()
    if given_.child:
        _child(given_.child[0], int(given_.child[1]), Path(given_.child[2]))
        return 0
    return _parent(given_.minutes * 60, given_.only or list(TARGETS))


def _parent(seconds: float, names: list[str]) -> int:
    end, found, rounds = time.monotonic() + seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        current = Path(folder) / "current"
        while time.monotonic() < end:
            for name in names:
                if time.monotonic() >= end:
                    break
                rounds += 1
                found += _round(name, random.randrange(1 << 32), current)
    print(f"{rounds} rounds of {_EXAMPLES} inputs: {found} found")
    return 1 if found else 0


def _round(name: str, number: int, current: Path) -> int:
    command = [sys.executable, "-m", "tests.fuzz", "--child", name, str(number), str(current)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        status, said = "no end", ""
    else:
        if done.returncode == 0:
            return 0
        status, said = str(done.returncode), done.stderr[-1500:]
    data = current.read_bytes()
    kept = SEEDS / name / hashlib.sha256(data).hexdigest()[:16]
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    print(f"{name}, seed {number}: status {status}; kept as {kept}\n{said}", flush=True)
    return 1


def _child(name: str, number: int, current: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        log = Log(make_settings({"data": folder}).log_url)

        @seed(number)
        @settings(
            max_examples=_EXAMPLES,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(inputs(name))
        def tried(data: bytes) -> None:
            # If this process dies, its parent finds here of what.
            current.write_bytes(data)
            attempt(name, data, log)

        try:
            tried()
        finally:
            log.close()


if __name__ == "__main__":
    sys.exit(main())
