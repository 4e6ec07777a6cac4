"""What pip-audit says is read for what it is worth; its answers here are those of pip-audit 2.10."""

import json
import sys
from pathlib import Path

import pytest

from tests.supply.audit import main, verdict

CLEAN = {"name": "flask", "version": "3.1.2", "vulns": []}
HOLE = {
    "name": "h11",
    "version": "0.14.0",
    "vulns": [
        {
            "id": "GHSA-vqfr-h8mv-ghfj",
            "fix_versions": ["0.16.0"],
            "aliases": ["CVE-2025-43859"],
            "description": "…",
        }
    ],
}
UNFOUND = {
    "name": "anyio",
    "skip_reason": "Dependency not found on PyPI and could not be audited: anyio (4.16.0)",
}


def answer(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    ("said", "status", "strict", "words"),
    [
        (answer(CLEAN), 0, 0, "no known hole in 1 packages"),
        (answer(CLEAN, HOLE), 1, 1, "h11 0.14.0: GHSA-vqfr-h8mv-ghfj, mended in 0.16.0"),
        (answer(CLEAN, UNFOUND), 0, 1, "not looked up: anyio"),
        (answer(UNFOUND, UNFOUND), 0, 1, "NOT AUDITED"),
        ("", 0, 1, "NOT AUDITED"),
        ("Traceback (most recent call last)", 0, 1, "NOT AUDITED"),
    ],
    ids=["clean", "hole", "partly", "nobody", "nothing", "noise"],
)
def test_a_known_hole_fails_and_an_unreachable_source_says_so(said, status, strict, words):
    found = verdict(said)
    assert (found.status(False), found.status(True)) == (status, strict)
    assert words in str(found)


def test_a_hole_ends_the_command_with_1(tmp_path: Path, capsys):
    program = tmp_path / "pip-audit"
    program.write_text(f"#!{sys.executable}\nprint({answer(HOLE)!r})\nraise SystemExit(1)\n", "utf-8")
    program.chmod(0o755)
    assert main([str(program)]) == 1
    assert "GHSA-vqfr-h8mv-ghfj" in capsys.readouterr().out


def test_without_the_program_nothing_is_claimed(tmp_path: Path, capsys):
    assert main([str(tmp_path / "none"), "--strict"]) == 1
    assert "NOT AUDITED" in capsys.readouterr().out
