"""How a question and its answer travel over the Unix socket: a length, a JSON head, then the bytes of the result.

No decision is made here.
"""

import json
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("!I")
# A question is a query of at most 64 KiB and a few IRIs.
MAX_HEAD = 1 << 20


# Asks nothing but to be sent back.
PING = {"ping": True}
# Asks what the broker has counted since it began, and how many queries run and wait.
COUNTS = {"counts": True}
# sockaddr_un has room for 108 bytes, or 104; data folders may lie deeper.
_LONGEST_ADDRESS = 100


@contextmanager
def address(path: Path) -> Iterator[str]:
    """An address for the socket at `path`, good within the block, however deep its folder lies."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def send(connection: socket.socket, head: dict[str, Any]) -> None:
    text = json.dumps(head).encode()
    connection.sendall(_LENGTH.pack(len(text)) + text)


def receive(connection: socket.socket) -> dict[str, Any]:
    """The next head. Raises OSError where the other side went away, or sends what is none."""
    (length,) = _LENGTH.unpack(read(connection, _LENGTH.size))
    if length > MAX_HEAD:
        raise OSError(f"a message of {length} bytes is none of ours")
    head = json.loads(read(connection, length))
    if not isinstance(head, dict):
        raise OSError("a message that is no object is none of ours")
    return head


def read(connection: socket.socket, length: int) -> bytes:
    """Exactly so many bytes. Raises OSError where there are fewer."""
    room = bytearray(length)
    view = memoryview(room)
    while view:
        got = connection.recv_into(view)
        if not got:
            raise OSError("the other side went away")
        view = view[got:]
    return bytes(room)
