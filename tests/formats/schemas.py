"""The official schemas, from the folder that `tests.kit.shared()` knows; nothing is asked of the network.

An address is looked up in the catalogue beside them, also one that a schema imports.
"""

from functools import cache
from pathlib import Path

from lxml import etree

from repository.formats import by_name
from tests.kit import shared

_CATALOGUE = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"
_SCHEMA = "http://www.w3.org/2001/XMLSchema"

# Elements of these stand within another format's, and have a schema of their own.
_WITHIN = {
    "oai_datacite": (
        ("http://datacite.org/schema/kernel-4", "http://schema.datacite.org/meta/kernel-4.6/metadata.xsd"),
    ),
}
# DCMI's schema of qualified Dublin Core, which OCLC's (not at hand) takes into its namespace.
_QUALIFIED = "http://dublincore.org/schemas/xmls/qdc/2008/02/11/qualifieddc.xsd"


def schema_of(name: str) -> etree.XMLSchema:
    """The schema by which a format's records are judged."""
    form = by_name[name]
    if name == "oai_qdc":
        return including(form.namespace, _QUALIFIED)
    return importing((form.namespace, form.schema), *_WITHIN.get(name, ()))


class _Catalogued(etree.Resolver):
    def resolve(self, system_url: str | None, public_id: str | None, context: object) -> object:
        found = local(system_url or "")
        return self.resolve_filename(str(found), context) if found else None


def local(address: str) -> Path | None:
    """The file that the catalogue has for an address."""
    folder, found = shared() / "xsd", ("", "")
    for start, prefix in _rewrites():
        if address.startswith(start) and len(start) > len(found[0]):
            found = (start, prefix)
    return folder / (found[1] + address[len(found[0]) :]) if found[0] else None


@cache
def _rewrites() -> tuple[tuple[str, str], ...]:
    root = etree.parse(shared() / "xsd" / "catalog.xml").getroot()
    return tuple(
        (entry.get("systemIdStartString", ""), entry.get("rewritePrefix", ""))
        for entry in root.iter(_CATALOGUE + "rewriteSystem")
    )


@cache
def importing(*pairs: tuple[str, str]) -> etree.XMLSchema:
    """One schema for these namespaces, each from its address."""
    imports = "".join(f'<xs:import namespace="{name}" schemaLocation="{_uri(at)}"/>' for name, at in pairs)
    return schema_of_text(f'<xs:schema xmlns:xs="{_SCHEMA}">{imports}</xs:schema>')


@cache
def including(namespace: str, address: str) -> etree.XMLSchema:
    """A schema that has no namespace of its own, taken into this one (XML Schema, part 1, 4.2.1)."""
    return schema_of_text(
        f'<xs:schema xmlns:xs="{_SCHEMA}" targetNamespace="{namespace}">'
        f'<xs:include schemaLocation="{_uri(address)}"/></xs:schema>'
    )


def _uri(address: str) -> str:
    found = local(address)
    assert found, f"the catalogue has nothing for {address}"
    return found.as_uri()


def schema_of_text(text: str) -> etree.XMLSchema:
    """A schema whose imports, and theirs, are looked up in the catalogue."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Catalogued())
    return etree.XMLSchema(etree.fromstring(text, parser))
