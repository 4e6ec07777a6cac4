"""Chunks before anybody asks: the lists of chosen formats are walked as a harvester would, and kept.

Whoever runs this has time: after each page it rests for as long as the page took.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from repository.formats import OAI_FORMATS, Format
from repository.log import Log
from repository.model.errors import SettingsError
from repository.model.records import Selection
from repository.model.settings import Settings
from repository.oai.chunks import Chunks
from repository.oai.runs import Runs
from repository.oai.show import Show

_PAGE = 500
# How soon new records are seen, and how soon lists that changed are walked anew from their beginning.
_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 600.0

# Waits so many seconds; true when it is time to stop.
Wait = Callable[[float], bool]


def formats_to_warm(settings: Settings) -> tuple[Format, ...]:
    """Those that the setting `oai_warm` names. Raises SettingsError for one that there is not."""
    known = {form.name: form for form in OAI_FORMATS}
    wanted = settings.oai_warm.replace(",", " ").split()
    for name in wanted:
        if name not in known:
            raise SettingsError(
                f"oai_warm names {name!r}, which is no OAI format; there are {', '.join(known)}"
            )
    return tuple(known[name] for name in dict.fromkeys(wanted))


@dataclass(frozen=True, slots=True)
class Warmer:
    """Keeps whole lists of the formats that were asked for in the store."""

    log: Log
    settings: Settings
    store: Chunks

    def run(self, wait: Wait) -> None:
        """Warm, and go on with what is new, until told to stop."""
        forms = formats_to_warm(self.settings)
        behind = dict.fromkeys(forms, 0)
        walked, seen = -_AGAIN_SECONDS, -1
        while not wait(_LOOK_SECONDS if seen >= 0 else 0.0):
            newest = self.log.newest()
            if newest == seen:
                continue
            if time.monotonic() - walked > _AGAIN_SECONDS:
                walked, behind = time.monotonic(), dict.fromkeys(forms, 0)
            for form in forms:
                behind[form] = self.warm(form, behind[form], wait)
            seen = newest

    def warm(self, form: Format, after: int, wait: Wait) -> int:
        """Walk a list to its end from the key `after`; the key before its last page, to go on from."""
        show = Show(self.settings.site, self.settings.metadata_licence, form, True, None)
        while True:
            began = time.monotonic()
            with self.log.read() as reading:
                keys = reading.keys(Selection(), form.listing, after=after, limit=_PAGE + 1)
                if keys:
                    following = keys[_PAGE] if len(keys) > _PAGE else None
                    Runs(reading, Selection(), show, self.store).parts(keys[:_PAGE], following)
            if len(keys) <= _PAGE or wait(time.monotonic() - began):
                return after
            after = keys[_PAGE - 1]
