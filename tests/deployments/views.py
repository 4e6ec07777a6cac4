"""What a deployment holds, as each of its views has it."""

import json
import re
from collections import Counter

import pyoxigraph as ox

from tests.deployments.alike import Said, in_time, unanswered
from tests.deployments.doors import OAI, Door, answers, walks
from tests.deployments.queries import QUERIES
from tests.deployments.stand import Deployment
from tests.oai.pages import Header
from tests.serve.hosts import PUBLIC
from tests.sparql.differential.normalise import Row

_VOID = "http://rdfs.org/ns/void#"
# What GROUP_CONCAT joins has no order (SPARQL 1.1, 18.5.1.7).
_JOINED = {"subjects", "codes", "kinds", "works", "as", "editors"}


def headers(deployment: Deployment, asked: str) -> list[Header]:
    """Of every page of a list of OAI-PMH."""
    return [header for page in deployment.pages(asked) for header in page.headers]


def quads(deployment: Deployment) -> bytes:
    """The records as linked data has them, a graph each, without what is said of the graphs."""
    lines = []
    for name in deployment.identifiers():
        graph = ox.NamedNode(f"{PUBLIC}/record/{name}")
        body = deployment.get(f"/record/{name}.trig").body
        lines += [
            f"{quad} .\n" for quad in ox.parse(body, format=ox.RdfFormat.TRIG) if quad.graph_name == graph
        ]
    return "".join(lines).encode()


def dataset_counts(deployment: Deployment) -> dict[str, int]:
    """What VoID counts in the dataset, by its properties, and the things of each class, by its IRI."""
    text = deployment.get("/.well-known/void.nt").body.decode()
    counted = {name: int(n) for name, n in re.findall(rf'void#dataset> <{_VOID}(\w+)> "(\d+)"', text)}
    named = dict(re.findall(rf"<([^>]*#class-[^>]*)> <{_VOID}class> <([^>]*)>", text))
    classes = re.findall(rf'<([^>]*#class-[^>]*)> <{_VOID}entities> "(\d+)"', text)
    return counted | {named[part]: int(n) for part, n in classes}


def queried_counts(deployment: Deployment) -> dict[str, int]:
    """The same, but for the documents, by SPARQL."""
    whole = dict(deployment.solutions("SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o }")[0])
    graphs = dict(deployment.solutions("SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }")[0])
    classes = map(dict, deployment.solutions("SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c"))
    counted = {"triples": whole["n"], "distinctSubjects": whole["m"], "entities": graphs["n"]}
    counted |= {row["c"][1]: row["n"] for row in classes}
    return {name: int(term[1]) for name, term in counted.items()}


def everything(
    deployment: Deployment, asked: list[Door]
) -> tuple[dict[Door, Said], dict[str, list[bytes]], dict[str, Counter[Row]]]:
    """All that it says at doors, in lists of OAI-PMH and to queries, but for when it says it."""
    return (
        {door: in_time(heard) for door, heard in answers(deployment, asked).items()},
        {name: [unanswered(page) for page in pages] for name, pages in walks(deployment).items()},
        {name: Counter(deployment.solutions(each.text)) for name, each in QUERIES.items()},
    )


def unjoined(row: Row) -> frozenset[tuple[object, ...]]:
    """A solution in which joined texts have one order."""
    return frozenset(
        (name, sort, sorted_words(value) if name in _JOINED else value, *rest)
        for name, (sort, value, *rest) in row
    )


def sorted_words(joined: str) -> str:
    return " ".join(sorted(re.split("; | ", joined)))


class Views:
    """One record in each view."""

    def __init__(self, deployment: Deployment, name: str) -> None:
        self._deployment, self._name = deployment, name

    def record(self) -> str:
        return self._deployment.get(f"/record/{self._name}.ttl").body.decode()

    def harvested(self) -> str:
        asked = f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={OAI}{self._name}"
        return self._deployment.get(asked).body.decode()

    def listed(self) -> list[bool]:
        """Once for each time that it is in a list of OAI-PMH: whether it is deleted there."""
        found = headers(self._deployment, "verb=ListIdentifiers&metadataPrefix=oai_dc")
        return [each.deleted for each in found if each.identifier == OAI + self._name]

    def doi(self) -> int:
        return self._deployment.get(f"/doi/10.5555/{self._name.partition(':')[2]}").status

    def queried(self) -> list[str]:
        """Titles, by SPARQL."""
        text = f"SELECT ?t {{ <{PUBLIC}/id/{self._name}> dcterms:title ?t }}"
        return [term[1] for row in self._deployment.solutions(text) for _, term in row]

    def found(self, word: str) -> list[str]:
        """Titles, by search for a word of them."""
        found = json.loads(self._deployment.get(f"/search.json?q=title:{word}").body)
        return [each["title"] for each in found["results"] if each["identifier"] == self._name]

    def indexed(self, word: str) -> tuple[list[str], list[str]]:
        return self.queried(), self.found(word)

    def browsed(self) -> bool:
        return f'/id/{self._name}"' in self._deployment.get("/browse/types/book", "text/html").body.decode()

    def told(self) -> str:
        """The newest change of it that the stream tells of."""
        text = self._deployment.get("/feeds/ldes/1.nq").body.decode()
        versions = re.findall(rf"<{PUBLIC}/version/(\d+)/{self._name}> <[^>]*#type> <[^>]*#(\w+)>", text)
        return max(versions, key=lambda each: int(each[0]))[1] if versions else ""
