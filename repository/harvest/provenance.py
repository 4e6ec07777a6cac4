"""What an upstream's `about` tells beside a record: the way that it came, and the rights in its metadata.

Whatever is said there is only kept, never believed: bounded in depth and length. What could not be said again in an
`about` of ours (it is no UTC datestamp, no URI) is left out, and `doubt` hears why.

Sources: OAI-PMH guidelines for provenance and for rights.
"""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from repository.model.datestamps import parse_since
from repository.model.errors import DateError
from repository.model.records import Origin
from repository.model.uris import is_absolute
from repository.readers.page_records import Found

Doubt = Callable[[str], None]

PROVENANCE = "{http://www.openarchives.org/OAI/2.0/provenance}"
RIGHTS = "{http://www.openarchives.org/OAI/2.0/rights/}"
METADATA = "http://www.openarchives.org/OAI/2.0/entity#metadata"
MAX_STEPS = 20
MAX_TEXT = 2000
MAX_RIGHTS = 5
MAX_DEFINITION = 10_000
# What a browser would run if it met it in a page of ours.
_RUNS = ("{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}")


# -- the way -----------------------------------------------------------------------------------------------


def own_step(found: Found, base_url: str, namespace: str, now: int, doubt: Doubt) -> Origin:
    """The step from the upstream to us. Its identifier is kept whatever it is, for the record is known by it."""
    datestamp = found.datestamp
    if not _is_datestamp(datestamp):
        doubt(f"its datestamp {datestamp[:80]!r} is no UTC datestamp")
        datestamp = ""
    if not is_absolute(found.identifier):
        doubt("its identifier is no URI, so that provenance cannot tell where it came from")
    return Origin(base_url, found.identifier, datestamp, namespace, now, False)


def chain_of(about: tuple[Any, ...], doubt: Doubt) -> tuple[Origin, ...]:
    """The steps before ours, newest first, of the first provenance that has any."""
    for container in about:
        found = tuple(_steps(container.find(f"{PROVENANCE}provenance/{PROVENANCE}originDescription"), doubt))
        if found:
            return found
    return ()


def _steps(description: Any, doubt: Doubt) -> Iterator[Origin]:
    """Up to the first that cannot be told on: without it, those behind it would stand in its place."""
    for _ in range(MAX_STEPS):
        if description is None:
            return
        step = Origin(
            base_url=_text(description, "baseURL"),
            identifier=_text(description, "identifier"),
            datestamp=_text(description, "datestamp"),
            namespace=_text(description, "metadataNamespace"),
            harvested=_seconds(description.get("harvestDate", "").strip()),
            altered=description.get("altered", "").strip() in ("true", "1"),
        )
        fault = _fault(step)
        if fault:
            doubt(f"a step of its provenance is left out, and those before it: {fault}")
            return
        yield step
        description = description.find(f"{PROVENANCE}originDescription")


def _fault(step: Origin) -> str:
    for name, uri in (
        ("baseURL", step.base_url),
        ("identifier", step.identifier),
        ("metadataNamespace", step.namespace),
    ):
        if not is_absolute(uri) or len(uri) > MAX_TEXT:
            return f"{name} {uri[:80]!r} is no URI"
    if not _is_datestamp(step.datestamp):
        return f"datestamp {step.datestamp[:80]!r} is no UTC datestamp"
    return "" if step.harvested > 0 else "its harvestDate is no UTC datestamp"


def _text(description: Any, name: str) -> str:
    return (description.findtext(f"{PROVENANCE}{name}") or "").strip()[: MAX_TEXT + 1]


def _is_datestamp(text: str) -> bool:
    return bool(_seconds(text)) or text[:10] == "1970-01-01"


def _seconds(text: str) -> int:
    """Seconds since 1970; 0 for what is no date."""
    try:
        return parse_since(text)
    except DateError:
        return 0


# -- rights ------------------------------------------------------------------------------------------------


def rights_of(about: tuple[Any, ...], doubt: Doubt) -> tuple[str, ...]:
    """What is told of a record's metadata: URIs, and elements as XML, each within bounds."""
    found = (element for container in about for element in container.iterfind(f"{RIGHTS}rights"))
    told = (_statement(element, doubt) for element in found)
    return tuple(dict.fromkeys(filter(None, told)))[:MAX_RIGHTS]


def rights_of_all(descriptions: tuple[Any, ...]) -> tuple[str, ...]:
    """What Identify tells of all its metadata. Of several it says only that each holds for some record."""
    manifests = [one for one in descriptions if one.tag == f"{RIGHTS}rightsManifest"]
    of_metadata = [one for one in manifests if one.get("appliesTo", METADATA).strip() == METADATA]
    told = [element for manifest in of_metadata for element in manifest.iterfind(f"{RIGHTS}rights")]
    return tuple(filter(None, (_statement(told[0], lambda text: None),))) if len(told) == 1 else ()


def _statement(rights: Any, doubt: Doubt) -> str:
    reference = rights.find(f"{RIGHTS}rightsReference")
    if reference is not None:
        uri = str(reference.get("ref", "")).strip()
        if is_absolute(uri) and len(uri) <= MAX_TEXT:
            return uri
        doubt(f"the reference to its rights, {uri[:80]!r}, is no URI")
        return ""
    inside = list(rights.iterfind(f"{RIGHTS}rightsDefinition/*"))
    return (
        _definition(inside[0], doubt)
        if len(inside) == 1
        else _doubted(doubt, "no one element tells its rights")
    )


def _definition(element: Any, doubt: Doubt) -> str:
    """An element as XML that can stand anywhere: every namespace around it is declared on it."""
    if element.tag[0] != "{" or element.tag.startswith((RIGHTS, "{http://www.openarchives.org/OAI/2.0/}")):
        return _doubted(doubt, "what tells its rights has no namespace of its own")
    if any(str(each.tag).startswith(_RUNS) for each in element.iter()):
        return _doubted(doubt, "what tells its rights is a web page")
    text = str(etree.tostring(element, encoding="unicode", with_tail=False))
    return text if len(text) <= MAX_DEFINITION else _doubted(doubt, "what tells its rights is too long")


def _doubted(doubt: Doubt, text: str) -> str:
    doubt(text)
    return ""
