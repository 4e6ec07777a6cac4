"""Locks as pip reads them."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from tests.serve.service import ROOT

FOLDER = ROOT / "deploy" / "requirements"
RUN = FOLDER / "run.txt"
LOCKS = sorted(FOLDER.glob("*.txt"))


@dataclass(frozen=True)
class Locked:
    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.requirement.name

    @property
    def here(self) -> bool:
        """Whether this interpreter on this machine needs it."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def locked(path: Path) -> list[Locked]:
    lines = path.read_text("utf-8").replace("\\\n", " ").splitlines()
    found = []
    for line in lines:
        text, *hashes = re.split(r"\s+--hash=", line.strip())
        if text and not text.startswith("#"):
            found.append(Locked(Requirement(text), tuple(hashes)))
    return found
