"""Tokens: who is let in, for how long and to what; and how guessers are kept out."""

import json
import re
import secrets
import time

import pytest
from click.testing import CliRunner

from repository.assembly import open_house
from repository.cli.main import sheaf
from repository.log import Attempts, hashed_secret, make_token
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.kit import Clock
from tests.writing.conftest import NEW, redif

PLACE = f"/record/{NEW}"


def put(door, headers, identifier=NEW, address=""):
    # Each test comes from an address of its own, so that failures of one lock out no other.
    came = {"X-Forwarded-For": address} if address else {}
    return door.put(f"/record/{identifier}", data=redif(identifier), headers={**headers, **came})


def wrong(headers):
    text = headers["Authorization"]
    return {**headers, "Authorization": text[:-1] + ("A" if text[-1] != "A" else "B")}


def test_without_a_token_401_asks_for_one(door):
    reply = door.put(PLACE, data=redif())
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="sheaf"'
    assert reply.mimetype == "application/problem+json"


UNKNOWN = f"sheaf_{'0' * 12}_{'A' * 43}"


@pytest.mark.parametrize(
    "given",
    [
        "Bearer x",
        f"Bearer {UNKNOWN}",
        f"Basic {UNKNOWN}",
        UNKNOWN,
        "Bearer",
        f"Bearer {UNKNOWN} x",
        "Bearer " + "a" * 9000,
    ],
    ids=["short", "unknown", "basic", "bare", "empty", "two", "huge"],
)
def test_a_wrong_token_is_401_and_invalid(door, give, given):
    reply = put(door, {"Authorization": given, "Content-Type": "application/x-redif"}, address="192.0.2.1")
    assert reply.status_code == 401
    assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]
    assert given not in reply.text or given == "Bearer"


def test_a_changed_secret_is_401(door, give):
    assert put(door, wrong(give()), address="192.0.2.2").status_code == 401


def test_an_expired_token_is_401_and_says_so(door, give):
    reply = put(door, give(seconds=-1))
    assert (reply.status_code, "expired" in reply.json["detail"]) == (401, True)


@pytest.mark.slow
def test_a_revoked_token_is_401_at_once_for_another_application_too(written, door, give):
    headers = give()
    other = create_app(written).test_client()
    assert put(door, headers).status_code in (200, 201)
    assert put(other, headers).status_code == 200
    name = next(token.name for token in written.log.tokens() if token.id in headers["Authorization"])
    assert written.log.revoke_token(name) is not None
    assert put(door, headers).status_code == 401
    assert put(other, headers).status_code == 401


def test_out_of_scope_is_403(door, give):
    headers = give("RePEc:XDE:wpferr:", "local/")
    assert put(door, headers, "RePEc:xde:wpferr:7").status_code == 201
    reply = put(door, headers, "RePEc:xde:other:7")
    assert reply.status_code == 403
    assert 'error="insufficient_scope"' in reply.headers["WWW-Authenticate"]
    assert door.delete("/record/RePEc:xxx:joujou:1", headers=headers).status_code == 403
    assert door.delete("/record/Local/1", headers=headers).status_code == 403
    assert door.delete("/record/local/1", headers=headers).status_code == 404


def test_a_right_that_it_has_not_is_403(door, give):
    assert door.delete(PLACE, headers=give(rights=("write",))).status_code == 403
    assert put(door, give(rights=("delete",))).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize("where", ["query", "path", "escaped"])
def test_a_token_in_the_address_is_400_and_is_not_repeated(door, give, capsys, method, where):
    text = give()["Authorization"].removeprefix("Bearer ")
    escaped = "".join(f"%{ord(c):02X}" for c in text)
    address = {
        "query": f"{PLACE}?access_token={text}",
        "path": f"/record/{text}",
        "escaped": f"/id/x?a={escaped}",
    }
    reply = door.open(address[where], method=method, data=redif())
    assert reply.status_code == 400
    said = reply.text + str(reply.headers) + "".join(capsys.readouterr())
    assert text not in said
    assert text[-43:] not in said


@pytest.mark.slow
def test_a_thousand_guesses_are_locked_out_and_nobody_else_is(written, give):
    # Attempts of their own, in the same file as a second worker has.
    one, two = create_app(written).test_client(), create_app(written).test_client()
    headers = give()
    token_id = headers["Authorization"].split("_")[1]
    statuses = []
    for number in range(1000):
        guess = {**headers, "Authorization": f"Bearer sheaf_{token_id}_{secrets.token_urlsafe(32)}"}
        statuses.append(put((one, two)[number % 2], guess, address="198.51.100.7").status_code)
    assert statuses[:10] == [401] * 10
    assert set(statuses[12:]) == {429}
    locked = put(two, headers, address="198.51.100.7")
    assert locked.status_code == 429
    assert 1 <= int(locked.headers["Retry-After"]) <= 600
    assert put(one, headers, address="203.0.113.9").status_code in (200, 201)
    # Others may go on reading from the guesser's address.
    assert (
        one.get("/record/RePEc:xxx:joujou:1", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 200
    )


def test_guesses_at_one_token_from_many_addresses_leave_each_one_guess(written, give):
    door, headers = create_app(written).test_client(), give()
    for number in range(60):
        put(door, wrong(headers), address=f"10.9.{number}.1")
    last = "10.10.1.1"
    assert put(door, wrong(headers), address=last).status_code == 401
    assert put(door, wrong(headers), address=last).status_code == 429
    assert put(door, headers, address="10.11.1.1").status_code in (200, 201)


def test_a_lock_ends_by_itself(tmp_path):
    clock = Clock()
    attempts = Attempts(tmp_path / "a.sqlite", free=3, each=10, clock=clock)
    for _ in range(100):
        attempts.failed("x")
    assert 0 < attempts.wait("x") <= 60
    assert attempts.wait("y") == 0
    clock.now += 60
    assert attempts.wait("x") == 0
    clock.now -= 10_000
    assert attempts.wait("x") <= 60


def test_a_damaged_file_of_attempts_keeps_nobody_out(tmp_path):
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"no database" * 1000)
    attempts = Attempts(path)
    assert attempts.wait("x") == 0
    attempts.failed("x")
    assert attempts.wait("x") == 0


def test_only_a_hash_is_kept_and_nothing_shows_the_secret(tmp_path):
    house = open_house(make_settings({"data": str(tmp_path), "base_url": "https://a.example"}))
    token, text = make_token("harbour", ["RePEc:xde:"], ["write"], 0, None)
    house.log.add_token(token, hashed_secret(text))
    shown = repr(house.log.token(token.id)[0]) + repr(house.log.tokens())
    house.close()
    secret = text.rpartition("_")[2] if text.count("_") == 2 else text.split("_", 2)[2]
    assert secret not in shown
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes()


def test_a_token_changed_in_the_database_lets_nobody_in_and_verify_names_it(tmp_path):
    import sqlite3
    from contextlib import closing

    house = open_house(make_settings({"data": str(tmp_path), "base_url": "https://a.example"}))
    token, text = make_token("harbour", ["RePEc:xde:"], ["write"], 0, None)
    house.log.add_token(token, hashed_secret(text))
    assert list(house.log.verify()) == []
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as connection, connection:
        connection.execute("UPDATE token SET scopes = '*'")
    assert house.log.token(token.id) is None
    assert [fault.place for fault in house.log.verify()] == ["token"]
    house.close()


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("SHEAF_DATA", str(tmp_path))
    monkeypatch.setenv("SHEAF_BASE_URL", "https://a.example")
    return lambda *arguments: CliRunner().invoke(sheaf, ["token", *arguments])


def test_the_command_makes_lists_and_revokes(run, tmp_path):
    made = run(
        "add",
        "harbour",
        "--prefix",
        "RePEc:xde:",
        "--prefix",
        "local/",
        "--expires",
        "90d",
        "--rights",
        "write",
    )
    assert made.exit_code == 0, made.output
    text = re.search(r"sheaf_[0-9a-f]{12}_[\w-]{43}", made.output)[0]
    listed = run("list", "--json")
    (row,) = [json.loads(line) for line in listed.output.splitlines()]
    assert (row["name"], row["state"], row["rights"]) == ("harbour", "valid", ["write"])
    assert row["scopes"] == ["RePEc:xde:", "local/"]
    assert abs(row["expires"] - time.time() - 90 * 86400) < 60
    assert text[-43:] not in listed.output + run("list").output
    assert run("add", "harbour", "--prefix", "*").exit_code == 1
    assert run("revoke", "harbour").exit_code == 0
    assert json.loads(run("list", "--json").output)["state"] == "revoked"
    assert run("revoke", "nobody").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("x",),
        ("a b", "--prefix", "*"),
        ("x", "--prefix", "a b"),
        ("x", "--prefix", "*", "--rights", "own"),
        ("x", "--prefix", "*", "--expires", "soon"),
        ("x", "--prefix", "*", "--expires", ""),
        ("x", "--prefix", "*", "--expires", "0d"),
        ("x", "--prefix", "*", "--expires", "2001-01-01"),
    ],
)
def test_impossible_tokens_are_refused_as_usage(run, arguments):
    assert run("add", *arguments).exit_code == 2


@pytest.mark.parametrize("case", [403, 412, 415, 422])
def test_the_use_of_a_token_is_noted_though_nothing_was_kept(written, door, give, case):
    wish = give("RePEc:xde:", rights=("write",))
    token = next(each for each in written.log.tokens() if f"_{each.id}_" in wish["Authorization"])
    assert token.used is None
    more = {403: {}, 412: {"If-Match": '"x"'}, 415: {"Content-Type": "image/png"}, 422: {}}[case]
    place = f"/record/{NEW if case != 403 else 'RePEc:other:wpaper:1'}"
    body = redif(title="Of another title") if case != 422 else b"nothing of the sort"
    reply = door.put(
        place, data=body, headers={**wish, **more}, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert reply.status_code == case, reply.text
    noted = written.log.token(token.id)[0]
    assert abs(noted.used - time.time()) < 60
    assert noted.client.startswith("192.0.2.7")


def test_a_right_that_a_token_has_not_is_a_use_of_it_too(written, door, give):
    wish = give("*", rights=("write",))
    assert door.delete(f"/record/{NEW}", headers=wish).status_code == 403
    token = next(each for each in written.log.tokens() if f"_{each.id}_" in wish["Authorization"])
    assert token.used is not None


@pytest.mark.parametrize("state", ["revoked", "expired"])
def test_who_tries_a_token_that_is_good_no_more_is_told_of(written, door, give, state):
    held = give("*", seconds=-60 if state == "expired" else None)
    token_id = held["Authorization"].split("_")[1]
    if state == "revoked":
        written.log.revoke_token(token_id)
    assert put(door, held, address="198.51.100.77").status_code == 401
    assert put(door, wrong(held), address="198.51.100.78").status_code == 401
    (token,) = (one for one in written.log.tokens() if one.id == token_id)
    assert token.used is not None
    assert token.client.startswith("198.51.100.77")


def test_a_prefix_that_ends_within_a_name_is_warned_of(run):
    assert "warning: RePEc:xd covers" in run("add", "wide", "--prefix", "RePEc:xd").stderr
    assert "warning" not in run("add", "narrow", "--prefix", "RePEc:xde:", "--prefix", "*").stderr
