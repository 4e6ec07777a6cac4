"""Everything that is installed has one version, and is known by its hash."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.serve.service import ROOT
from tests.supply.locks import FOLDER, LOCKS, RUN, locked


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_every_package_has_its_hashes(path):
    entries = locked(path)
    assert entries
    for entry in entries:
        (specifier,) = entry.requirement.specifier
        assert specifier.operator == "==", entry.name
        assert entry.hashes, entry.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in entry.hashes), entry.name
        assert entry.requirement.url is None, entry.name


def test_what_the_project_asks_for_is_locked_and_fits():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    entries = {canonicalize_name(entry.name): entry for entry in locked(RUN)}
    for text in project["dependencies"]:
        asked = Requirement(text)
        (specifier,) = entries[canonicalize_name(asked.name)].requirement.specifier
        assert asked.specifier.contains(specifier.version), text


def test_tests_run_on_what_is_given_out():
    given = {(entry.name, str(entry.requirement.specifier)) for entry in locked(RUN)}
    assert given <= {(entry.name, str(entry.requirement.specifier)) for entry in locked(FOLDER / "test.txt")}
