"""People and organisations as Crossref's JSON names them, with ORCID iDs and the identifiers of affiliations."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from repository.model.work import Organisation, Person
from repository.readers.addresses import exact
from repository.readers.json_items import listed, shown, text
from repository.readers.reference import Making
from repository.readers.reference_words import person


def people(attribute: str) -> Callable[[Making, str, Any], None]:
    def put(made: Making, name: str, value: Any) -> None:
        found = []
        for one in listed(value):
            if not isinstance(one, dict):
                made.leave(name, shown(one), "invalid-value", "no name")
                continue
            part = {
                key: made.clean(name, text(one.get(key))) for key in ("given", "family", "name", "suffix")
            }
            family = " ".join(filter(None, (part["family"], part["suffix"]))) if part["family"] else ""
            if not (part["name"] or family or part["given"]):
                continue
            signed = person(part["name"], part["given"], family)
            for key, other in one.items():
                if (
                    key not in _NAME
                    and other not in (None, "", [], {})
                    and not _is_as_named(name, key, other)
                ):
                    made.leave(f"{name}-{key}", f"{shown(other)} ({signed.name})")
            found.append(_with_links(signed, made, name, one))
        made.attributes[attribute] = (*made.attributes.get(attribute, ()), *found)

    return put


def _is_as_named(name: str, key: str, value: Any) -> bool:
    """Whether roles say no more than the list in which a name stands."""
    return key == "role" and all(isinstance(one, dict) and one.get("role") == name for one in listed(value))


# Of a name; its place in the sequence is the list's, and who confirmed an ORCID iD is Crossref's business.
_NAME = ("given", "family", "name", "suffix", "ORCID", "affiliation", "sequence", "authenticated-orcid")
_PLACE = ("name", "id", "place", "department", "acronym")


def _with_links(signed: Person, made: Making, name: str, said: dict[str, Any]) -> Person:
    given = text(said.get("ORCID"))
    orcid = exact(given.replace("http://orcid.org", "https://orcid.org")) or ""
    if given and not orcid:
        made.leave(f"{name}-ORCID", f"{given} ({signed.name})", "invalid-url", "an ORCID iD is an address")
    workplaces = filter(None, (organisation(made, name, one) for one in listed(said.get("affiliation"))))
    return replace(signed, identifier=orcid, workplaces=tuple(workplaces))


def organisation(made: Making, name: str, said: Any) -> Organisation | None:
    """With its place, and its identifier if that is an address (ROR, Wikidata)."""
    if not isinstance(said, dict):
        said = {"name": text(said)}
    words = [made.clean(name, text(one)) for key in ("department", "name") for one in listed(said.get(key))]
    links = [text(one.get("id")) for one in listed(said.get("id")) if isinstance(one, dict)]
    addresses = [address for one in links if (address := exact(one))]
    place = ", ".join(filter(None, (made.clean(name, text(one)) for one in listed(said.get("place")))))
    acronym = ", ".join(filter(None, map(text, listed(said.get("acronym")))))
    called = ", ".join(filter(None, words)) or acronym
    for key, other in said.items():
        if key not in _PLACE:
            made.leave(f"{name}-{key}", shown(other))
    for other in (*(one for one in links if exact(one) is None), *addresses[1:]):
        made.leave(f"{name}-affiliation-id", other)
    if acronym and acronym != called:
        made.leave(f"{name}-acronym", acronym)
    return Organisation(called, location=place, identifier=(addresses or [""])[0]) if called else None
