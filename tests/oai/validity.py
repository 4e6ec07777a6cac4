"""Whether an answer is valid: its envelope, and each record's metadata by the schema that its format declares.

The official schemas are read from `tests.kit.shared()`; nothing here asks the network, and nothing knows a log.
"""

import re
from functools import cache
from pathlib import Path

from lxml import etree

from repository.formats import OAI_FORMATS
from repository.model.terms import INTERNAL
from tests.formats.schemas import local, schema_of_text

OAI = "http://www.openarchives.org/OAI/2.0/"
_ENVELOPE = {
    OAI: OAI + "OAI-PMH.xsd",
    OAI + "oai_dc/": OAI + "oai_dc.xsd",
    OAI + "oai-identifier": OAI + "oai-identifier.xsd",
    OAI + "branding/": OAI + "branding.xsd",
}
# What stands inside a format's own element and has a schema of its own.
_INSIDE = {
    "http://schema.datacite.org/oai/oai-1.1/": {
        "http://datacite.org/schema/kernel-4": "http://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
    }
}
# Official namespaces whose schemas are not at hand; OAI-PMH.xsd's strict wildcards would have them.
_WITHOUT = {OAI + name for name in ("provenance", "rights/", "rightsManifest/", "friends/", "eprints")}
_NO_SCHEMA = re.compile(r"'\{([^}]*)\}[^']*': No matching global element declaration")


def faults(root: etree._Element) -> list[str]:
    """What the schemas say against an answer, one line each. The test is skipped where there are no schemas."""
    # A format's own schema judges its elements below.
    passed_over = _WITHOUT | {form.namespace for form in OAI_FORMATS} - set(_ENVELOPE)
    found = [
        str(error)
        for error in _complaints(_schema(OAI), root)
        if not ((unknown := _NO_SCHEMA.search(error.message)) and unknown[1] in passed_over)
    ]
    for metadata in root.iterfind(f".//{{{OAI}}}metadata"):
        for element in metadata:
            schema = _schema(etree.QName(element).namespace or "")
            if schema is not None:
                found += map(str, _complaints(schema, etree.fromstring(etree.tostring(element))))
    return found


def schema_is_at_hand(namespace: str) -> bool:
    """Whether elements of this namespace are judged at all."""
    return _schema(namespace) is not None


def _complaints(schema: etree.XMLSchema | None, root: etree._Element) -> list[etree._LogEntry]:
    assert schema is not None
    return [] if schema.validate(root) else list(schema.error_log)


@cache
def _schema(namespace: str) -> etree.XMLSchema | None:
    """The schema of a namespace, with all that it needs beside it; None where it is not at hand."""
    declared = {form.namespace: form.schema for form in OAI_FORMATS}
    addresses = _ENVELOPE if namespace == OAI else {namespace: declared.get(namespace, "")}
    files = {
        name: file
        for name, address in (addresses | _INSIDE.get(namespace, {})).items()
        if (file := _local(address))
    }
    if namespace not in files:
        return None
    imports = "".join(
        f'<xs:import namespace="{name}" schemaLocation="{file.as_uri()}"/>' for name, file in files.items()
    )
    # Not by libxml2's own catalogue: it reads the variable that names one only once, at the first look.
    return schema_of_text(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>')


def _local(address: str) -> Path | None:
    """The file that the catalogue has for an official address, or vocab/ for one of ours."""
    if address.startswith(INTERNAL):
        return Path(__file__).parents[2] / address.removeprefix(INTERNAL)
    file = local(address) if address else None
    return file if file and file.is_file() else None
