"""The whole repository as N-Quads: bodies only, one graph a record, sorted by identifier."""

from collections.abc import Iterator

from repository.log import Log
from repository.model.site import Site


def dump(log: Log, site: Site) -> Iterator[bytes]:
    """One chunk for each live record, in constant memory and short reads."""
    for record in log.live():
        if record.body is not None:
            yield site.quads(record.identifier, record.body)
