"""What programs may do here, as OpenAPI 3.1, made of the same tables that the doors go by; and the kinds of problems.

Reading is told in short: every link and form of a record is told by the record itself (Link headers).
"""

import json
from dataclasses import dataclass
from typing import Any

from repository import __version__
from repository.assembly import House
from repository.log import RIGHTS
from repository.readers.media_types import TYPES
from repository.web import search_openapi
from repository.web.batches import BATCH_BYTES, STRICT_RECORDS
from repository.web.html import Html
from repository.web.http import LONG, Link, Reply
from repository.web.openapi_reading import responses
from repository.web.problems import KINDS
from repository.web.variants import EXTENSIONS
from repository.web.writing import OUTCOMES, RECORD_BYTES

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"

# Statuses that each door may answer with beside its own.
_ALWAYS = (400, 401, 403, 429, 500, 503)
WRITING = {
    ("put", "/record/{identifier}"): (200, 201, 404, 412, 413, 415, 422, 507, *_ALWAYS),
    ("delete", "/record/{identifier}"): (204, 404, 412, 422, 507, *_ALWAYS),
    ("post", "/records"): (200, 413, 415, 422, 507, *_ALWAYS),
}

EXAMPLE_IDENTIFIER = "RePEc:xde:wpferr:2020-01"
# Tried by the tests as it stands; the people and the work are invented.
EXAMPLE_REDIF = (
    "Template-Type: ReDIF-Paper 1.0\n"
    "Title: On being waved at by ferries\n"
    "Author-Name: Ada Garden\n"
    "Creation-Date: 2020-03\n"
    f"Handle: {EXAMPLE_IDENTIFIER}\n"
)


@dataclass(frozen=True, slots=True)
class OpenApi:
    house: House
    html: Html

    def document(self) -> Reply:
        text = json.dumps(self.description(), ensure_ascii=False, indent=1).encode() + b"\n"
        return Reply(lambda: text, MEDIA_TYPE, cache=LONG)

    def records(self) -> Reply:
        """What may be sent to this address, for whoever looks at it."""
        site = self.house.site
        body = {
            "description": "POST many records here, in one of these types, with a bearer token.",
            "types": list(TYPES),
            "bytes": BATCH_BYTES,
            "openapi": site.page("openapi.json"),
        }
        text = json.dumps(body, indent=1).encode() + b"\n"
        links = (Link(site.page("openapi.json"), "service-desc", MEDIA_TYPE.partition(";")[0]),)
        return Reply(lambda: text, "application/json", cache=LONG, links=links)

    def problems(self) -> Reply:
        """The page that the types of problems lead to."""
        page = self.html.render("problems.html", kinds=KINDS)
        return Reply(lambda: page, "text/html", cache=LONG)

    def description(self) -> dict[str, Any]:
        name = self.house.settings.repository_name
        return {
            "openapi": "3.1.0",
            "info": {
                "title": f"{name}: records",
                "version": __version__,
                "description": "Reading needs no token. What was written is to be read at once.",
            },
            "servers": [{"url": self.house.site.base.rstrip("/")}],
            "paths": {
                "/record/{identifier}": {
                    "parameters": [_IDENTIFIER],
                    "get": _get(),
                    "put": _put(),
                    "delete": _delete(),
                },
                "/records": {"get": _about(), "post": _post()},
                **(search_openapi.paths() if self.house.settings.search == "yes" else {}),
                "/openapi.json": {
                    "get": {"summary": "This document", "responses": responses(_200={"description": "It."})}
                },
            },
            "components": {"schemas": _schemas(), "securitySchemes": _SECURITY},
        }


_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": f"Made by `sheaf token add`, with rights ({', '.join(RIGHTS)}) and prefixes of identifiers.",
    }
}
_IDENTIFIER = {
    "name": "identifier",
    "in": "path",
    "required": True,
    "description": "A handle or another identifier; `/` may be in it, and is not escaped.",
    "schema": {"type": "string"},
    "example": EXAMPLE_IDENTIFIER,
}
_CONDITIONS = [
    {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": text}
    for name, text in (
        ("If-Match", "An ETag of the record, of any of its forms: else 412."),
        ("If-None-Match", "`*`: only if there is no such record; else 412."),
        (
            "If-Unmodified-Since",
            "An HTTP-date: 412 where the record changed after it; 400 for any other text.",
        ),
    )
]


def _get() -> dict[str, Any]:
    return {
        "summary": "Read a record, in the form that Accept asks for",
        "description": f"Or with one of these extensions: {', '.join(sorted(EXTENSIONS))}.",
        "responses": responses(308, 404, 406, 410, 503, _200={"description": "The record."}),
    }


def _about() -> dict[str, Any]:
    return {
        "summary": "What may be sent here",
        "responses": responses(_200={"description": "Types, and the most bytes.", **_json("Door")}),
    }


def _put() -> dict[str, Any]:
    made = {"description": "Created.", **_json("Kept"), "headers": _headers("ETag", "Location")}
    kept = {"description": "Replaced, or the same as before.", **_json("Kept"), "headers": _headers("ETag")}
    return _door(
        "put",
        "/record/{identifier}",
        "Keep one record, which is about this identifier",
        {"201": made, "200": kept},
        {"parameters": _CONDITIONS, "requestBody": _body(RECORD_BYTES)},
    )


def _delete() -> dict[str, Any]:
    successor = {
        "name": "successor",
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
        "description": "The record that takes its place; or Link with rel=successor-version.",
    }
    return _door(
        "delete",
        "/record/{identifier}",
        "Delete a record: a tombstone stays, and its history",
        {"204": {"description": "It is deleted, now or before."}},
        {"parameters": [*_CONDITIONS, successor]},
    )


def _post() -> dict[str, Any]:
    prefer = {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": f"`handling=strict`: all or none, of at most {STRICT_RECORDS} records.",
    }
    return _door(
        "post",
        "/records",
        "Keep many records; to do so again is harmless",
        {"200": {"description": "What became of each.", **_json("Report")}},
        {"parameters": [prefer], "requestBody": _body(BATCH_BYTES)},
    )


def _door(method: str, path: str, summary: str, own: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    others = {
        str(status): {
            "description": "; ".join(title for code, title in KINDS.values() if code == status) + ".",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted(WRITING[method, path])
        if str(status) not in own
    }
    return {"summary": summary, "security": [{"token": []}], **more, "responses": {**own, **others}}


def _body(most: int) -> dict[str, Any]:
    content: dict[str, Any] = {
        media_type: {"schema": {"type": "string", "contentMediaType": media_type}} for media_type in TYPES
    }
    redif = next(media_type for media_type, reader in TYPES.items() if reader.name == "redif")
    content[redif]["example"] = EXAMPLE_REDIF
    return {"required": True, "description": f"At most {most} bytes, gzipped or not.", "content": content}


def _json(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"schema": {"type": "string"}} for name in names}


def _schemas() -> dict[str, Any]:
    text = {"type": "string"}
    finding = {
        "type": "object",
        "required": ["rule", "severity", "value"],
        "properties": {
            "rule": {**text, "description": "A short stable word."},
            "severity": {"enum": ["error", "warning", "info"]},
            "value": {**text, "description": "What is wrong, with the field and the value."},
            "done": text,
            "line": {"type": "integer", "minimum": 1},
            "identifier": text,
        },
    }
    findings = {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}
    words = list(OUTCOMES.values())
    return {
        "Finding": finding,
        "Door": {
            "type": "object",
            "required": ["description", "types", "bytes", "openapi"],
            "properties": {
                "description": text,
                "types": {"type": "array", "items": text},
                "bytes": {"type": "integer", "minimum": 1},
                "openapi": {**text, "format": "uri"},
            },
        },
        "Kept": {
            "type": "object",
            "required": ["identifier", "outcome", "record", "findings"],
            "properties": {
                "identifier": text,
                "outcome": {"enum": words},
                "record": {**text, "format": "uri"},
                "findings": findings,
            },
        },
        "Report": {
            "type": "object",
            "required": ["outcomes", "items", "findings"],
            "properties": {
                "outcomes": {
                    "type": "object",
                    "required": [*words, "refused"],
                    "additionalProperties": {"type": "integer", "minimum": 0},
                },
                "items": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["identifier", "outcome", "findings"],
                        "properties": {
                            "identifier": text,
                            "outcome": {"enum": [*words, "refused"]},
                            "line": {"type": "integer", "minimum": 1},
                            "findings": findings,
                        },
                    },
                },
                "findings": findings,
            },
        },
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {**text, "format": "uri"},
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "errors": findings,
            },
        },
    }
