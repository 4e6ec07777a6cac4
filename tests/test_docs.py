"""The README is true: every command, setting and format has its line there."""

import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click
import pytest

from repository import cli
from repository.assembly import opened
from repository.cli.main import FILES, sheaf
from repository.formats import FORMATS
from repository.model.settings import Settings
from repository.web.app import create_app
from tests.kit import needs

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_command_is_in_the_readme_and_has_an_example(name: str) -> None:
    command = sheaf.get_command(click.Context(sheaf), name)
    assert command
    assert f"`sheaf {name}" in README
    assert "Example:" in (command.help or "")


def commands(group: click.Group = sheaf, path: str = "sheaf") -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def told(text: str) -> list[str]:
    """Commands that an example or a sentence in backticks tells people to type."""
    return re.findall(r"(?:`|^ *(?:[A-Z_]+=\S+ )*)(sheaf [a-z](?:(?! [>|]|[`\n]).)*)", text, re.MULTILINE)


def try_reading(line: str) -> None:
    """Fails where a command has no such option, or an option no such value."""
    words = shlex.split(line)[1:]
    command: click.Command = sheaf
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words.pop(0))
        assert found, line
        command = found
    context = click.Context(command)
    values, _, _ = command.make_parser(context).parse_args(words)
    for parameter in command.params:
        if isinstance(parameter.type, click.Choice) and parameter.name in values:
            parameter.type_cast_value(context, values[parameter.name])


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_the_example_of_every_help_runs_on_the_sample_records(name: str, command: click.Command) -> None:
    text = inspect.cleandoc(command.help or "")
    _, _, example = text.partition("Example:")
    assert name in example
    for line in told(text):
        try_reading(line)
    records = "".join(path.read_text("utf-8") for path in (ROOT / "records").rglob("*.*") if path.is_file())
    kept = set(re.findall(r"^Handle: *(\S+)", records, re.MULTILINE | re.IGNORECASE))
    named = re.findall(r"RePEc:xde:[a-z]+:\S*[^\s:]", example)
    # What a record is to be called, or a series to be left out of an export, need not be there.
    assert set(named) - {"RePEc:xde:dpferr:2015-01"} <= kept


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_every_command_that_a_document_names_is_one(path: Path) -> None:
    for line in told(path.read_text("utf-8")):
        try_reading(re.sub(r"\[|\]|\.\.\.", "", line.partition(" #")[0]))


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


def test_every_address_is_in_the_readme(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path)) as house:
        rules = [rule.rule for rule in create_app(house).url_map.iter_rules()]
    _, _, addresses = README.partition("## Addresses")
    # What pages load by themselves is nobody's to type.
    told = [rule.partition("<")[0] for rule in rules if not rule.startswith(("/static/", "/favicon"))]
    # An extension is `[.<ext>]` there.
    assert [each for each in told if each.rstrip("/") not in addresses.replace("[.<ext>]", ".")] == []


def test_the_readme_begins_with_the_two_commands() -> None:
    commands = re.findall(r"^make \w+", README, re.MULTILINE)
    assert commands[:2] == ["make run", "make test"]
    assert README.index("make test") < 300


@pytest.mark.parametrize("goal", ["fuzz", "soak"])
def test_a_goal_takes_the_minutes_that_its_help_tells(goal: str) -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    told = re.search(rf"^{goal}:.* for MINUTES \(default (\d+)\)", text, re.MULTILINE)
    assert told
    # Not what the make that runs the tests was told.
    plain = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MINUTES")}
    does = subprocess.run(
        [needs("make"), "-n", goal], cwd=ROOT, env=plain, capture_output=True, text=True, check=True
    )
    assert re.findall(r"--minutes (\d+)", does.stdout) == [told[1]]
