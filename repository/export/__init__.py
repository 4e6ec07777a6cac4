"""Whole archives as files in RePEc's layout (the Guildford protocol), ready to be served and mirrored.

What a template says stands in `repository.formats.redif`; nothing is kept or changed here.
"""

from repository.export.archives import Export, Report, Wanted

__all__ = ["Export", "Report", "Wanted"]
