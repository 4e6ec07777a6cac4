"""Ports for the servers that tests start."""

import random
import socket

# Below those from which systems take ports for outgoing connections (Linux: 32768 and up, IANA: 49152 and up): a port
# of these that is free now may be a client's of another test before our server is up.
_LEAST, _MOST = 10_000, 32_000


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    # Not the seeded generator of hypothesis or pytest: suites that run side by side would take the same ones.
    chance = random.SystemRandom()
    while True:
        port = chance.randint(_LEAST, _MOST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
