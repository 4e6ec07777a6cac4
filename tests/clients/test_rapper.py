"""rapper, the parser of Redland's Raptor, fetches things and records by headers of its own and reads them all.

Raptor 2.0.15 follows the 303 of a thing by itself. It knows no JSON-LD.
"""

import subprocess

import pytest

from tests.clients.documents import IDENTIFIER, RECORDS, THINGS, said_of, triples
from tests.kit import needs

pytestmark = pytest.mark.slow

# {its name for a parser: the extension of what it reads}
PARSERS = {"turtle": "ttl", "rdfxml": "rdf", "ntriples": "nt"}


def rapper(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([needs("rapper"), "-o", "ntriples", *words], capture_output=True, timeout=60)


def read(*words: str):
    done = rapper("-q", *words)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    return triples(done.stdout)


@pytest.fixture(scope="module")
def said(served):
    needs("rapper")
    return {name: said_of(served, identifier) for name, identifier in THINGS.items()}


def test_a_record_says_what_was_dumped_of_it(served, said):
    for name, identifier in RECORDS.items():
        assert said[name] >= {
            quad.triple
            for quad in served.oracle.quads_for_pattern(
                None,
                None,
                None,
                next(g for g in served.oracle.named_graphs() if g.value == served.record(identifier)),
            )
        }
        assert any(str(triple.predicate.value) == IDENTIFIER for triple in said[name])


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", THINGS)
def test_a_thing_is_read_with_the_header_of_each_parser(served, said, name, parser):
    assert read("-i", parser, served.thing(THINGS[name])) == said[name]


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_is_read_where_nothing_was_chosen(served, said, name):
    """As the command stands in every tutorial: RDF/XML is what it expects then."""
    assert read(served.thing(THINGS[name])) == said[name]


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_is_read_by_a_client_that_guesses(served, said, name):
    """The header with everything, HTML among it (trifid#25)."""
    assert read("-g", served.thing(THINGS[name])) == said[name]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", THINGS)
def test_every_form_has_an_address_that_it_reads(served, said, name, parser):
    assert read("-i", parser, f"{served.record(THINGS[name])}.{PARSERS[parser]}") == said[name]


@pytest.mark.parametrize("parser", ["turtle", "rdfxml", "guess"])
def test_a_guess_by_the_address_alone_is_right_too(served, said, parser):
    """Whoever saves a file has nothing but its name and what is in it."""
    extension = PARSERS.get(parser, "ttl")
    done = subprocess.run(
        [needs("curl"), "-s", f"{served.record(RECORDS['article'])}.{extension}"],
        capture_output=True,
        timeout=60,
    )
    file = subprocess.run(
        [needs("rapper"), "-q", "-i", parser, "-o", "ntriples", "-", served.record(RECORDS["article"])],
        input=done.stdout,
        capture_output=True,
        timeout=60,
    )
    assert file.returncode == 0, file.stderr
    assert triples(file.stdout) == said["article"]


def test_terms_of_the_vocabulary_are_read(served):
    found = read("-g", f"{served.base}/vocab#sourceField")
    assert any(triple.subject.value == f"{served.base}/vocab#sourceField" for triple in found)


def test_what_is_unknown_is_told_as_404(served):
    done = rapper("-g", served.thing("RePEc:nobody:knows:1"))
    assert done.returncode != 0
    assert b"HTTP status 404" in done.stderr
