"""E-mail addresses and telephone numbers in the texts of a Work, whatever format it was read from: kept private.

ReDIF's rules (`redif_contacts`) for readers of other formats. RDF is not searched: it has properties for them.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from repository.model.work import Organisation, Person, Work
from repository.readers.addresses import exact
from repository.readers.redif_contacts import without_contacts

Private = Mapping[str, tuple[str, ...]]

# What names or addresses something: an @ is theirs by right.
_LEFT_ALONE = frozenset(
    (
        *(
            "identifier",
            "type",
            "format",
            "url",
            "homepage",
            "homepages",
            "landing_pages",
            "see_also",
            "same_as",
        ),
        *(
            "dois",
            "isbns",
            "issns",
            "jel",
            "languages",
            "issued",
            "created",
            "revised",
            "short_id",
            "part_of",
        ),
        *("has_versions", "version_of", "has_parts", "replaces", "replaced_by", "cites", "made", "edited"),
    )
)
# Where people write how to reach somebody; in titles and abstracts no number is looked for.
_REACHED = {"given": "name", "family": "name", "keywords": "note"}


def withheld(work: Work) -> tuple[Work, Private]:
    """The work without contacts in its texts, and what was taken out by the attribute that it stood in.

    Who has no name but an address is left out; a title may be left empty.
    """
    taken: dict[str, list[str]] = {}
    found = {
        each.name: _clean(each.name, getattr(work, each.name), taken.setdefault(each.name, []))
        for each in fields(work)
        if each.name not in _LEFT_ALONE
    }
    private = {name: tuple(dict.fromkeys(facts)) for name, facts in taken.items() if facts}
    return (replace(work, **found) if private else work), private


def _clean(name: str, value: Any, taken: list[str]) -> Any:
    if isinstance(value, str):
        return _source_field(value, taken) if name == "source_fields" else _text(name, value, taken)
    if isinstance(value, tuple):
        cleaned = (_clean(name, one, taken) for one in value)
        return tuple(
            one for before, one in zip(value, cleaned, strict=True) if one == before or not _is_empty(one)
        )
    if is_dataclass(value) and not isinstance(value, type):
        parts = {
            each.name: _clean(name if each.name == "value" else each.name, getattr(value, each.name), taken)
            for each in fields(value)
            if each.name not in (*_LEFT_ALONE, "language")
        }
        return replace(value, **parts)
    return value


def _text(name: str, value: str, taken: list[str]) -> str:
    text, found = without_contacts(_REACHED.get(name, name), value)
    taken += found
    return text if found else value


def is_private(line: str) -> bool:
    """Whether nothing is left of a source field without its contacts."""
    return not _source_field(line, [])


def _source_field(line: str, taken: list[str]) -> str:
    """`X-RIS-AD: somewhere, somebody@example.org` without what stands behind the comma."""
    name, _, value = line.partition(": ")
    if exact(value):
        return line
    # What is no address, although a field for one held it, may have somebody's beside it.
    text, found = without_contacts(f"address-{name.lower().removesuffix('url')}", value)
    taken += found
    return f"{name}: {text}" if found and text else "" if found else line


def _is_empty(value: Any) -> bool:
    if isinstance(value, Person | Organisation):
        return not value.name
    return not getattr(value, "value", value)


def masked(text: str) -> str:
    """What a finding says, without contacts."""
    clean, taken = without_contacts("note", text)
    return f"{clean} (without a contact)" if taken else text
