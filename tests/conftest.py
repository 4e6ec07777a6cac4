"""What pytest must know before it collects; fixtures live beside the tests that use them."""

import os
import signal

import pytest
from hypothesis import settings

# The same examples on every run of CI: what it refuses, a developer can see again. Elsewhere they are drawn anew.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# A shell starts what it puts into the background with SIGINT ignored, and every process that a test starts would
# inherit that and be deaf to Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite golden files; read the diff afterwards"
    )
