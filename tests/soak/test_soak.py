"""A soak of about a minute: the promises of ten, but that memory is judged over its thirds, while caches still fill."""

import sys
from pathlib import Path

import pytest

from tests.soak.run import soak
from tests.soak.verdict import complaints, table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and needs all of 127.0.0.0/8")


@pytest.mark.slow
def test_a_minute_of_mixed_load_breaks_no_promise(tmp_path: Path) -> None:
    found = soak(tmp_path, 75, 500, print)
    print(table(found))
    broken = list(complaints(found))
    assert not broken, "\n".join(broken)
