"""From what a maintainer typed to a place: a folder, an address, or a template that says where its archive is."""

import urllib.parse
from pathlib import Path

from repository.mirror.ftp import Ftp
from repository.mirror.places import Folder, Place, is_redif
from repository.mirror.web import Web
from repository.model.errors import SourceError
from repository.model.site import Site
from repository.model.work import Work
from repository.readers.bounds import is_public
from repository.readers.fetching import Fetcher
from repository.readers.places import canonical, looked_up
from repository.readers.reader import Item, Source
from repository.readers.redif import REDIF


def is_remote(source: str) -> bool:
    return source.lower().startswith(("http://", "https://", "ftp://"))


def opened_place(source: str, site: Site) -> Place:
    """The place that a source names. Raises SourceError where it cannot be reached or is none."""
    try:
        return _opened(source, site)
    # urlsplit's word for a port or host that cannot be; that of the system for a host with a part too long.
    except ValueError as error:
        raise SourceError(f"{source!r} leads to no address: {error}") from None


def _opened(source: str, site: Site) -> Place:
    if not is_remote(source):
        path = Path(source)
        if path.is_file():
            url = _told(path.read_bytes(), source, site)
            _check_public(url)
            return _remote(url, typed=False)
        return Folder(path)
    if is_redif(urllib.parse.urlsplit(source).path) and not source.lower().startswith("ftp:"):
        fetcher = Fetcher(canonical(source))
        try:
            url = _told(fetcher.document(canonical(source), "*/*").body, source, site)
        except BaseException:
            fetcher.close()
            raise
        if url.lower().startswith("ftp:"):
            fetcher.close()
            return _remote(url, typed=False)
        # The same fetcher: it looks at every address but the one that was typed.
        return Web(fetcher, canonical(url))
    return _remote(source, typed=True)


def _remote(url: str, *, typed: bool) -> Place:
    if url.lower().startswith("ftp:"):
        return Ftp(url, typed=typed)
    url = canonical(url)
    url = url if url.endswith("/") else url + "/"
    return Web(Fetcher(url), url)


def _told(data: bytes, name: str, site: Site) -> str:
    """The URL of an archive template."""
    for item in REDIF.read(Source(name, data, site)):
        if isinstance(item, Item) and isinstance(item.content, Work) and item.content.type == "archive":
            if item.content.see_also:
                return item.content.see_also[0]
            raise SourceError(f"{name}: the template of the archive has no URL")
    raise SourceError(f"{name} is no archive template")


def _check_public(url: str) -> None:
    """A template that came from anywhere must not send us into the maintainer's own network."""
    parts = urllib.parse.urlsplit(url)
    try:
        found = looked_up(parts.hostname or "", parts.port or 80)
    except OSError as error:
        raise SourceError(f"{url}: the name cannot be looked up: {error}") from None
    if not all(map(is_public, found)):
        raise SourceError(f"{url} is not a public address; give it yourself if it is meant")
