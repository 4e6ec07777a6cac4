"""The way that a record came, as the upstream's own `about` tells it (OAI-PMH guidelines for provenance).

Whatever an upstream says there is only kept, never believed: bounded in depth and length.
"""

from typing import Any

from repository.model.datestamps import parse_since
from repository.model.errors import DateError
from repository.model.records import Origin

PROVENANCE = "{http://www.openarchives.org/OAI/2.0/provenance}"
MAX_STEPS = 20
MAX_TEXT = 2000


def chain_of(about: tuple[Any, ...]) -> tuple[Origin, ...]:
    """The steps before ours, newest first, of the first provenance that has any."""
    for container in about:
        found = _steps(container.find(f"{PROVENANCE}provenance/{PROVENANCE}originDescription"))
        if found:
            return tuple(found)
    return ()


def _steps(description: Any) -> list[Origin]:
    steps: list[Origin] = []
    while description is not None and len(steps) < MAX_STEPS:
        steps.append(
            Origin(
                base_url=_text(description, "baseURL"),
                identifier=_text(description, "identifier"),
                datestamp=_text(description, "datestamp"),
                namespace=_text(description, "metadataNamespace"),
                harvested=_date(description.get("harvestDate", "")),
                altered=description.get("altered", "").strip() in ("true", "1"),
            )
        )
        description = description.find(f"{PROVENANCE}originDescription")
    return steps


def _text(description: Any, name: str) -> str:
    return (description.findtext(f"{PROVENANCE}{name}") or "").strip()[:MAX_TEXT]


def _date(text: str) -> int:
    """Seconds since 1970; 0 for what is no date."""
    try:
        return parse_since(text.strip())
    except DateError:
        return 0
