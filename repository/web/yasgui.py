"""YASGUI, the editor that a script puts in place of the plain one: which files there are, and their addresses.

The files are brought in by `make install` (deploy/yasgui) and read once. No address ever becomes a path: what is
served is this list. Without the files the page works as it is.
"""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from repository.model.site import Site
from repository.web.errors import Refused
from repository.web.http import FOREVER, Reply

FOLDER = Path(sys.prefix) / "share" / "sheaf" / "yasgui"
_BROUGHT_IN = {"yasgui.min.js": "text/javascript", "yasgui.min.css": "text/css"}
_OURS = {"sparql.js": "text/javascript", "editor.css": "text/css"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """What the page loads: scripts in this order, of which the last loads the editor's style and our colours for it."""

    style: str
    colours: str
    scripts: tuple[str, ...]


@cache
def _files(folder: Path = FOLDER) -> Mapping[str, tuple[str, bytes]]:
    """{name with its hash: (media type, bytes)}; empty where YASGUI was not brought in."""
    found = {}
    for name, media_type in (_BROUGHT_IN | _OURS).items():
        ours = files("repository.web") / "static" / name
        try:
            data = (ours if name in _OURS else folder / name).read_bytes()
        except OSError:
            return {}
        found[f"{hashlib.sha256(data).hexdigest()[:12]}-{name}"] = (media_type, data)
    return found


def addresses(site: Site) -> Addresses | None:
    """Where the page loads the editor from; None where there is none."""
    base = urlsplit(site.base).path + "static/yasgui/"
    named = [base + name for name in _files()]
    if not named:
        return None
    style, colours = (each for each in named if each.endswith(".css"))
    return Addresses(
        style,
        colours,
        tuple(each for each in named if each.endswith(".js")),
    )


def serve(name: str) -> Reply:
    """One of the files, under an address that changes with its content."""
    if name not in _files():
        raise Refused(404, "There is no such file of the editor.", "The page /sparql names those there are.")
    media_type, data = _files()[name]
    return Reply(lambda: data, media_type, cache=FOREVER, tag=name)
