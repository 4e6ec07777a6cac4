"""The description for programs says what the doors do: routes, statuses, schemas, and examples that work."""

import gzip
from typing import Any

import pytest

from repository.web.app import create_app
from repository.web.openapi import EXAMPLE_IDENTIFIER, EXAMPLE_REDIF
from tests.writing.conftest import redif


@pytest.fixture(scope="module")
def described(door) -> dict[str, Any]:
    reply = door.get("/openapi.json")
    assert reply.mimetype == "application/vnd.oai.openapi+json"
    return reply.get_json(force=True)


def conforms(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "$") -> None:
    """Holds a value against the part of JSON Schema that the document uses; anything else in a schema fails."""
    if "$ref" in schema:
        found = whole
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return conforms(value, found, whole, at)
    known = {
        "type",
        "required",
        "properties",
        "items",
        "enum",
        "minimum",
        "additionalProperties",
        "format",
        "description",
    }
    assert not set(schema) - known, f"{at}: {set(schema) - known}"
    if "enum" in schema:
        assert value in schema["enum"], at
    kinds = {"object": dict, "array": list, "string": str, "integer": int}
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), f"{at}: {value!r}"
    if "minimum" in schema:
        assert value >= schema["minimum"], at
    for name in schema.get("required", ()):
        assert name in value, f"{at}.{name}"
    for name, one in value.items() if isinstance(value, dict) else ():
        part = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        assert part is not None, f"{at}.{name} is described nowhere"
        conforms(one, part, whole, f"{at}.{name}")
    for one in value if isinstance(value, list) else ():
        conforms(one, schema["items"], whole, f"{at}[]")
    return None


def answers(described: dict[str, Any], path: str, method: str, reply: Any) -> None:
    """Whether a reply is one of those that the document has for its door."""
    responses = described["paths"][path][method]["responses"]
    assert str(reply.status_code) in responses, f"{method} {path} answered {reply.status_code}"
    content = responses[str(reply.status_code)].get("content")
    if content:
        assert reply.mimetype in content
        conforms(reply.get_json(force=True), content[reply.mimetype]["schema"], described)
    else:
        assert not reply.data


def test_every_writing_route_is_described_and_every_described_one_is_there(described, written):
    rules = create_app(written).url_map.iter_rules()
    real = {
        (rule.rule.replace("<path:path>", "{identifier}"), method.lower())
        for rule in rules
        for method in rule.methods
        if method in ("PUT", "DELETE", "POST") and not rule.rule.startswith(("/oai", "/sparql"))
    }
    told = {
        (path, method)
        for path, doors in described["paths"].items()
        for method in doors
        if method in ("put", "delete", "post")
    }
    assert told == real


def test_the_examples_work_as_they_stand(described, door, give):
    media_types = described["paths"]["/record/{identifier}"]["put"]["requestBody"]["content"]
    examples = {kind: each["example"] for kind, each in media_types.items() if "example" in each}
    assert list(examples.values()) == [EXAMPLE_REDIF]
    for kind, text in examples.items():
        headers = {**give("RePEc:xde:"), "Content-Type": kind}
        reply = door.put(f"/record/{EXAMPLE_IDENTIFIER}", data=text.encode(), headers=headers)
        assert reply.status_code in (200, 201), reply.text


PUT, DELETE, POST = ("/record/{identifier}", "put"), ("/record/{identifier}", "delete"), ("/records", "post")


def test_every_reply_is_as_it_is_described(described, door, give, headers):
    place = "/record/RePEc:xde:api:1"
    sent = redif("RePEc:xde:api:1")
    for kind, status, reply in (
        (PUT, 201, door.put(place, data=sent, headers=headers)),
        (PUT, 200, door.put(place, data=sent, headers=headers)),
        (PUT, 400, door.put(place + "?access_token=x", data=sent)),
        (PUT, 400, door.put(place, data=b"x", headers={**headers, "Content-Encoding": "gzip"})),
        (PUT, 401, door.put(place, data=sent)),
        (PUT, 403, door.put(place, data=sent, headers=give("RePEc:other:"))),
        (PUT, 404, door.put("/record/a b", data=sent, headers=headers)),
        (
            PUT,
            412,
            door.put(place, data=redif("RePEc:xde:api:1", "New"), headers={**headers, "If-Match": '"x"'}),
        ),
        (
            PUT,
            413,
            door.put(
                place, data=gzip.compress(b"a" * (5 << 20)), headers={**headers, "Content-Encoding": "gzip"}
            ),
        ),
        (PUT, 415, door.put(place, data=sent, headers={**headers, "Content-Type": "text/x-unknown"})),
        (PUT, 422, door.put(place, data=b"", headers=headers)),
        (DELETE, 404, door.delete("/record/RePEc:xde:api:none", headers=headers)),
        (DELETE, 412, door.delete(place, headers={**headers, "If-Match": '"x"'})),
        (DELETE, 422, door.delete(place + "?successor=nobody", headers=headers)),
        (DELETE, 204, door.delete(place, headers=headers)),
        (POST, 200, door.post("/records", data=sent, headers=headers)),
        (POST, 400, door.post("/records", data=sent, headers={**headers, "If-None-Match": "*"})),
        (POST, 401, door.post("/records", data=sent)),
        (POST, 415, door.post("/records", data=sent, headers={**headers, "Content-Type": "text/x-unknown"})),
        (POST, 422, door.post("/records", data=b"<", headers={**headers, "Content-Type": "text/turtle"})),
    ):
        assert reply.status_code == status, (kind, reply.text)
        answers(described, *kind, reply)


def test_every_method_that_an_address_allows_is_described(described, door):
    for path, doors in described["paths"].items():
        allowed = door.options(path.replace("{identifier}", "RePEc:xde:api:1")).headers["Allow"]
        methods = {each.strip().lower() for each in allowed.split(",")} - {"head", "options"}
        assert methods == set(doors) - {"parameters"}, path


def test_reading_replies_are_as_they_are_described(described, door):
    answers(described, "/records", "get", door.get("/records"))
    assert door.get("/record/sheaf_0123456789ab_x").status_code == 400
    for path in ("/record/{identifier}", "/records"):
        assert "400" in described["paths"][path]["get"]["responses"]


def test_more_records_than_a_batch_takes_are_too_large(door, headers):
    sent = b"".join(redif(f"RePEc:xde:flood:{n}") for n in range(10_001))
    reply = door.post("/records", data=sent, headers=headers)
    assert (reply.status_code, reply.json["type"].rpartition("#")[2]) == (413, "too-large"), reply.text[:500]
    assert "10,000" in reply.json["detail"]


def test_each_problem_leads_to_its_word_on_the_page(door):
    reply = door.put("/record/RePEc:xde:api:1", data=b"")
    page, _, name = reply.json["type"].partition("#")
    assert page.endswith("/problems")
    assert f'id="{name}"' in door.get("/problems").text


def test_the_description_is_linked_from_where_programs_write(door):
    links = door.get("/records").headers["Link"]
    assert 'rel="service-desc"' in links
    assert "/openapi.json" in links
