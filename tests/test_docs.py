"""The README is true: every command, setting and format has its line there."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from repository.cli.main import sheaf
from repository.formats import FORMATS
from repository.model.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(sheaf.commands))
def test_every_command_is_in_the_readme_and_has_an_example(name: str) -> None:
    assert f"`sheaf {name}" in README
    assert "Example:" in (sheaf.commands[name].help or "")


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
