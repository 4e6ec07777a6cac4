"""The README is true: every command, setting and format has its line there."""

import re
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click
import pytest

from repository import cli
from repository.cli.main import FILES, sheaf
from repository.formats import FORMATS
from repository.model.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_command_is_in_the_readme_and_has_an_example(name: str) -> None:
    command = sheaf.get_command(click.Context(sheaf), name)
    assert command
    assert f"`sheaf {name}" in README
    assert "Example:" in (command.help or "")


def test_every_command_of_every_file_can_be_called() -> None:
    modules = [import_module(f"repository.cli.{found.name}") for found in iter_modules(cli.__path__)]
    named = {each.name for module in modules for each in getattr(module, "COMMANDS", ())}
    assert named == set(FILES)


def test_a_command_does_not_wait_for_the_files_of_others() -> None:
    code = "import sys; from repository.cli import main; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "repository.cli.main" in loaded
    assert loaded.isdisjoint(f"repository.cli.{file}" for file in FILES.values())


@pytest.mark.parametrize("setting", [field.name for field in fields(Settings)])
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert f"`SHEAF_{setting.upper()}`" in README


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_format_is_in_the_readme(form: object) -> None:
    assert f"`{form.extension or form.name}`" in README


def test_the_readme_begins_with_the_two_commands() -> None:
    commands = re.findall(r"^make \w+", README, re.MULTILINE)
    assert commands[:2] == ["make run", "make test"]
    assert README.index("make test") < 300
