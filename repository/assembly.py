"""Opens the house: puts rooms together from settings. Nothing is done here but opening and closing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from repository.log import Log
from repository.model.settings import Settings
from repository.model.site import Site
from repository.oai import Provider


@dataclass(frozen=True, slots=True)
class House:
    """An open house. `oai` answers a list of argument pairs with an XML document."""

    settings: Settings
    site: Site
    log: Log
    oai: Callable[[list[tuple[str, str]]], bytes]

    def close(self) -> None:
        self.log.close()


def open_house(settings: Settings, *, read_only: bool = False) -> House:
    """The house over its data. Open it in the process that uses it, never before a fork.

    Raises LogError where `read_only` finds no log.
    """
    log = Log(settings.log_url, read_only=read_only)
    return House(settings, settings.site, log, Provider(log, settings).answer)


@contextmanager
def opened(settings: Settings, *, read_only: bool = False) -> Iterator[House]:
    """An open house that is closed at the end."""
    house = open_house(settings, read_only=read_only)
    try:
        yield house
    finally:
        house.close()
