"""A disk that is full takes the file of replies away and lets nobody write; it kills no worker and harms no record."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.assembly import opened
from repository.log import hashed_secret, make_token
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.disk import fill, free, small_disk
from tests.kit import draft

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
def disk() -> Iterator[Path]:
    with small_disk(96) as place:
        yield place


@pytest.mark.parametrize(("opened", "says"), [("before", "lived"), ("after", "none")])
def test_a_full_disk_kills_no_worker(disk: Path, opened: str, says: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASKED, str(disk), opened], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, says), ran.stderr


def test_a_writer_is_told_of_a_full_disk_and_readers_go_on(disk: Path) -> None:
    redif = (
        b"Template-Type: ReDIF-Paper 1.0\nTitle: Wet\nAuthor-Name: Ada Garden\nHandle: RePEc:xde:wpferr:1\n"
    )
    settings = make_settings({"data": str(disk / "data"), "replies_mb": "0", "search": "no"})
    with opened(settings) as house:
        house.log.append([draft(1)])
        token, secret = make_token("filler", ("*",), ("write",), int(time.time()), None)
        house.log.add_token(token, hashed_secret(secret))
        client = create_app(house).test_client()
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-redif"}
        fill(disk)
        told = client.put("/record/RePEc:xde:wpferr:1", data=redif, headers=headers)
        assert (told.status_code, told.json["type"].rpartition("#")[2]) == (507, "disk-full")
        assert client.get("/record/RePEc:xxx:joujou:1.ttl").status_code == 200
        free(disk)
        assert client.put("/record/RePEc:xde:wpferr:1", data=redif, headers=headers).status_code == 201
        assert house.log.count() == 2
