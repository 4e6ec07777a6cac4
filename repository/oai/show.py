"""How one record is shown in a list: its header, its metadata in one format, what is told about it.

A record's text depends on its entry and on settings alone, so it may be kept for as long as its seq is listed.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from repository.formats import Format
from repository.log import Reading
from repository.model.errors import FormatError
from repository.model.records import Origin, Record
from repository.model.site import Site
from repository.oai import about, xml

_log = logging.getLogger("sheaf.oai")


@dataclass(frozen=True, slots=True)
class Show:
    """One way to list: `whole` records or headers alone, in a format, of the list of set `chosen` (None: of all)."""

    site: Site
    licence: str
    form: Format
    whole: bool
    chosen: str | None

    def texts(self, reading: Reading, records: Sequence[Record]) -> list[bytes]:
        """The records' texts in order; empty for one that cannot be shown, which is logged and breaks no page."""
        origins = reading.origins([record.seq for record in records]) if self.whole else {}
        return [self._text(record, origins.get(record.seq, ())).encode() for record in records]

    def _text(self, record: Record, origin: tuple[Origin, ...]) -> str:
        deleted = record.deleted or record.gone
        left = self.chosen if record.gone and self.chosen and not _within(record.sets, self.chosen) else ""
        header = xml.header(record, self.site, deleted=deleted, left=left)
        if not self.whole:
            return header
        if deleted:
            return f"<record>{header}</record>\n"
        metadata = rendered(record, self.form, self.site)
        if not metadata:
            return ""
        told = about.containers(origin, self.licence, self.form.namespace)
        return f"<record>{header}<metadata>\n{metadata}</metadata>{told}</record>\n"


def _within(sets: tuple[str, ...], chosen: str) -> bool:
    """Whether one of the sets is `chosen` or below it."""
    return any(spec == chosen or spec.startswith(chosen + ":") for spec in sets)


def rendered(record: Record, form: Format, site: Site) -> str:
    """The metadata of a live record; empty where it cannot be made, which is logged."""
    try:
        text = form.write(record, site)
        if len(text.translate(None, _CONTROLS)) != len(text) or _NONCHARACTERS.search(text):
            raise FormatError("it holds a character that XML cannot (was its body damaged?)")
        return text.decode()
    except Exception:
        _log.exception("%s (seq %d) cannot be given as %s", record.identifier, record.seq, form.name)
        return ""


# What XML 1.0 (2.2 Char) leaves out, in UTF-8; a surrogate cannot be written in it at all.
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
_NONCHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")
