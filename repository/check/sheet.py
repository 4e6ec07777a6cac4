"""What one row has found: how often its rule was kept, and each way in which it was not. No rule is known here."""

import re
from dataclasses import dataclass, field

OK = "ok"
FAILED = "FAILED"
WARNING = "warning"
INAPPLICABLE = "not applicable"
BROKEN = "tool error"

# Texts of a stranger's server are shown, never obeyed by a terminal.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST = 300
_MOST = 50


class SkippedError(Exception):
    """The rule cannot be tried on this repository; the message says why."""


def clean(text: str) -> str:
    """One line that a terminal may be given."""
    line = _CONTROL.sub(" ", text).strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."


@dataclass(slots=True)
class Sheet:
    """Findings are kept once each, with how often they came; `_MOST` of them, so that no server can fill the memory."""

    kept: int = 0
    notes: list[str] = field(default_factory=list)
    wrongs: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    skipped: str = ""
    broken: str = ""

    def ok(self, note: str = "") -> None:
        self.kept += 1
        if note:
            self.note(note)

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < _MOST:
            self.notes.append(clean(text))

    def wrong(self, what: str, where: str = "") -> None:
        """`what` is the fault with the offending value, `where` the request that showed it first."""
        _count(self.wrongs, what, where)

    def warn(self, what: str, where: str = "") -> None:
        _count(self.warnings, what, where)

    def judge(self, holds: bool, what: str, where: str = "") -> bool:
        """Kept or broken: the commonest step of a row."""
        if holds:
            self.kept += 1
        else:
            self.wrong(what, where)
        return holds

    @property
    def verdict(self) -> str:
        if self.broken:
            return BROKEN
        if self.wrongs:
            return FAILED
        if self.warnings:
            return WARNING
        return OK if self.kept else INAPPLICABLE


def _count(found: dict[str, int], what: str, where: str) -> None:
    text = clean(f"{what} ({where})" if where else what)
    if text in found or len(found) < _MOST:
        found[text] = found.get(text, 0) + 1
