"""A disk that is full takes the file of replies away, never the worker."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ASKED = """
import sys
from pathlib import Path
from repository.web.replies import Replies, key

folder = Path(sys.argv[1])
if sys.argv[2] == "before":
    replies = Replies(folder / "replies", 4 << 20)
with (folder / "filling").open("wb", buffering=0) as filling:
    try:
        while True:
            filling.write(bytes(4096))
    except OSError:
        pass
if sys.argv[2] == "after":
    try:
        Replies(folder / "replies", 4 << 20)
    except OSError:
        print("none")
        raise SystemExit from None
told = 0
for number in range(300):
    name = key(b"salt", str(number).encode(), b"state")
    replies.put(name, bytes([number % 256]) * 9000)
    found = replies.get(name)
    told += found is not None and found.content == bytes([number % 256]) * 9000
    assert found is None or found.content == bytes([number % 256]) * 9000
(folder / "filling").unlink()
replies.put(name, b"there is room again")
assert replies.get(name).content == b"there is room again"
print("lived")
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte. On tmpfs, to look at what was never written takes room, too."""
    if not shutil.which("mount"):
        pytest.skip("there is no mount here")
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize(("opened", "says"), [("before", "lived"), ("after", "none")])
def test_a_full_disk_kills_no_worker(disk: Path, opened: str, says: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASKED, str(disk), opened], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, says), ran.stderr
