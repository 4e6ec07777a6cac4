"""`X-Sheaf-` fields of our own ReDIF: attributes of a Work as JSON, each a whole value that wins over other fields.

`repository.formats.redif_exact` writes them. Whoever else writes one is believed no more than any other source: each
value is checked, and one that cannot be is kept as a source field like any local field.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import pyoxigraph as ox

from repository.model.datestamps import is_partial_date
from repository.model.identifiers import JEL_CODE, is_identifier
from repository.model.ntriples import ILLEGAL_XML
from repository.model.site import doi_iri
from repository.model.terms import INTERNAL
from repository.model.vocabulary import work_types
from repository.model.work import File, Organisation, Person, Text, Work
from repository.readers.redif_contacts import without_contacts
from repository.readers.redif_fields import WORKS, is_private
from repository.readers.redif_findings import Note
from repository.readers.redif_gather import Gathered
from repository.readers.redif_text import Field

PREFIX = "x-sheaf-"
DERIVED = "x-sheaf-derived"
# Names a private field that an export filled in: what stands there is nobody's.
STAND_IN = "x-sheaf-stand-in"
# Where an export says one of them, nothing is to be filled in.
UNFILLED = frozenset(("x-sheaf-host", "x-sheaf-publishers"))
_MOST = 100_000
_LANGUAGE = re.compile(r"(?:[a-z]{1,8}(?:-[a-z0-9]{1,8})*)?")
_CODE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
# Types that a template may turn out to be of, beside its own.
_TYPES = {kind: ("document", "mirror") if kind == "paper" else () for kind in WORKS}

Check = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or ILLEGAL_XML.search(value):
        raise ValueError("a text")
    return value


def _tagged(value: Any) -> Text:
    text, language = value
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise ValueError("a language")
    return Text(_text(text), language)


def _maybe_tagged(value: Any) -> Text | None:
    return None if value is None else _tagged(value)


def _iri(value: Any) -> str:
    """`<...>` is an address of the house itself, below its base URL."""
    text = _text(value)
    iri = INTERNAL + text[1:-1] if text.startswith("<") and text.endswith(">") else text
    return str(ox.NamedNode(iri).value)


def _thing(value: Any) -> str:
    return (
        _iri(value)
        if "//" in _text(value) or _text(value).startswith("<")
        else _matching(is_identifier)(value)
    )


def _matching(holds: Callable[[str], object]) -> Check:
    def check(value: Any) -> str:
        if not holds(_text(value)):
            raise ValueError("a value of its kind")
        return str(value)

    return check


def _doi(value: Any) -> str:
    _iri(doi_iri(_text(value)))
    return str(value)


def _maybe(check: Check) -> Check:
    return lambda value: check(value) if value else ""


def _many(check: Check) -> Check:
    def all_of(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > _MOST:
            raise ValueError("a list")
        return tuple(map(check, value))

    return all_of


def _made(kind: Callable[..., Any], checks: Mapping[str, Check]) -> Check:
    # What is empty is not written, be it a name.
    unsaid = {"name": ""} if "name" in checks else {}
    return lambda value: kind(**{**unsaid, **{name: checks[name](one) for name, one in value.items()}})


_ORGANISATION = _made(
    Organisation,
    dict.fromkeys(("name", "name_english", "postal", "location"), _text)
    | {"homepage": _maybe(_iri), "identifier": _maybe(_thing)},
)
_PERSON = _made(
    Person,
    dict.fromkeys(("name", "given", "family"), _text)
    | {"homepage": _maybe(_iri), "identifier": _maybe(_thing), "workplaces": _many(_ORGANISATION)},
)
_FILE = _made(
    File, dict.fromkeys(("format", "function", "size"), _text) | {"url": _iri, "restriction": _maybe_tagged}
)
_ADDRESSES = ("landing_pages", "homepages", "see_also", "same_as")
_THINGS = (
    *("part_of", "has_parts", "has_versions", "version_of", "replaces", "replaced_by"),
    *("cites", "made", "edited"),
)
_SORTS: dict[str, Check] = {
    "title": _tagged,
    "restriction": _maybe_tagged,
    "creators": _many(_PERSON),
    "editors": _many(_PERSON),
    "providers": _many(_ORGANISATION),
    "workplaces": _many(_ORGANISATION),
    "files": _many(_FILE),
    "issued": _maybe(_matching(is_partial_date)),
    "created": _maybe(_matching(is_partial_date)),
    "revised": _many(_matching(is_partial_date)),
    "languages": _many(_matching(_CODE.fullmatch)),
    "dois": _many(_doi),
    "jel": _many(_matching(JEL_CODE.fullmatch)),
}
_SORTS |= dict.fromkeys(("alternatives", "abstracts", "descriptions", "notes", "keywords"), _many(_tagged))
_SORTS |= dict.fromkeys(_ADDRESSES, _many(_iri))
_SORTS |= dict.fromkeys(_THINGS, _many(_thing))
_SORTS |= {
    field.name: _many(_text) if str(field.type).startswith("tuple") else _text
    for field in fields(Work)
    if field.name not in _SORTS and field.name not in ("identifier", "type")
}


def take(gathered: Gathered) -> list[Field]:
    """The fields of this kind, which nobody else will see then."""
    if STAND_IN in gathered.ours:
        gathered.found.pop(STAND_IN, None)
    names = [name for name in gathered.found if name in gathered.ours] if gathered.ours else ()
    return [entry for name in names for entry in gathered.found.pop(name)]


def applied(work: Work, entries: list[Field], gathered: Gathered) -> Work:
    """The work as these fields say it; what cannot be is kept as it came."""
    values: dict[str, Any] = {}
    kept: list[str] = []
    for entry in entries:
        name = entry.name.lower()[len(PREFIX) :].replace("-", "_")
        try:
            found = json.loads(" ".join(entry.value.split("\n")))
            values[name] = _type(work, found) if name == "type" else _SORTS[name](found)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            entry = gathered.public(entry)
            gathered.note("invalid-local", entry, "this is not the value of an attribute of a Work")
            gathered.keep(entry)
            kept.append(f"{entry.name}: {' '.join(entry.value.split())}")
    if kept:
        values["source_fields"] = (*values.get("source_fields", work.source_fields), *kept)
    if not values:
        return work
    return _without_contacts(replace(work, **values), values, gathered)


def _type(work: Work, found: Any) -> str:
    if found not in work_types() or found not in (work.type, *_TYPES.get(work.type, ())):
        raise ValueError("a type of such a template")
    return str(found)


def _without_contacts(work: Work, named: Mapping[str, Any], gathered: Gathered) -> Work:
    """As of every field: e-mail addresses and telephone numbers go to the private facts."""

    def clean(key: str, value: Any) -> Any:
        if isinstance(value, str):
            text, taken = without_contacts(key, value)
            if taken:
                gathered.private.setdefault(key, []).extend(taken)
                gathered.notes.append(
                    Note("contact", 0, f"{key} holds an e-mail address or telephone number")
                )
            return text if taken else value
        if isinstance(value, tuple):
            return tuple(clean(key, one) for one in value)
        if isinstance(value, Text):
            return replace(value, value=clean(key, value.value))
        if isinstance(value, Person | Organisation | File):
            changed = {
                f.name: clean(_KEYS.get(f.name, f.name), getattr(value, f.name)) for f in fields(value)
            }
            return type(value)(**changed)
        return value

    changed = {
        name: clean(_KEYS.get(name, name), getattr(work, name))
        for name in named
        if name not in _LINKS and name != "source_fields"
    }
    if "source_fields" in named:
        public = []
        for one in work.source_fields:
            name, _, value = one.partition(":")
            if is_private(name.strip().lower()):
                gathered.private.setdefault(name.strip(), []).append(value.strip())
            else:
                public.append(one)
        changed["source_fields"] = tuple(clean(_key_of(one), one) for one in public)
    return replace(work, **changed)


def _key_of(line: str) -> str:
    return line.partition(":")[0].strip().lower()


# What an address of the web or a link is, is no contact for its @.
_LINKS = {"dois", "type", *_ADDRESSES, *_THINGS}
_KEYS = {"identifier": "handle", "maintainer": "maintainer-name", "files": "x"}
