"""The units, as systemd itself judges them: well formed, and leaving a service little to do harm with."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click import Context

from repository.cli.main import sheaf
from tests.kit import needs
from tests.serve.service import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
# systemd calls this "OK"; an ordinary service has 9.6, "UNSAFE".
MOST_EXPOSED = 1.7


@pytest.fixture(scope="module")
def units(tmp_path_factory) -> Path:
    """As they are, but that the program they start is one that this machine has."""
    folder = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/sheaf/bin/sheaf", shutil.which("true") or "/bin/true")
        (folder / unit.name).write_text(text, "utf-8")
    return folder


def test_systemd_finds_nothing_wrong(units):
    command = [needs("systemd-analyze"), "verify", "--man=no", *(str(units / unit.name) for unit in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    # Units of the machine itself are no matter of ours.
    ours = [line for line in done.stderr.splitlines() if "sheaf" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_can_do_little_harm(units, unit):
    command = [needs("systemd-analyze"), "security", "--offline=true", "--no-pager", str(units / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_it_says_what_it_may_take(unit):
    text = unit.read_text("utf-8")
    for name in (
        "MemoryMax",
        "LimitNOFILE",
        "TasksMax",
        "ReadWritePaths",
        "IPAddressDeny",
        "SystemCallFilter",
    ):
        assert re.search(rf"^{name}=", text, re.MULTILINE), name


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_the_commands_that_it_starts_are_there_with_their_options(unit):
    (started,) = re.findall(r"/opt/sheaf/bin/sheaf ([a-z]+)([^'\n]*)", unit.read_text("utf-8"))
    command = sheaf.get_command(Context(sheaf), started[0])
    options = {name for parameter in command.params for name in parameter.opts}
    assert set(re.findall(r"(--[a-z-]+)", started[1])) <= options


@pytest.mark.parametrize(
    "unit", [each for each in UNITS if each.suffix == ".timer"], ids=lambda unit: unit.stem
)
def test_a_timer_starts_a_service_of_its_name_at_a_time_that_is_one(unit):
    assert unit.with_suffix(".service") in SERVICES
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(unit, "utf-8")
    when = parser["Timer"]["OnCalendar"]
    subprocess.run([needs("systemd-analyze"), "calendar", when], check=True, capture_output=True, timeout=30)
