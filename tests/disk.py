"""A disk that can be filled: a file system in memory, of some megabytes. Mounting one takes root; else tests skip."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """On tmpfs, to look at what was never written takes room, too."""
    if not shutil.which("mount"):
        pytest.skip("there is no mount here")
    # Not in a folder of pytest's: of a run that was killed the mount stays, and would be in the way of its cleaning up.
    place = Path(tempfile.mkdtemp(prefix="sheaf-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        place.rmdir()
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        # Lazily: what a failure's frames hold in a circle is closed when garbage is collected.
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        place.rmdir()


def fill(disk: Path, left: int = 0) -> None:
    """Leave about so many bytes on it; `free` makes room again."""
    with (disk / "filling").open("ab", buffering=0) as filling:
        try:
            while shutil.disk_usage(disk).free > left:
                filling.write(bytes(4096))
        except OSError:
            return


def free(disk: Path) -> None:
    (disk / "filling").unlink()
