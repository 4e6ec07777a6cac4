"""`python -m tests.supply.audit PROGRAM`: has pip-audit look for known holes in what runs, and says what that is worth.

pip-audit itself says "no known vulnerabilities" where it could ask nobody, and ends with 1 where the network failed. So
its answer is read package by package. Exit status: 0 none known, or nobody could be asked (which is said); 1 a hole is
known; with --strict, also where any package was not looked up.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.supply.locks import RUN

_SECONDS = 300


@dataclass(frozen=True)
class Verdict:
    """What came of it: packages with holes, packages that nobody was asked about, and how many were looked up."""

    holes: tuple[str, ...]
    unknown: tuple[str, ...]
    looked_up: int

    def __str__(self) -> str:
        if self.holes:
            return "known holes:\n  " + "\n  ".join(self.holes)
        if not self.looked_up:
            return "NOT AUDITED: no source of advisories could be reached; run `make audit` where one can"
        rest = f"; not looked up: {', '.join(self.unknown)}" if self.unknown else ""
        return f"no known hole in {self.looked_up} packages{rest}"

    def status(self, strict: bool) -> int:
        return int(bool(self.holes) or (strict and (bool(self.unknown) or not self.looked_up)))


def verdict(answer: str) -> Verdict:
    """From what pip-audit printed as JSON; nothing, or no JSON, means that it came to nothing."""
    try:
        packages: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict((), (), 0)
    holes = tuple(
        f"{package['name']} {package['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'no version'}"
        for package in packages
        for hole in package.get("vulns", ())
    )
    unknown = tuple(package["name"] for package in packages if "skip_reason" in package)
    return Verdict(holes, unknown, len(packages) - len(unknown))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.supply.audit")
    parser.add_argument("program", help="pip-audit")
    parser.add_argument("--strict", action="store_true", help="fail also where nobody could be asked")
    options = parser.parse_args(arguments)
    command = [options.program, "--requirement", str(RUN), "--disable-pip", "--format", "json"]
    command += ["--progress-spinner", "off", "--timeout", "15"]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=_SECONDS
        )
        found = verdict(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"pip-audit came to no end: {error}")
        found = verdict("")
    print(found)
    return found.status(options.strict)


if __name__ == "__main__":
    sys.exit(main())
