"""What a run did, for people and for programs."""

from collections import Counter
from dataclasses import dataclass, field

from repository.readers.reader import Finding


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding and the file it is about."""

    file: str
    finding: Finding


@dataclass(slots=True)
class Report:
    """What a run did. `outcomes` counts records by the log's word for each; `findings` counts by code."""

    files: int = 0
    skipped_files: int = 0
    refused: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> int:
        return self.outcomes.total()

    @property
    def clean(self) -> bool:
        """Whether everything was kept."""
        return not self.refused and not self.severities["error"]
