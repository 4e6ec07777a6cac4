"""What runs beside Sheaf, which is under the MIT licence, leaves users as free as that."""

import re
from importlib import metadata

import pytest

from tests.supply.locks import RUN, locked

# Permissive, or binding only whoever changes the package itself (MPL, LGPL: imported as packages of their own).
ALLOWED = {
    "MIT",
    "BSD",
    "BSD-2-Clause",
    "BSD-2-Clause-Views",
    "BSD-3-Clause",
    "Apache-2.0",
    "PSF-2.0",
    "MPL-2.0",
    "LGPL",
    "LGPL-3.0-only",
}
# As classifiers say it.
_CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}


def licences(name: str) -> set[str]:
    """Each licence that a package names: its expression, its classifiers, or its field of old, in this order."""
    told = metadata.metadata(name)
    if expression := told.get("License-Expression"):
        return set(re.split(r"\s+(?:AND|OR)\s+", expression.strip("()")))
    classifiers = [
        each.rpartition("::")[2].strip() for each in told.get_all("Classifier") or [] if "License ::" in each
    ]
    if classifiers:
        return {_CLASSIFIERS.get(each, each) for each in classifiers}
    return {told.get("License") or "none"}


@pytest.mark.parametrize("name", [entry.name for entry in locked(RUN) if entry.here])
def test_what_runs_has_a_licence_that_leaves_users_free(name):
    named = licences(name)
    assert named <= ALLOWED, (
        f"{name} is under {', '.join(sorted(named - ALLOWED))}: read it before it comes in"
    )
