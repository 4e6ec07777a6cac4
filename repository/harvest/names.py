"""Under which identifier and in which sets a record of another repository stands here.

A RePEc handle keeps its name. A Sheaf's record keeps the identifier that the other Sheaf gave it. Anything else is
known by its whole OAI identifier, in which what no identifier of ours may hold is written `~2F`.
"""

from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from repository.formats.redif import OAI_REDIF
from repository.model.errors import IdentifierError
from repository.model.identifiers import archive_of, is_identifier, normalise, spelled
from repository.model.sets import from_spec, is_spec
from repository.model.terms import INTERNAL
from repository.model.work import Work


def sheaf_of(schemas: Iterable[str]) -> str:
    """The base URL of a Sheaf, which offers ReDIF by a schema of its own; empty for every other repository."""
    path = OAI_REDIF.schema.removeprefix(INTERNAL)
    return next((each.removesuffix(path) for each in schemas if each.endswith(f"/{path}")), "")


def local_names(oai_identifier: str) -> tuple[str, ...]:
    """What the upstream may call the record itself, the likeliest first: `X` of `oai:<namespace>:X`, or the whole."""
    found = []
    scheme, colon, rest = oai_identifier.partition(":")
    if colon and scheme.lower() == "oai":
        namespace, colon, local = rest.partition(":")
        found = [rest] if namespace.lower() == "repec" else [local, rest]
    names = []
    for text in (*found, oai_identifier):
        try:
            names.append(normalise(unquote(text, errors="strict")))
        except (IdentifierError, UnicodeDecodeError):
            continue
    return tuple(dict.fromkeys(names))


def derived(oai_identifier: str) -> str:
    """The identifier of a record about which nothing but its OAI identifier is known.

    Raises IdentifierError where that is empty or too long.
    """
    for name in local_names(oai_identifier):
        if archive_of(name):
            return name
    return normalise(spelled(oai_identifier))


def possible(oai_identifier: str) -> tuple[str, ...]:
    """Every identifier under which this upstream record may have been kept, for a deletion tells no more; last the one
    that it has if its upstream is no Sheaf."""
    names = dict.fromkeys(name for name in local_names(oai_identifier) if is_identifier(name))
    with suppress(IdentifierError):
        last = derived(oai_identifier)
        names.pop(last, None)
        names[last] = None
    return tuple(names)


def sets_from(base_url: str, specs: tuple[str, ...]) -> tuple[str, ...]:
    """`from:<host>:<the upstream's setSpec>` of each, or `from:<host>` where there is none."""
    host = urlsplit(base_url).hostname or ""
    found = tuple(made for spec in specs if is_spec(made := from_spec(host, spec)))
    return found or tuple(root for root in (from_spec(host),) if is_spec(root))


def has_own_sets(work: Work, known_here: bool) -> bool:
    """Whether ingest's sets say enough: those of a RePEc handle do, and those of a record that a Sheaf gave."""
    return known_here or bool(work.handle)
