"""From another OAI-PMH repository to the log: window, pages, drafts, quarantine, and where to go on.

HTTP and pyoai are the readers'; nothing is printed, and no SQL is known.
"""

from repository.harvest.position import Asked
from repository.harvest.run import Harvest
from repository.harvest.words import Limits, Patience, Report, Wanted, running

__all__ = ["Asked", "Harvest", "Limits", "Patience", "Report", "Wanted", "running"]
