"""Repositories that are no Sheaf, though their things have addresses as a Sheaf's have: `https://host/id/9`."""

import pytest

from repository.model.lens import read_work
from repository.model.records import Draft
from tests.harvest.conftest import Harvester
from tests.harvest.upstream import DC, Repository, deletion, listing, record, serving
from tests.kit import draft


def rdf(host: str) -> str:
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcterms="http://purl.org/dc/terms/"'
        f' xmlns:bibo="http://purl.org/ontology/bibo/"><bibo:Article rdf:about="https://{host}/id/9">'
        f"<dcterms:title>Of {host}</dcterms:title></bibo:Article></rdf:RDF>"
    )


def dublin_core(host: str) -> str:
    said = f"<dc:identifier>9</dc:identifier><dc:identifier>https://{host}/id/9</dc:identifier>"
    return DC.format(f"<dc:title>Of {host}</dc:title><dc:type>article</dc:type>{said}")


SHAPES = {"rdf": rdf, "oai_dc": dublin_core}


def short(source: str) -> Draft:
    """A record that is called `9` here."""
    return Draft("9", (draft(9).body or b"").replace(b"RePEc:xxx:joujou:9", b"9"), source=source)


@pytest.mark.parametrize("prefix", SHAPES)
def test_things_of_two_strangers_with_the_same_last_letters_are_two_records(
    harvest: Harvester, prefix: str
) -> None:
    for host in ("one.example", "other.example"):
        upstream = Repository(listing(record(f"oai:{host}:9", SHAPES[prefix](host))), formats=(prefix,))
        with serving(upstream) as server:
            assert harvest(server.url).clean
    titles = {name: read_work(name, each.body or b"").title.value for name, each in harvest.live().items()}
    assert titles == {f"oai:{host}:9": f"Of {host}" for host in ("one.example", "other.example")}


def test_a_strangers_deletion_is_of_no_record_that_has_the_same_last_letters(harvest: Harvester) -> None:
    harvest.house.log.append([short("records/local.rdf")])
    with serving(Repository(listing(deletion("oai:one.example:9")))) as server:
        report = harvest(server.url)
    assert (report.outcomes, report.clean) == ({"absent": 1}, True)
    assert list(harvest.live()) == ["9"]


@pytest.mark.parametrize("prefix", SHAPES)
def test_what_is_kept_under_the_short_name_that_it_once_got_stays_there_and_goes(
    harvest: Harvester, prefix: str
) -> None:
    host = "one.example"
    upstream = Repository(listing(record(f"oai:{host}:9", SHAPES[prefix](host))), formats=(prefix,))
    with serving(upstream) as server:
        harvest.house.log.append([short(server.url)])
        assert harvest(server.url).outcomes == {"changed": 1}
        assert list(harvest.live()) == ["9"]
        upstream.chain(listing(deletion(f"oai:{host}:9")))
        assert harvest(server.url, full=True).outcomes == {"deleted": 1}
