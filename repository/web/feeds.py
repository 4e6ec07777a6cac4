"""The doors of the change feeds: /feeds/ldes in three notations and as pages, and /feeds/atom.

What stands in them is made in the room `feeds`; here are addresses, notations and how long each may be kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pyoxigraph as ox
from flask import request

from repository.assembly import House
from repository.feeds import atom, ldes
from repository.log import Reading
from repository.model.terms import PREFIXES
from repository.web import documents, feeds_page
from repository.web.errors import Refused
from repository.web.feeds_page import Around
from repository.web.html import Html
from repository.web.http import FRESH, Link, Reply
from repository.web.variants import HTML, Variant, offer

# What is full has got all its members, and a follower need not fetch it again. But the law may have a body erased, and
# no cache can be called back: so none may hold it for longer than an old version (`memento`).
WHILE_FULL = "public, max-age=3600, immutable"

_NOTATIONS = (
    ("trig", "TriG", "application/trig", "trig", ox.RdfFormat.TRIG),
    ("nquads", "N-Quads", "application/n-quads", "nq", ox.RdfFormat.N_QUADS),
    ("jsonld", "JSON-LD", "application/ld+json", "jsonld", ox.RdfFormat.JSON_LD),
)
_OFFERS = tuple((offer(name, kind), label, end, form) for name, label, kind, end, form in _NOTATIONS)
# Of the root and of groups, which have no members and so no named graphs.
_TURTLE = (offer("turtle", "text/turtle"), "Turtle", "ttl", ox.RdfFormat.TURTLE)
_PREFIXES = {
    **PREFIXES,
    "as": ldes.ACTIVITY,
    "ldes": ldes.LDES,
    "tree": ldes.TREE,
}
# As large as a number can be whose page has seqs that SQL can hold.
_NUMBER = "[1-9][0-9]{0,12}"
_EXTENSIONS = (*(end for _, _, _, end, _ in _NOTATIONS), _TURTLE[2], "html")
_ENDINGS = "|".join(_EXTENSIONS)
_NODE = re.compile(
    rf"(?P<name>(?P<group>group-)?(?P<number>{_NUMBER}))(?:\.(?P<extension>{_ENDINGS}))?", re.ASCII
)
_ARCHIVED = re.compile(_NUMBER, re.ASCII)
_ADVICE = "Begin at {}, and follow its links."


@dataclass(frozen=True, slots=True)
class Feeds:
    house: House
    html: Html

    def root(self, extension: str = "") -> Reply:
        if extension and extension not in _EXTENSIONS:
            raise self._nothing(ldes.address(self.house.site))
        with self.house.log.read() as reading:
            node = ldes.root(reading, self.house.site, self.house.settings.repository_name)
        return self._node(node, "", extension, Around())

    def node(self, name: str) -> Reply:
        """A page, or a group of pages."""
        found = _NODE.fullmatch(name)
        node, around = None, Around()
        if found:
            read = ldes.group if found["group"] else ldes.page
            with self.house.log.read() as reading:
                node = read(reading, self.house.site, int(found["number"]))
                around = _around(reading, found["group"] or "", int(found["number"]))
        if not found or node is None:
            raise self._nothing(ldes.address(self.house.site))
        return self._node(node, found["name"], found["extension"] or "", around)

    def _node(self, node: ldes.Node, name: str, extension: str, around: Around) -> Reply:
        site = self.house.site
        offers = _OFFERS if node.members else (*_OFFERS, _TURTLE)
        address = partial(ldes.address, site, name)
        # No date: an erasure changes a page whose last member came long before, and a second may have many.
        written = tuple(
            Variant(each, label, end, _writer(node.quads, form)) for each, label, end, form in offers
        )
        forms = documents.forms(written, address)
        page = partial(feeds_page.render, self.html, node, name, address(), around, forms)
        reply = documents.negotiate(
            (*written, Variant(HTML, "HTML", "html", page)),
            address,
            extension=extension,
            accept=request.environ.get("HTTP_ACCEPT"),
            links=(Link(ldes.address(site), "collection"),) if name else (),
            cache=WHILE_FULL if node.full else FRESH,
        )
        # A page for people leads on to one that may not be there yet.
        return replace(reply, cache=FRESH) if reply.media_type == HTML.media_type else reply

    def atom(self) -> Reply:
        with self.house.log.read() as reading:
            found = atom.current(reading, self.house.site, self.house.settings.repository_name)
        return _feed(found, FRESH)

    def archived(self, number: str) -> Reply:
        found = None
        if _ARCHIVED.fullmatch(number):
            with self.house.log.read() as reading:
                name = self.house.settings.repository_name
                found = atom.archived(reading, self.house.site, name, int(number))
        if found is None:
            raise self._nothing(atom.address(self.house.site))
        return _feed(found, WHILE_FULL)

    def _nothing(self, root: str) -> Refused:
        return Refused(404, "The feed has no such page.", _ADVICE.format(root))


def _around(reading: Reading, group: str, number: int) -> Around:
    """The nodes before and behind one that is there."""
    newest, _ = reading.newest()
    behind = newest >= (number + 1) * ldes.GROUP * ldes.PAGE if group else newest > number * ldes.PAGE
    return Around(
        f"{group}{number - 1}" if number > 1 else "",
        f"{group}{number + 1}" if behind else "",
    )


def _feed(found: bytes, cache: str) -> Reply:
    # No date, for the reasons that pages of the stream have none.
    return Reply(lambda: found, "application/atom+xml", cache=cache)


def _writer(quads: bytes, form: ox.RdfFormat) -> Callable[[], bytes]:
    if form == ox.RdfFormat.N_QUADS:
        return lambda: quads

    def write() -> bytes:
        used = {name: iri for name, iri in _PREFIXES.items() if f"<{iri}".encode() in quads}
        return ox.serialize(ox.parse(quads, format=ox.RdfFormat.N_QUADS), format=form, prefixes=used) or b""

    return write
