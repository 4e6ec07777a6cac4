"""An archive behind a web server: index pages as Apache, nginx and lighttpd write them, and conditional requests.

Only what lies below the address is asked for; every address goes through the fetcher of `readers.fetching`.
"""

import json
import posixpath
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from repository.mirror.places import (
    MAX_DEPTH,
    MAX_FILES,
    MAX_GAPS,
    MAX_NAMES,
    Gap,
    Got,
    is_name,
    is_odd,
    is_redif,
    odd_name,
    too_deep,
)
from repository.model.errors import SourceError
from repository.readers.fetching import Fetcher

_LISTING = "text/html, */*;q=0.1"
# Of each name: those of its icon, and of columns that sort.
_MOST_LINKS = 4 * MAX_NAMES
_SPACE = re.compile(r"\s+")


class Web:
    def __init__(self, fetcher: Fetcher, url: str) -> None:
        self._fetcher = fetcher
        self.name = url if url.endswith("/") else url + "/"

    def files(self) -> Iterator[tuple[str, str] | Gap]:
        waiting, seen, count, gaps, deep = [""], {""}, 0, 0, False
        while waiting:
            folder = waiting.pop(0)
            try:
                names, odd = self._listed(folder)
            except SourceError as error:
                gaps += 1
                if not folder or gaps > MAX_GAPS:
                    raise
                yield Gap(folder, "unlisted", str(error))
                continue
            if not names:
                text = f"{self._address(folder)} lists nothing: an index page of its files was looked for"
                if not folder:
                    raise SourceError(text)
                yield Gap(folder, "empty", text)
            yield from (odd_name(folder + name) for name in odd)
            for name in names:
                path = folder + name
                if path in seen:
                    continue
                seen.add(path)
                if name.endswith("/"):
                    if path.count("/") <= MAX_DEPTH:
                        waiting.append(path)
                    elif not deep:
                        deep = True
                        yield too_deep(path)
                elif is_redif(name):
                    count += 1
                    if count > MAX_FILES:
                        raise SourceError(f"{self.name} lists more than {MAX_FILES} files")
                    yield path, ""

    def _listed(self, folder: str) -> tuple[list[str], list[str]]:
        """Names below a folder, those of folders with a slash; and those of files that are not read for their names."""
        url = self._address(folder)
        page = self._fetcher.document(url, _LISTING)
        if page.url != url:
            raise SourceError(f"{url} leads elsewhere: {page.url}")
        base = urllib.parse.urlsplit(url)
        # `~` is `%7E` to some.
        below = urllib.parse.unquote(base.path)
        names, odd = [], set[str]()
        for link in _links(page.body.decode("utf-8", "replace")):
            try:
                target = urllib.parse.urlsplit(urllib.parse.urljoin(url, link))
            except ValueError:
                continue
            path = urllib.parse.unquote(target.path)
            if target[:2] != base[:2] or target.query or not path.startswith(below):
                continue
            name = path[len(below) :]
            if name and is_name(name.removesuffix("/")):
                names.append(name)
            elif is_odd(name):
                odd.add(name)
        found = set(names)
        if len(found) > MAX_NAMES:
            raise SourceError(f"{url} lists more than {MAX_NAMES} names")
        return sorted(found, key=lambda name: (name.endswith("/"), name)), sorted(odd)

    def get(self, path: str, marks: Mapping[str, str]) -> Got | None:
        url = self._address(path)
        found = self._fetcher.changed(url, "*/*", marks.get("etag", ""), marks.get("modified", ""))
        if found is None:
            return None
        return Got(found.body, {"etag": found.etag, "modified": found.modified})

    def _address(self, path: str) -> str:
        return (
            self.name + urllib.parse.quote(posixpath.normpath(path) + ("/" if path.endswith("/") else ""))
            if path
            else self.name
        )

    def close(self) -> None:
        self._fetcher.close()


def _links(page: str) -> list[str]:
    """What an index page lists: of HTML its links, of nginx's JSON the names. Raises SourceError where not all can be
    told: what is left out would be missing."""
    if page.lstrip()[:1] == "[":
        try:
            rows = json.loads(page)
            found = [
                urllib.parse.quote(row["name"]) + ("/" if row["type"] == "directory" else "") for row in rows
            ]
        except (ValueError, TypeError, KeyError, RecursionError):
            return []
    else:
        parser = _Links()
        try:
            parser.feed(page)
        # The parser's word for <![x].
        except AssertionError as error:
            raise SourceError(f"the index page cannot be read: {error}") from None
        found = parser.links
    if len(found) > _MOST_LINKS:
        raise SourceError(f"the index page has more than {_MOST_LINKS} links")
    return found


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and len(self.links) <= _MOST_LINKS:
            self.links += [value for name, value in attrs if name == "href" and value]
