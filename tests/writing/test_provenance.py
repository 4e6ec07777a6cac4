"""Who had an entry kept, from where and by which reader: told with each version, sealed, and never the address."""

import sqlite3
from contextlib import closing

import pyoxigraph as ox

from repository.log import Log
from repository.model.records import Draft
from repository.model.terms import PROV, RDFS
from repository.web.app import create_app
from tests.kit import draft
from tests.writing.conftest import redif

NAME = "RePEc:xde:prov:1"
CLIENT = "198.51.100.77"


def graph(data: bytes) -> list[ox.Quad]:
    return list(ox.parse(data, format=ox.RdfFormat.TRIG))


def labels(quads: list[ox.Quad], predicate: str) -> set[str]:
    nodes = {quad.object for quad in quads if quad.predicate.value == PROV + predicate}
    return {
        quad.object.value
        for quad in quads
        if quad.subject in nodes and quad.predicate.value == RDFS + "label"
    }


def test_what_a_token_wrote_names_it_and_its_reader_and_not_the_address(written, give):
    door, headers = create_app(written).test_client(), give()
    put = door.put(f"/record/{NAME}", data=redif(NAME), headers={**headers, "X-Forwarded-For": CLIENT})
    assert put.status_code == 201
    record = written.log.get(NAME)
    token = next(each for each in written.log.tokens() if each.id in headers["Authorization"])
    assert (record.agent, record.reader, record.source) == (token.name, "redif", f"token:{token.name}")
    quads = graph(door.get(f"/record/{NAME}.trig").data)
    assert labels(quads, "wasAttributedTo") == {token.name}
    assert labels(quads, "wasAssociatedWith") == {token.name, "redif"}
    page = door.get(f"/record/{NAME}.html").text
    assert token.name in page
    assert "redif" in page
    for form in ("trig", "html", "ttl"):
        assert CLIENT not in door.get(f"/record/{NAME}.{form}").text
    assert token.client == CLIENT


def test_a_deletion_tells_who_had_it_done(written, give):
    name = "RePEc:xde:prov:gone"
    door, headers = create_app(written).test_client(), give()
    assert door.put(f"/record/{name}", data=redif(name), headers=headers).status_code == 201
    assert (
        door.delete(f"/record/{name}", headers={"Authorization": headers["Authorization"]}).status_code == 204
    )
    agent = written.log.get(name).agent
    assert agent in {token.name for token in written.log.tokens()}
    for address in (f"/record/{name}.trig", f"/timemap/{name}.trig"):
        quads = graph(door.get(address).data)
        assert labels(quads, "wasAssociatedWith") == {agent}
        assert [quad for quad in quads if quad.predicate.value == PROV + "wasInvalidatedBy"]
    html = {"Accept": "text/html"}
    for address in (f"/record/{name}", f"/timemap/{name}", f"/version/{written.log.get(name).seq}/{name}"):
        assert f"by {agent}" in door.get(address, headers=html).text


def test_older_versions_keep_theirs(written, give):
    door = create_app(written).test_client()
    name = "RePEc:xde:prov:2"
    tokens = []
    for title in ("First", "Second"):
        door.put(f"/record/{name}", data=redif(name, title), headers=give())
        tokens.append(written.log.get(name).agent)
    new, old = written.log.history(name)
    assert [old.agent, new.agent] == tokens
    assert tokens[0] in door.get(f"/version/{old.seq}/{name}.trig").text
    assert tokens[1] not in door.get(f"/version/{old.seq}/{name}.trig").text


def test_agent_and_reader_are_sealed_with_the_entry(tmp_path):
    log = Log(f"sqlite:///{tmp_path / 'log.sqlite'}")
    made = draft(1)
    log.append([Draft(made.identifier, made.body, made.sets, made.formats, "a.rdf", "sheaf ingest", "redif")])
    assert list(log.verify()) == []
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as connection, connection:
        connection.execute("UPDATE entry SET agent = 'somebody else'")
    assert any("seal" in fault.text for fault in log.verify())
    log.close()


def test_a_log_from_before_verifies_as_it_is_and_when_it_was_brought_forward(tmp_path):
    path, url = tmp_path / "log.sqlite", f"sqlite:///{tmp_path / 'log.sqlite'}"
    log = Log(url)
    log.append([draft(1), draft(2)])
    log.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in (
            "ALTER TABLE entry DROP COLUMN agent",
            "ALTER TABLE entry DROP COLUMN reader",
            "DROP TABLE token",
            "UPDATE state SET value = '3' WHERE key = 'schema'",
        ):
            connection.execute(statement)
    old = Log(url, read_only=True)
    assert list(old.verify()) == []
    old.close()
    new = Log(url)
    assert list(new.verify()) == []
    assert new.get(draft(1).identifier).agent == ""
    new.append([draft(3)])
    assert list(new.verify()) == []
    new.close()
