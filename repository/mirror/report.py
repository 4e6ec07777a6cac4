"""What one pass over a source found and did."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """`good`: whether what is missing was counted in this pass. `reached`: whether the place could be listed."""

    source: str
    reached: bool = True
    good: bool = True
    files: int = 0
    fetched: int = 0
    changed: int = 0
    refused: int = 0
    missing: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return self.good and not self.refused
