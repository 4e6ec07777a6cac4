"""What an ingest holds in memory does not grow with what it reads, be that many files or one."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench import processes
from tests.bench.templates import write_archive, write_file
from tests.ports import free_port

FEW, MANY = 5_000, 20_000
# Bytes for each template more. Caches of a fixed size (names, series, pages of the log) are not full before some
# hundred thousand records, and took 900 to 1,300. The text of one template has 1,940, and what is made of it several
# times as much: whoever kept that would be found out.
EACH = 1_700
SHAPES: dict[str, Callable[[Path, int], None]] = {
    "many files": lambda folder, count: write_archive(folder / "RePEc", count),
    "one file": lambda folder, count: write_file(folder / "one.redif", count),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("shape", SHAPES)
def test_an_ingest_keeps_nothing_of_the_templates_that_it_has_read(tmp_path: Path, shape: str) -> None:
    peaks = []
    for count in (FEW, MANY):
        folder = tmp_path / str(count)
        folder.mkdir()
        SHAPES[shape](folder, count)
        environ = processes.environment(tmp_path / f"data-{count}", free_port())
        arguments = [*processes.SHEAF, "ingest", "--quiet", "--jobs", "0", str(folder)]
        ended = processes.run(arguments, environ, tmp_path)
        assert " 0 refused" in ended.errors
        peaks.append(ended.peak)
    print([round(peak) for peak in peaks])
    assert (peaks[1] - peaks[0]) * (1 << 20) <= EACH * (MANY - FEW)
