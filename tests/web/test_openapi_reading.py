"""Doors that read answer with nothing that the description for programs does not name."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from repository.assembly import followed_search
from repository.web import search_lists
from repository.web.app import create_app
from tests.web.conftest import ARTICLE, GONE, MENTIONED

RECORD, FILES, SIMILAR = "/record/{identifier}", "/search.{form}", "/similar/{identifier}"
TOKEN = "sheaf_0123456789ab_x"
ANY = {"If-Match": '"other"'}
NO_FORM = {"Accept": "image/png"}

ASKED: list[tuple[str, int, str, dict[str, str]]] = [
    (RECORD, 200, f"/record/{ARTICLE}", {}),
    (RECORD, 400, f"/record/{TOKEN}", {}),
    (RECORD, 404, "/record/nothing", {}),
    (RECORD, 406, f"/record/{ARTICLE}", NO_FORM),
    (RECORD, 410, f"/record/{GONE}", {}),
    (RECORD, 412, f"/record/{ARTICLE}", ANY),
    ("/records", 200, "/records", {}),
    ("/records", 412, "/records", ANY),
    ("/openapi.json", 304, "/openapi.json", {"If-None-Match": "*"}),
    ("/openapi.json", 400, f"/openapi.json?key={TOKEN}", {}),
    ("/openapi.json", 412, "/openapi.json", ANY),
    ("/search", 200, "/search", {}),
    ("/search", 200, "/search", {"Accept": "text/html"}),
    ("/search", 400, "/search?q=year:soon", {}),
    ("/search", 400, "/search?q=year:soon", {"Accept": "text/html"}),
    ("/search", 406, "/search", NO_FORM),
    ("/search", 412, "/search", ANY),
    ("/search", 414, f"/search?q={'a' * 20_000}", {}),
    ("/search.json", 304, "/search.json", {"If-None-Match": "*"}),
    ("/search.json", 400, "/search.json?page=0", {}),
    ("/search.json", 414, f"/search.json?q={'a' * 20_000}", {}),
    (FILES, 200, "/search.html", {}),
    (FILES, 200, "/search.atom", {}),
    (FILES, 206, "/search.csv", {"Range": "bytes=0-9"}),
    (FILES, 416, "/search.csv", {"Range": "bytes=9999999-"}),
    (FILES, 412, "/search.bib", ANY),
    (SIMILAR, 200, f"/similar/{ARTICLE}", {}),
    (SIMILAR, 200, f"/similar/{ARTICLE}", {"Accept": "text/html"}),
    (SIMILAR, 400, f"/similar/{TOKEN}", {}),
    (SIMILAR, 404, f"/similar/{MENTIONED}", {}),
    (SIMILAR, 412, f"/similar/{ARTICLE}", ANY),
]


@pytest.fixture(scope="module")
def asked(open_at) -> FlaskClient:
    house = open_at("https://described.example.org/")
    with followed_search(house.settings) as follower:
        follower.catch_up()
    return create_app(house).test_client()


def of(client: FlaskClient, path: str) -> dict[str, Any]:
    responses: dict[str, Any] = client.get("/openapi.json").get_json(force=True)["paths"][path]["get"][
        "responses"
    ]
    return responses


@pytest.mark.parametrize(
    ("path", "status", "address", "headers"),
    ASKED,
    ids=[f"{status} {path}" + " ".join(headers.values()) for path, status, _, headers in ASKED],
)
def test_a_door_that_reads_answers_as_it_is_described(
    asked: FlaskClient, path: str, status: int, address: str, headers: dict[str, str]
) -> None:
    reply = asked.get(address, headers=headers)
    reply.close()
    told = of(asked, path).get(str(reply.status_code))
    assert (reply.status_code, told is not None) == (status, True)
    assert not told.get("content") or reply.mimetype in told["content"]


def test_what_cannot_be_asked_for_here_is_described_too(asked: FlaskClient, monkeypatch) -> None:
    monkeypatch.setattr(search_lists, "_MOST_BYTES", 10)
    assert asked.get("/search.csv").status_code == 413
    assert {"413", "500", "503"} <= set(of(asked, FILES))
    assert "308" in of(asked, RECORD)
    assert {"308", "503"} <= set(of(asked, SIMILAR))
