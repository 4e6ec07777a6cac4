"""The short run: what was found before, and some inputs drawn anew, for every reader."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repository.log import Log
from repository.model.settings import make_settings
from tests.fuzz.drawing import inputs
from tests.fuzz.target import SEEDS, TARGETS, attempt, valid

_FOUND = sorted(
    path.relative_to(SEEDS).as_posix() for path in SEEDS.rglob("*") if path.is_file() and path.name[0] != "."
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    opened = Log(make_settings({"data": str(tmp_path_factory.mktemp("fuzz"))}).log_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", _FOUND)
def test_what_was_found_once_is_mended(seed: str, log: Log) -> None:
    attempt(Path(seed).parts[0], (SEEDS / seed).read_bytes(), log)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_input_gives_records_or_findings_and_never_a_fault(
    name: str, data: st.DataObject, log: Log
) -> None:
    attempt(name, data.draw(inputs(name)), log)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_mutated_is_something_that_the_reader_reads(name: str, log: Log) -> None:
    for document in valid(name):
        attempt(name, document, log)
