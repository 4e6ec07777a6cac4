"""What programs may ask of the search, as OpenAPI 3.1 has it; made of the tables that the doors go by."""

from typing import Any

from repository.search import FACETS, LONGEST, MOST_EXPORTED, MOST_PAGES, PAGE, SORTS
from repository.web.openapi_reading import responses
from repository.web.search_lists import EXPORTED, KINDS

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_FACET_TEXTS = {
    "type": "A type of record.",
    "year": "A year, or a range: 2020..2025.",
    "series": "The handle of a series or journal.",
    "jel": "A JEL code.",
    "lang": "A language, in two letters.",
    "fulltext": "`yes`: with a full text that anybody can read; `no`: without.",
}


def paths() -> dict[str, Any]:
    return {
        "/search": {"get": _get("Search the records, in the form that Accept asks for", (406,), *_all())},
        "/search.json": {"get": _get("Search the records, for programs", (), *_all()[:1])},
        "/search.{form}": {
            "parameters": [
                {
                    "name": "form",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "enum": ["html", "atom", *EXPORTED]},
                }
            ],
            "get": _get(
                f"The first {MOST_EXPORTED:,} results as a file, the newest as a feed, or a page of them",
                (206, 413, 416),
                "text/html",
                *(kind for form, kind in KINDS.items() if form != "json"),
            ),
        },
        "/similar/{identifier}": {
            "parameters": [{"name": "identifier", "in": "path", "required": True, "schema": _TEXT}],
            "get": {
                "summary": "Records about the same as one",
                "responses": responses(
                    308, 404, _200=_content("The nearest first.", *_all()[:2]), _503=_AGAIN
                ),
            },
        },
    }


def _all() -> tuple[str, ...]:
    return (KINDS["json"], "text/html", KINDS["atom"])


def _get(summary: str, statuses: tuple[int, ...], *kinds: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": "The language of queries is described in docs/search.md.",
        "parameters": [
            _argument("q", "The query; everything where there is none.", maxLength=LONGEST),
            *(_many(name) for name in FACETS),
            _argument("sort", "The order.", enum=list(SORTS)),
            {
                "name": "page",
                "in": "query",
                "required": False,
                "description": f"Of {PAGE} results each.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST_PAGES},
            },
        ],
        "responses": responses(
            *statuses, 414, _200=_content("The results.", *kinds), _400=_NOT_UNDERSTOOD, _503=_AGAIN
        ),
    }


_NOT_UNDERSTOOD = {
    "description": "The query cannot be understood: `detail` says why, `at` and `length` where in `q`.",
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        "text/html": {},
    },
}
_AGAIN = {"description": "The index is being made, or too many search: come again after Retry-After."}


def _content(description: str, *kinds: str) -> dict[str, Any]:
    content = {kind: {"schema": _RESULTS} if kind == KINDS["json"] else {} for kind in kinds}
    return {"description": description, "content": content}


def _argument(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
    }


def _many(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{_FACET_TEXTS[name]} Several: one of them is enough.",
        "schema": _TEXTS,
        "explode": True,
    }


_RESULT = {
    "type": "object",
    "required": ["id", "identifier", "record", "type", "title", "authors", "citations"],
    "properties": {
        "id": {"type": "string", "format": "uri"},
        "identifier": _TEXT,
        "record": {"type": "string", "format": "uri"},
        "type": _TEXT,
        "title": _TEXT,
        "authors": _TEXTS,
        "editors": _TEXTS,
        "date": {"type": ["string", "null"]},
        "host": {"type": ["string", "null"]},
        "series": _TEXTS,
        "doi": _TEXTS,
        "jel": _TEXTS,
        "keywords": _TEXTS,
        "languages": _TEXTS,
        "citations": {"type": "integer"},
        "fulltext": _TEXTS,
        "snippet": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": _TEXT, "found": {"type": "boolean"}},
            },
        },
    },
}
_RESULTS = {
    "type": "object",
    "required": ["results"],
    "properties": {
        "q": _TEXT,
        "total": {"type": "integer"},
        "page": {"type": "integer"},
        "pages": {"type": "integer"},
        "per_page": {"type": "integer"},
        "sort": _TEXT,
        "entry": {"type": "integer", "description": "The entry of the log that the index has come to."},
        "estimated": {"type": "boolean", "description": "Facets were counted in a part of the results."},
        "url": {"type": "string", "format": "uri"},
        "next": {"type": ["string", "null"]},
        "previous": {"type": ["string", "null"]},
        "results": {"type": "array", "items": _RESULT},
        "facets": {
            "type": "object",
            "description": "Each facet with its most frequent values, of none with none.",
        },
        "suggestion": {"type": ["string", "null"]},
        "exports": {"type": "object"},
    },
}
