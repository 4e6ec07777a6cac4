"""deploy/sheaf.example.toml is true: every setting, with its default and a sentence."""

import itertools
import re
import tomllib
from dataclasses import fields

import pytest

from repository.model.settings import Settings, make_settings
from tests.serve.service import ROOT

EXAMPLE = ROOT / "deploy" / "sheaf.example.toml"
_LINE = re.compile(r"^#([a-z_]+) = (.*)$")


def given() -> dict[str, object]:
    lines = [line[1:] for line in EXAMPLE.read_text("utf-8").splitlines() if _LINE.match(line)]
    return tomllib.loads("\n".join(lines))


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_every_setting_stands_there_with_its_default(name):
    assert name in given(), (
        f"{name} has no line in deploy/sheaf.example.toml: add a sentence, and #{name} = ..."
    )
    value = given()[name]
    if value == "":
        assert getattr(Settings(), name) == ""
    else:
        assert make_settings({name: value}) == Settings()


def test_nothing_else_stands_there():
    assert set(given()) == {each.name for each in fields(Settings)}
    assert tomllib.loads(EXAMPLE.read_text("utf-8")) == {}


def test_every_setting_has_a_sentence_before_it():
    lines = EXAMPLE.read_text("utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if _LINE.match(line):
            # A few neighbours share theirs.
            assert before.startswith("# ") or _LINE.match(before), line
