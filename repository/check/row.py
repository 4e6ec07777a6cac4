"""What a row of the table is. The rows themselves are in `rows`."""

from collections.abc import Callable
from dataclasses import dataclass

from repository.check.probe import Probe, Sight
from repository.check.sheet import Sheet

Look = Callable[[Sheet, Sight], None]
Ask = Callable[[Sheet, Probe], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule. `look` judges every answer as it comes, `ask` makes requests of its own; `late` asks after all others.

    `otherwise` says why the rule was not tried, where nothing that it speaks of was seen.
    """

    id: str
    rule: str
    todo: str
    look: Look | None = None
    ask: Ask | None = None
    guideline: bool = False
    late: bool = False
    otherwise: str = "nothing to judge was seen"
