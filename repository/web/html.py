"""HTML: the one Jinja environment, and how values of ours are shown to people. Everything is escaped.

No page is composed here and no script may ever enter a template; the content security policy forbids both
scripts and inline styles.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from repository import __version__
from repository.formats.provenance import source_of
from repository.model import jel
from repository.model.datestamps import format_seconds
from repository.model.identifiers import is_identifier
from repository.model.site import Site, doi_iri
from repository.model.uris import is_followed

# Of the sheet that every page loads, and of the one beside it for the few pages that name it (base.html).
_SHEETS, _TOOLS = ("house", "record", "lists", "search", "print"), ("tools",)


def _joined(names: Sequence[str]) -> bytes:
    """Sheets as one file, in their order, without comments and the white space that says nothing."""
    folder = files("repository.web") / "static" / "style"
    text = "\n".join((folder / f"{name}.css").read_text("utf-8") for name in names)
    text = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    return re.sub(r" ?([{};,]) ?|(:) ", r"\1\2", text).strip().encode()


def _addressed(name: str, ending: str, data: bytes) -> str:
    """An address that changes with the content, so caches may keep it for good."""
    return f"static/{name}-{hashlib.sha256(data).hexdigest()[:12]}.{ending}"


ICON = (files("repository.web") / "static" / "icon.svg").read_bytes()
ICON_PATH = _addressed("icon", "svg", ICON)
# The icon stands beside the sheet that names it.
STYLE = _joined(_SHEETS).replace(b"icon.svg", ICON_PATH.removeprefix("static/").encode())
TOOLS = _joined(_TOOLS)
STYLE_PATH, TOOLS_PATH = _addressed("style", "css", STYLE), _addressed("tools", "css", TOOLS)
# What the head of every page leads to: (address, label, name by which a template says that it is there).
DOORS = (
    ("browse", "Browse", "browse"),
    ("search", "Search", "search"),
    ("sparql", "SPARQL", "sparql"),
    ("machines", "For machines", "machines"),
    ("report", "Report", "report"),
)

_ZERO = re.compile(r"https?://creativecommons\.org/publicdomain/zero/1\.0/?$")
_COMMONS = re.compile(r"https?://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)/?$")
_LONGEST_URL = 72

_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\f\r"))


class Html:
    """Renders templates for one site."""

    def __init__(self, site: Site, name: str, licence: str = "", *, search: bool = True) -> None:
        self.site, self.name = site, name
        # Relative to the origin that the reader sees: it is 'self' there, whatever it is called.
        path = urlsplit(site.base).path
        self._environment = Environment(
            loader=PackageLoader("repository.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            href=href,
            thing=self.thing,
            elided=elided,
            stamp=format_seconds,
            day=lambda s: format_seconds(s)[:10],
            doi_iri=doi_iri,
            jel=jel.label,
            place=source_of,
        )
        self._environment.globals.update(
            site=site,
            name=name,
            style=path + STYLE_PATH,
            tools=path + TOOLS_PATH,
            icon=path + ICON_PATH,
            path=path,
            licence=(href(licence), licence_name(licence)),
            version=__version__,
            doors=[door for door in DOORS if search or door[0] != "search"],
            searchable=search,
        )

    def render(self, template: str, **values: object) -> bytes:
        # No page of HTML can hold these, escaped or not (HTML, 13.2.3.5); who asked for them sees all else.
        return self._environment.get_template(template).render(values).encode().translate(None, _CONTROLS)

    def prepare(self) -> None:
        """Make beforehand what a crowd that asks a new worker for searches would make several times at once."""
        jel.concepts()
        self._environment.get_template("search.html")

    def thing(self, identifier_or_iri: str) -> str:
        """Where a link to one of our things, or to an IRI of elsewhere, may lead; empty if nowhere safe."""
        if is_identifier(identifier_or_iri) and "//" not in identifier_or_iri:
            return self.site.thing(identifier_or_iri)
        return href(identifier_or_iri)


def href(url: str) -> str:
    """The URL if a browser may be sent there: never `javascript:` or `data:`; empty otherwise."""
    return url if is_followed(url) else ""


def licence_name(url: str) -> str:
    """`CC BY 4.0` and its like for the addresses of Creative Commons; of others, the address."""
    if _ZERO.match(url):
        return "CC0 1.0"
    found = _COMMONS.match(url)
    return f"CC {found[1].upper()} {found[2]}" if found else elided(url)


@lru_cache(maxsize=1024)
def elided(url: str) -> str:
    """A long URL with its middle left out, as EconPapers shows them."""
    if len(url) <= _LONGEST_URL:
        return url
    return f"{url[: _LONGEST_URL // 2]} ... {url[-_LONGEST_URL // 2 + 5 :]}"
