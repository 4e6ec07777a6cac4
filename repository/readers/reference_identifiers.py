"""The identifier of an entry of a reference manager's format.

It is the first of these that the entry has:

1. the identifier in an address of this site (`<base>id/X`), as our own writers give it;
2. a RePEc handle: its key, or the end of one of its addresses (EconPapers gives such);
3. `doi:` and its DOI, in lower case;
4. the namespace that was asked for, a colon, and its key.

An entry that has none is refused.
"""

import re
from collections.abc import Iterable, Sequence

from repository.model.errors import IdentifierError
from repository.model.identifiers import normalise, spelled
from repository.model.site import Site
from repository.readers import redif_values as values
from repository.readers.reader import Source
from repository.readers.redif_findings import shown

_HANDLE = re.compile(r"(?<![A-Za-z0-9])RePEc:[^:\s/]+:[^\s?#]+", re.I)
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,62}", re.ASCII)
_TAKEN = ("repec", "doi", "jel", "oai", "mirror")

Fault = tuple[str, str]


def is_namespace(text: str) -> bool:
    """Whether identifiers may begin so; not those of RePEc, DOIs and JEL, which mean something."""
    return _NAMESPACE.fullmatch(text) is not None and text.lower() not in _TAKEN


def says_no_more(site: Site, address: str, identifier: str) -> bool:
    """Whether an address says no more than the identifier does."""
    match = _HANDLE.search(address)
    return site.identifier_of(address) == identifier or bool(match and values.handle(match[0]) == identifier)


def identify(
    source: Source, key: str, addresses: Sequence[str], dois: Iterable[str]
) -> tuple[str, Fault | None]:
    """The identifier; or none, and the finding that refuses the entry: its code and what it says."""
    own = next(filter(None, map(source.site.identifier_of, addresses)), None) or _handle(key, addresses)
    if own:
        return own, None
    doi = next(iter(dois), "")
    try:
        if doi:
            return normalise("doi:" + spelled(doi)), None
        if key and is_namespace(source.namespace):
            return normalise(f"{source.namespace}:{spelled(key)}"), None
    except IdentifierError as error:
        return "", ("invalid-identifier", str(error))
    return "", _missing(source.namespace, key)


def _handle(key: str, addresses: Sequence[str]) -> str:
    for text, whole in ((key, values.handle(key)), *((address, None) for address in addresses)):
        match = None if whole else _HANDLE.search(text)
        found = whole or (values.handle(match[0]) if match else None)
        if found and len(found.split(":")) > 2:
            return found
    return ""


def _missing(namespace: str, key: str) -> Fault:
    name = f"the entry {shown(key)}" if key else "the entry"
    if namespace and not is_namespace(namespace):
        text = "letters, digits, dots and hyphens, and not repec, doi, jel, oai or mirror"
        return "invalid-identifier", f"no namespace is {shown(namespace)}: it has {text}"
    if namespace and not key:
        return "no-identifier", f"{name} has no key, no DOI and no RePEc handle: give it one of these"
    text = f"{name} has neither a RePEc handle nor a DOI; give it one, or name a --namespace for its key"
    return "no-identifier", text
