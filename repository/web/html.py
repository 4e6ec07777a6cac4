"""HTML: the one Jinja environment, and how values of ours are shown to people. Everything is escaped.

No page is composed here and no script may ever enter a template; the content security policy forbids both
scripts and inline styles.
"""

import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from repository.formats.provenance import source_of
from repository.model import jel
from repository.model.datestamps import format_seconds
from repository.model.identifiers import is_identifier
from repository.model.site import Site, doi_iri

STYLE = (files("repository.web") / "static" / "style.css").read_bytes()
# The address changes with the content, so caches may keep it for good.
STYLE_PATH = f"static/style-{hashlib.sha256(STYLE).hexdigest()[:12]}.css"

_FOLLOWED = re.compile(r"(?:https?|ftp)://[^\s/]", re.IGNORECASE)
_LONGEST_URL = 72


class Html:
    """Renders templates for one site."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
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
            # Relative to the origin that the reader sees: the style sheet is 'self' there, whatever it is called.
            style=urlsplit(site.base).path + STYLE_PATH,
        )

    def render(self, template: str, **values: object) -> bytes:
        return self._environment.get_template(template).render(values).encode()

    def thing(self, identifier_or_iri: str) -> str:
        """Where a link to one of our things, or to an IRI of elsewhere, may lead; empty if nowhere safe."""
        if is_identifier(identifier_or_iri) and "//" not in identifier_or_iri:
            return self.site.thing(identifier_or_iri)
        return href(identifier_or_iri)


def href(url: str) -> str:
    """The URL if a browser may be sent there: never `javascript:` or `data:`; empty otherwise."""
    return url if _FOLLOWED.match(url) else ""


@lru_cache(maxsize=1024)
def elided(url: str) -> str:
    """A long URL with its middle left out, as EconPapers shows them."""
    if len(url) <= _LONGEST_URL:
        return url
    return f"{url[: _LONGEST_URL // 2]} ... {url[-_LONGEST_URL // 2 + 5 :]}"
