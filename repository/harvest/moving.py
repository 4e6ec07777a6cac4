"""A repository that moved to another address: its records, which nobody else may change, become that address's."""

import json
from collections.abc import Iterator
from dataclasses import replace

from repository.harvest import position, stream
from repository.log import HARVESTER, Log


def take_over(log: Log, old: str, new: str) -> int:
    """Let what came from one base URL be another's; how many records. Where harvests of the old one stood is forgotten,
    so the next asks the new one for everything: it may not have it all. In which formats and sets stays known, for a
    record that left one of these sets may be in another."""
    known = position.positions(log, new)
    for source in position.positions(log, old):
        same = replace(source, base_url=new)
        if same not in known:
            log.remember(same.key, position.written(position.Position()))
    return log.hand_over(old, new, HARVESTER, list(_keys(log, old)))


def _keys(log: Log, base_url: str) -> Iterator[str]:
    """Under which harvests of a base URL are remembered."""
    yield stream.KEY + base_url
    yield stream.ENDED + base_url
    for key in log.remembered(position.KEY):
        try:
            source = json.loads(key[len(position.KEY) :])
        except ValueError:
            continue
        if isinstance(source, list) and source[:1] == [base_url]:
            yield key
