"""One record of another repository as a draft: RDF as a body, Dublin Core as a Work.

Where a record cannot be kept, an error says why; whether the harvest goes on is not decided here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyoxigraph as ox
from lxml import etree

from repository.formats import OAI_DC, expressible_in_xml, oai_prefixes
from repository.harvest import names
from repository.harvest.provenance import Doubt, chain_of, own_step, rights_of
from repository.log import HARVESTER
from repository.model.errors import SourceError
from repository.model.lens import read_work, write_work
from repository.model.records import Draft, Record
from repository.model.sets import sets_of
from repository.model.site import Site
from repository.model.terms import OWL, RDF
from repository.model.work import Work
from repository.readers import oai_dc, oai_dc_elements
from repository.readers.contacts import withheld
from repository.readers.doubts import DOUBTS
from repository.readers.page_records import Found
from repository.readers.rdf import RDF_XML
from repository.readers.rdf_guard import safe_xml
from repository.readers.rdf_records import records as records_of
from repository.readers.reader import Finding, Item, Source

# Whether a Sheaf of this base URL gave this name: many others have things at `<base>id/X`, too.
Gave = Callable[[str, str], bool]
_ABOUT = f"{{{RDF}}}about"
_RDF = f"{{{RDF}}}RDF"


@dataclass(frozen=True, slots=True)
class Made:
    """A record as it is to be kept. `altered`: it says something else than upstream, addresses under the base URLs
    aside; `known`: its identifier is the one that another Sheaf gave it. `odd`: values kept as they are that break a
    rule."""

    identifier: str
    body: bytes
    altered: bool
    known: bool
    private: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    odd: tuple[Finding, ...] = ()


def draft_of(
    found: Found,
    base_url: str,
    namespace: str,
    site: Site,
    now: int,
    *,
    gave: Gave = lambda name, base: False,
    rights: tuple[str, ...] = (),
    doubt: Doubt = lambda text: None,
    heed: Callable[[Finding], None] = lambda finding: None,
) -> Draft:
    """The draft of a live record. Raises SheafError where it cannot be kept.

    `rights`: what the upstream tells of all its metadata, where a record says nothing of its own. `heed` hears of
    values that break a rule.
    """
    if found.metadata is None:
        raise SourceError("it is neither deleted nor has it metadata")
    read = {_RDF: _from_rdf, oai_dc_elements.ROOT: _from_dublin_core}.get(found.metadata.tag)
    if read is None:
        raise SourceError(f"its metadata is {str(found.metadata.tag)[:200]}, which Sheaf cannot read")
    made = read(found, site, gave)
    for finding in made.odd:
        heed(finding)
    return kept(made, found, base_url, namespace, site, now, rights=rights, doubt=doubt)


def kept(
    made: Made,
    found: Found,
    base_url: str,
    namespace: str,
    site: Site,
    now: int,
    *,
    rights: tuple[str, ...] = (),
    doubt: Doubt = lambda text: None,
) -> Draft:
    """The draft of a record that was read, with its sets, its formats and the way it came."""
    work = read_work(made.identifier, made.body)
    sets = sets_of(work)
    if not names.has_own_sets(work, made.known):
        sets = tuple(sorted({*sets, *names.sets_from(base_url, found.sets)}))
    plain = expressible_in_xml(made.body)
    step = replace(
        own_step(found, base_url, namespace, now, doubt),
        altered=made.altered,
        rights=rights_of(found.about, doubt) or rights,
    )
    return Draft(
        identifier=made.identifier,
        body=made.body,
        sets=sets,
        formats=tuple(name for name in oai_prefixes(work) if plain or name != "rdf"),
        source=base_url,
        agent=HARVESTER,
        reader="rdf" if namespace == RDF else "oai_dc",
        private=made.private,
        origin=(step, *chain_of(found.about, doubt)),
    )


# -- RDF ---------------------------------------------------------------------------------------------------


def _from_rdf(found: Found, site: Site, gave: Gave) -> Made:
    data = etree.tostring(found.metadata, encoding="utf-8", with_tail=False)
    theirs = _sheaf(found, gave)
    if theirs:
        name, base = theirs
        item = only(RDF_XML.read(Source(found.identifier, data, Site(base, site.namespace))), name)
        return Made(name, body_of(item), bool(altering(item)), True, item.private, odd(item))
    return _from_foreign_rdf(found, data, site)


def _sheaf(found: Found, gave: Gave) -> tuple[str, str] | None:
    """(identifier, base URL) of a record whose subject is `<base>id/<identifier>`, as another Sheaf gives it."""
    wanted = names.local_names(found.identifier)
    for node in found.metadata.iterchildren(etree.Element):
        about = node.get(_ABOUT, "")
        for name in wanted:
            if about.endswith(f"/id/{name}") and gave(name, base := about[: -len(f"id/{name}")]):
                return name, base
    return None


def _from_foreign_rdf(found: Found, data: bytes, site: Site) -> Made:
    """A record whose subject is an IRI of theirs: it gets a name here, and says that it is the same as theirs."""
    try:
        quads = list(ox.parse(safe_xml(data), format=ox.RdfFormat.RDF_XML, base_iri=site.base))
    except (SyntaxError, ValueError) as error:
        raise SourceError(f"not valid RDF/XML: {getattr(error, 'msg', None) or error}") from None
    return renamed(quads, root_of(quads, found), names.derived(found.identifier), site)


def renamed(quads: list[ox.Quad], root: ox.NamedNode | ox.BlankNode, identifier: str, site: Site) -> Made:
    """A record of which another's `root` is the subject, under an identifier of ours."""
    thing = site.thing(identifier)
    ours = [
        ox.Quad(_renamed(quad.subject, root, thing), quad.predicate, _renamed(quad.object, root, thing))
        for quad in quads
    ]
    if isinstance(root, ox.NamedNode):
        ours.append(ox.Quad(ox.NamedNode(thing), ox.NamedNode(OWL + "sameAs"), root))
    item = only(records_of(ours, site, False), identifier)
    return Made(identifier, body_of(item), True, False, item.private, odd(item))


def root_of(quads: list[ox.Quad], found: Found) -> ox.NamedNode | ox.BlankNode:
    """What the record is about: the one subject that is nobody's part, or that the OAI identifier names."""
    subjects = dict.fromkeys(quad.subject for quad in quads)
    objects = {quad.object for quad in quads if quad.object != quad.subject}
    # A document's own parts come by fragment; whoever links to them or not, they are no records.
    roots = [
        node
        for node in subjects
        if node not in objects and not (isinstance(node, ox.NamedNode) and _whole(node) in subjects)
    ]
    if len(roots) > 1:
        wanted = names.local_names(found.identifier)
        roots = [r for r in roots if isinstance(r, ox.NamedNode) and r.value.endswith(wanted)] or roots
    if len(roots) != 1 or not isinstance(roots[0], ox.NamedNode | ox.BlankNode):
        raise SourceError(
            f"its RDF has {len(roots)} subjects that may be the record, and none is <base>/id/<identifier>"
        )
    return roots[0]


def _whole(node: ox.NamedNode) -> ox.NamedNode | None:
    whole, mark, _ = node.value.partition("#")
    return ox.NamedNode(whole) if mark else None


def _renamed(node: Any, root: ox.NamedNode | ox.BlankNode, thing: str) -> Any:
    if node == root:
        return ox.NamedNode(thing)
    if isinstance(node, ox.NamedNode) and isinstance(root, ox.NamedNode):
        rest = node.value.removeprefix(root.value)
        if rest != node.value and rest.startswith("#"):
            return ox.NamedNode(thing + rest)
    return node


def only(read: Iterator[Item | Finding], identifier: str) -> Item:
    """The item of the record itself; a graph that says nothing of it says why."""
    refusals = []
    for one in read:
        if isinstance(one, Item) and one.identifier == identifier:
            return one
        refusals += [one.text] if isinstance(one, Finding) else [f"it describes {one.identifier}"]
    raise SourceError("; ".join(refusals)[:1000] or "its RDF says nothing of the record")


def body_of(item: Item) -> bytes:
    if isinstance(item.content, bytes):
        return item.content
    raise SourceError("; ".join(f.text for f in item.findings if f.severity == "error") or "it was refused")


def altering(item: Item) -> list[Finding]:
    return [each for each in item.findings if each.code != "missing-type" and each.code not in DOUBTS]


def odd(item: Item) -> tuple[Finding, ...]:
    """What breaks a rule and is kept as it is."""
    return tuple(each for each in item.findings if each.code in DOUBTS)


# -- Dublin Core -------------------------------------------------------------------------------------------


def _from_dublin_core(found: Found, site: Site, gave: Gave) -> Made:
    theirs = _sheaf_in(found, gave)
    identifier, base = theirs or (names.derived(found.identifier), "")
    work, private = withheld(oai_dc.work_of(found.metadata, identifier, base))
    if not work.title.value:
        raise SourceError("its title is an e-mail address, and no more")
    body = write_work(work)
    altered = _says_other(found.metadata, work, body, site, base)
    return Made(identifier, body, altered, theirs is not None, private)


def _sheaf_in(found: Found, gave: Gave) -> tuple[str, str] | None:
    """(identifier, base URL) of a record that names itself and `<base>id/<identifier>`, as another Sheaf's does."""
    said = oai_dc_elements.identifiers_of(found.metadata)
    for name in names.local_names(found.identifier):
        if name in said:
            for address in said:
                if address.endswith(f"/id/{name}") and gave(name, base := address[: -len(f"id/{name}")]):
                    return name, base
    return None


def _says_other(element: Any, work: Work, body: bytes, site: Site, base: str) -> bool:
    """Whether our own oai_dc of the work has other elements than theirs, the base URL aside."""
    ours = OAI_DC.write(Record(work.identifier, 0, 0, b"", body, (), ()), Site(base, "") if base else site)
    return _elements(element) != _elements(etree.fromstring(ours))


def _elements(element: Any) -> Counter[tuple[Any, str, str | None]]:
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    return Counter(
        (child.tag, "".join(child.itertext()).strip(), child.get(language))
        for child in element.iterchildren(etree.Element)
    )
