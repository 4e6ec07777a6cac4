"""Backups: one folder that holds the whole log of one moment, the settings, and what each file must be.

Projections are not in it: they are made from the log again.
"""

from repository.backup.making import LAST, back_up, last_made, log_file
from repository.backup.manifest import Manifest, read_manifest
from repository.backup.restoring import Restored, check, former_logs, restore

__all__ = [
    "LAST",
    "Manifest",
    "Restored",
    "back_up",
    "check",
    "former_logs",
    "last_made",
    "log_file",
    "read_manifest",
    "restore",
]
