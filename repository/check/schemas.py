"""The official schemas, where somebody has them: a folder with a catalog.xml that leads from addresses to files.

Nothing is ever fetched: a schema that the catalog does not know is told as unknown.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

_CATALOG = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"
# (element, its address, its target); the first two give a whole file, the last two a beginning.
_WHOLE = (("uri", "name", "uri"), ("system", "systemId", "uri"))
_BEGINNINGS = (
    ("rewriteURI", "uriStartString", "rewritePrefix"),
    ("rewriteSystem", "systemIdStartString", "rewritePrefix"),
)


class CatalogError(Exception):
    """The folder given has no catalog that can be read; the message is for the person who gave it."""


@dataclass(slots=True)
class Schemas:
    folder: Path
    _whole: dict[str, str] = field(default_factory=dict)
    _beginnings: dict[str, str] = field(default_factory=dict)
    _made: dict[str, etree.XMLSchema | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        path = self.folder / "catalog.xml"
        try:
            root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        except (OSError, etree.XMLSyntaxError) as error:
            raise CatalogError(f"{path}: no XML catalog can be read there: {error}") from None
        for kinds, into in ((_WHOLE, self._whole), (_BEGINNINGS, self._beginnings)):
            for element, address, target in kinds:
                for entry in root.iter(f"{_CATALOG}{element}"):
                    into[str(entry.get(address, ""))] = str(entry.get(target, ""))

    def path(self, address: str) -> Path | None:
        """The file for an address; the longest beginning that fits wins, as catalogs say."""
        if address in self._whole:
            return self._inside(self._whole[address])
        begin = max((b for b in self._beginnings if b and address.startswith(b)), key=len, default=None)
        return self._inside(self._beginnings[begin] + address[len(begin) :]) if begin is not None else None

    def faults(self, element: etree._Element, address: str) -> list[str] | None:
        """What the schema at this address says against an element; None where there is no such schema here."""
        if address not in self._made:
            self._made[address] = self._schema(address)
        schema = self._made[address]
        if schema is None:
            return None
        # As a document of its own: errors then speak of it alone, and a lax neighbour cannot hide it.
        document = etree.ElementTree(etree.fromstring(etree.tostring(element, with_tail=False)))
        if schema.validate(document):
            return []
        return [entry.message for entry in schema.error_log]  # type: ignore[attr-defined]

    def _schema(self, address: str) -> etree.XMLSchema | None:
        path = self.path(address)
        if path is None or not path.is_file():
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        parser.resolvers.add(_Offline(self))
        try:
            return etree.XMLSchema(etree.parse(str(path), parser))
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError):
            return None

    def _inside(self, target: str) -> Path | None:
        path = (self.folder / unquote(target)).resolve()
        return path if path.is_relative_to(self.folder.resolve()) else None


class _Offline(etree.Resolver):
    """Imports of a schema go through the catalog; what it does not know and is no file becomes an empty schema."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
        if path := self._schemas.path(system_url or ""):
            return self.resolve_filename(str(path), context)  # type: ignore[attr-defined]
        if urlsplit(system_url or "").scheme in ("", "file"):
            return None
        return self.resolve_empty(context)  # type: ignore[attr-defined]
