"""From what a reader yields to what the log takes: the host filled in, body, sets and formats made.

Every way in that is no harvest goes through here: files, a mirrored archive, HTTP.
"""

from typing import NamedTuple

from repository.formats import expressible_in_xml, oai_prefixes
from repository.ingest.hosts import Hosts
from repository.log import Log
from repository.model.lens import read_work, write_work
from repository.model.records import Draft
from repository.model.sets import sets_of
from repository.model.work import Work
from repository.readers.reader import Item


class Drafted(NamedTuple):
    """A draft, and the lens on it."""

    draft: Draft
    work: Work


class Drafting:
    """Makes drafts of items. Keep one for a run: it remembers the series it was told of."""

    def __init__(self, log: Log) -> None:
        self._hosts = Hosts(log)

    def learn(self, work: Work) -> None:
        """Works that come later take the name and publisher of this series, though it is not kept yet."""
        self._hosts.learn(work)

    def lacks_series(self, work: Work) -> bool:
        """Whether a work would take something over from its series, and this is not known."""
        return self._hosts.lacks(work)

    def draft(
        self, item: Item, content: Work | bytes, source: str, *, agent: str = "", reader: str = ""
    ) -> Drafted:
        """`content` is the item's; `source` is the place that the log notes and publishes,
        as it does `agent` and the name of the `reader`. Raises SheafError where
        no record can be made of it."""
        if isinstance(content, bytes):
            body = content
            work = read_work(item.identifier, body)
            plain = expressible_in_xml(body)
        else:
            work = self._hosts.fill(content)
            body = write_work(work)
            plain = True
        formats = oai_prefixes(work)
        draft = Draft(
            identifier=item.identifier,
            body=body,
            sets=sets_of(work),
            formats=formats if plain else tuple(name for name in formats if name != "rdf"),
            source=source,
            agent=agent,
            reader=reader,
            private=item.private,
        )
        return Drafted(draft, work)
