"""roqet, the query tool of Redland's Rasqal, reads what is in the repository.

Rasqal 0.9.33 reads tables from an endpoint and nothing else: no truth of an ASK, no graph. It asks by GET for XML;
`-r` then says how it writes down what it read, in a format that it can also read, so never JSON.
"""

import io
import re
import subprocess
import urllib.parse
import urllib.request
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib.query import Result

from tests.clients.questions import SELECTS, from_rdflib, plain, question
from tests.clients.works import VICTIM
from tests.kit import needs

MEDIA_TYPES = {
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
# What Rasqal itself cannot read: a line of CSV that begins with an empty cell; a truth as TSV abbreviates it.
UNREADABLE = {("csv", "one row"), ("tsv", "computed")}


def roqet(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([needs("roqet"), "-q", *words], capture_output=True, timeout=60)


def read(done: subprocess.CompletedProcess[bytes], form: str = "xml") -> list[tuple[Any, ...]]:
    assert done.returncode == 0, done.stderr.decode()
    if form == "tsv":
        # rdflib knows no escapes in TSV, and Rasqal writes them.
        return list(map(tuple, ox.parse_query_results(done.stdout, format=ox.QueryResultsFormat.TSV)))
    # A word of an old draft of the XML format.
    text = re.sub(rb'\s*<binding name="\w+"><unbound/></binding>', b"", done.stdout)
    return [
        tuple(map(from_rdflib, row)) for row in Result.parse(io.BytesIO(text), content_type=MEDIA_TYPES[form])
    ]


@pytest.mark.parametrize("name", SELECTS)
def test_roqet_reads_what_is_in_the_repository(served, name):
    done = roqet("-p", served.sparql, "-e", question(name), "-r", "xml")
    assert read(done) == served.rows(question(name))


# It writes no first line where there are no rows.
@pytest.mark.parametrize("name", [name for name in SELECTS if name != "no row"])
def test_roqet_writes_tsv_of_what_is_in_the_repository(served, name):
    done = roqet("-p", served.sparql, "-e", question(name), "-r", "tsv")
    assert read(done, "tsv") == served.rows(question(name))


@pytest.mark.parametrize("name", SELECTS)
def test_roqet_writes_csv_of_what_is_in_the_repository(served, name):
    done = roqet("-p", served.sparql, "-e", question(name), "-r", "csv")
    assert plain(read(done, "csv")) == plain(served.rows(question(name)))


@pytest.mark.parametrize(
    ("form", "name"),
    [(form, name) for form in MEDIA_TYPES for name in SELECTS if (form, name) not in UNREADABLE],
)
def test_rasqal_reads_results_that_were_kept_as_a_file(served, tmp_path, form, name):
    arguments = urllib.parse.urlencode({"query": question(name), "accept": MEDIA_TYPES[form]})
    file = tmp_path / f"results.{form}"
    with urllib.request.urlopen(f"{served.sparql}?{arguments}") as reply:
        file.write_bytes(reply.read())
    found, expected = read(roqet("-t", str(file), "-R", form, "-r", "xml")), served.rows(question(name))
    if form == "csv":
        found, expected = plain(found), plain(expected)
    assert found == expected


@pytest.mark.parametrize(
    "text", ["SELECT ?s { ?s ?p ", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"]
)
def test_roqet_fails_where_a_query_is_refused(served, text):
    done = roqet("-p", served.sparql, "-e", text, "-r", "xml")
    assert done.returncode != 0
    assert b"HTTP status 400" in done.stderr


def test_roqet_is_held_to_the_graph_that_it_names(served):
    record = served.record(VICTIM)
    query = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"
    expected = served.rows(query, default_graph=[ox.NamedNode(record)])
    assert read(roqet("-p", served.sparql, "-D", record, "-e", query, "-r", "xml")) == expected
    assert len(expected) > 10
