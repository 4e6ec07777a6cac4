"""Archives of others in RePEc's layout, followed: what changed is fetched, kept as files, and brought into the log.

How places are listed and read stands in `places`, `web` and `ftp`; what is known of each file in `known`.
"""

from repository.mirror.lock import BusyError, alone
from repository.mirror.naming import named
from repository.mirror.opening import is_remote, opened_place
from repository.mirror.report import Report
from repository.mirror.run import Mirror

__all__ = ["BusyError", "Mirror", "Report", "alone", "is_remote", "named", "opened_place"]
