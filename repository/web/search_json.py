"""Results as JSON, for programs, and what is wrong with a question as a problem (RFC 9457)."""

import json
from typing import Any

from repository.model.site import Site
from repository.search import PAGE
from repository.web.problems import KINDS as PROBLEMS
from repository.web.search_asked import Wrong
from repository.web.search_page import Choice, Hit, Shown, Similar, sort_of


def as_json(site: Site, page: Shown) -> bytes:
    asked, results = page.asked, page.results
    made: dict[str, Any] = {
        "q": asked.text,
        "total": results.total,
        "page": asked.page,
        "pages": page.pages,
        "per_page": PAGE,
        "sort": sort_of(asked),
        "entry": results.seq,
        "estimated": results.estimated,
        "url": asked.address(site, "json"),
        "next": asked.at_page(asked.page + 1).address(site, "json") if page.following else None,
        "previous": asked.at_page(min(asked.page - 1, page.pages or 1)).address(site, "json")
        if page.before
        else None,
        "results": [_as_json(site, hit) for hit in page.hits],
        "facets": {facet.name: [_choice(each) for each in facet.choices] for facet in page.facets},
        "suggestion": page.suggested or None,
        "exports": {kind: address for _, address, kind in page.exports},
    }
    # Without room between, which would cost more than all else: Python indents it itself.
    return json.dumps(made, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _choice(each: Choice) -> dict[str, Any]:
    return {"value": each.value, "label": each.label, "count": each.count, "chosen": each.chosen}


def _as_json(site: Site, hit: Hit) -> dict[str, Any]:
    work = hit.work
    return {
        "id": site.thing(work.identifier),
        "identifier": work.identifier,
        "record": site.record(work.identifier),
        "type": work.type,
        "title": work.title.value,
        "authors": [person.name for person in work.creators],
        "editors": [person.name for person in work.editors],
        "date": work.date or None,
        "host": work.host or None,
        "series": list(work.part_of),
        "doi": list(work.dois),
        "jel": list(work.jel),
        "keywords": [each.value for each in work.keywords],
        "languages": list(work.languages),
        "citations": hit.citations,
        "fulltext": [site.external(file.url) for file in work.files],
        # Text alone, nothing to be shown as HTML; each piece tells whether it was found.
        "snippet": [{"text": piece.text, "found": piece.found} for piece in hit.snippet],
    }


def problem(site: Site, wrong: Wrong) -> bytes:
    """What is wrong with a question, as RFC 9457 has problems."""
    made: dict[str, Any] = {
        "type": site.page("problems#bad-request"),
        "title": PROBLEMS["bad-request"][1],
        "status": 400,
        "detail": wrong.problem,
        "q": wrong.asked.text,
    }
    if wrong.at is not None:
        made |= {"at": wrong.at, "length": wrong.length}
    return json.dumps(made, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def similar_json(site: Site, page: Similar) -> bytes:
    made = {
        "about": site.thing(page.work.identifier),
        "results": [_as_json(site, hit) for hit in page.hits],
    }
    return json.dumps(made, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"
