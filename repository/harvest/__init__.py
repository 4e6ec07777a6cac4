"""From another repository to the log, by OAI-PMH or by its event stream: pages, drafts, quarantine, where to go on.

HTTP and pyoai are the readers'; nothing is printed, and no SQL is known.
"""

from repository.harvest.moving import take_over
from repository.harvest.position import Asked
from repository.harvest.run import Harvest
from repository.harvest.stream import Follow, look
from repository.harvest.words import Limits, Patience, Report, Wanted, running

__all__ = [
    "Asked",
    "Follow",
    "Harvest",
    "Limits",
    "Patience",
    "Report",
    "Wanted",
    "look",
    "running",
    "take_over",
]
