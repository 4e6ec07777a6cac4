"""What is asked of a deployment without SPARQL, and what it must answer."""

import re
from typing import NamedTuple

import pyoxigraph as ox

from tests.deployments.stand import GONE, Deployment
from tests.soak.asking import Heard

OAI = "oai:sheaf.example:"
WORK = "RePEc:xde:jharbr:v:2:y:2021:i:2:n:102"
SERIES = "RePEc:xde:jharbr"
_JAPANESE = "RePEc:xde:wpferr:2019-02"
_PERSON = "RePEc:per:1970-01-01:ASTRID_HAVN"
# Things without a record, and other names of things that have one.
_SPOKEN_OF = ("jel:H41", "RePEc:xde:lhquar:v:4:y:2018:i:2:p:99-104", "pxde5", "repec:XDE:dpgard:1")

_HTML = "text/html"
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
_ACCEPTS = [
    "application/ld+json",
    "application/trig",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "application/vnd.citationstyles.csl+json",
]
# Of each record, and of works alone.
_OF_ALL = [
    "ttl",
    "jsonld",
    "expanded.jsonld",
    "nt",
    "rdf",
    "trig",
    "schema.jsonld",
    "redif",
    "oai.rdf",
    "html",
]
_OF_WORKS = [
    "bib",
    "ris",
    "csl.json",
    "dc.xml",
    "qdc.xml",
    "mods.xml",
    "marc.xml",
    "datacite.xml",
    "openaire.xml",
    "redif.xml",
    "cite.txt",
    "cite.html",
]
_BROWSED = f"""authors authors/G types types/article years years/2020 jel jel/H in/{SERIES} archives
archives/RePEc:xde series persons institutions""".split()
# Sorted as they were added: in any other order there are ties, and which is first depends on how an index was written.
_SEARCHED = [
    f"q={asked}&sort=added"
    for asked in (
        "ferry",
        "ferry&type=paper",
        "lang:ja",
        "%22common%20pool%22",
        "author:muelle",
        "title:ferry%20-queue",
        "year:2020..2021",
        "series:RePEc:xde:dpgard",
        "*&page=2",
    )
]

# How many the sample records have.
SEARCHES = {
    "type:article": 13,
    "jel:H41": 12,
    "series:RePEc:xde:dpgard": 7,
    "year:2020": 4,
    "doi:10.5555/jharbr.2021.102": 1,
    '"common pool"': 2,
    "author:muelle": 2,
    "lang:ja": 1,
    "*": 60,
    "zeppelin": 0,
}
# By what is asked of OAI-PMH: the code of the error (3.6 of the protocol).
MISTAKES = {
    "": "badVerb",
    "verb=Harvest": "badVerb",
    "verb=Identify&verb=Identify": "badVerb",
    "verb=ListRecords": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=yesterday": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2020-01-01&until=2020-01-01T00:00:00Z": "badArgument",
    "verb=ListRecords&metadataPrefix=none": "cannotDisseminateFormat",
    f"verb=GetRecord&metadataPrefix=oai_dc&identifier={OAI}{_PERSON}": "cannotDisseminateFormat",
    f"verb=GetRecord&metadataPrefix=oai_dc&identifier={OAI}RePEc:none:such:1": "idDoesNotExist",
    "verb=ListIdentifiers&metadataPrefix=oai_dc&set=none": "noRecordsMatch",
    "verb=ListRecords&resumptionToken=none": "badResumptionToken",
}


class Door(NamedTuple):
    path: str
    accept: str = ""
    status: int = 200


def doors(identifiers: list[str]) -> list[Door]:
    """`identifiers`: of all records."""
    works, others = (WORK, _JAPANESE), (SERIES, _PERSON)
    voids = (f"/.well-known/void.{end}" for end in ("ttl", "jsonld", "nt"))
    feeds = (f"/feeds/ldes{place}.{end}" for place in ("", "/1") for end in ("trig", "nq", "jsonld"))
    plain = "/sitemap.xml /sitemap/1.xml /robots.txt /vocab.ttl /context.jsonld /feeds/atom /feeds/atom/1"
    return [
        *(Door(f"/id/{name}", status=303) for name in (*identifiers, *_SPOKEN_OF, GONE)),
        *(Door(f"/record/{name}", _HTML) for name in identifiers),
        *(Door(f"/record/{name}.{end}") for name in (*works, *others) for end in _OF_ALL),
        *(Door(f"/record/{name}.{end}") for name in works for end in _OF_WORKS),
        *(Door(f"/record/{WORK}", accept) for accept in (*GRAPHS, *_ACCEPTS)),
        Door(f"/record/{WORK}", "image/png", 406),
        Door(f"/record/{_PERSON}.bib", status=404),
        Door(f"/record/{GONE}", _HTML, 410),
        Door(f"/record/{GONE}.ttl", status=410),
        *(Door(f"/{way}/RePEc:none:such:1", _HTML, 404) for way in ("id", "record")),
        Door("/doi/10.5555/jharbr.2021.102", status=303),
        Door("/doi/10.5555/none", status=404),
        *(Door(f"/{around}/{WORK}") for around in ("linkset", "links/links", "timemap", "similar")),
        Door(f"/timegate/{WORK}", status=302),
        Door("/version/29/RePEc:xde:dpgard:1"),
        Door(f"/unapi?id={WORK}", status=300),
        Door(f"/unapi?id={WORK}&format=bibtex", status=302),
        *(Door(path, _HTML) for path in ("/", "/browse", *(f"/browse/{page}" for page in _BROWSED))),
        *(Door(f"/search.json?{asked}") for asked in _SEARCHED),
        *(Door(f"/search?{asked}", _HTML) for asked in _SEARCHED),
        Door("/search?q=title:", _HTML, 400),
        *(Door(f"/search.{end}?q=ferry&sort=added") for end in ("bib", "ris", "csl.json")),
        *map(Door, (*voids, *feeds, *plain.split())),
        *(Door(path, _HTML) for path in ("/feeds/ldes", "/feeds/ldes/1")),
        Door("/sparql", "text/turtle"),
    ]


def answers(deployment: Deployment, asked: list[Door]) -> dict[Door, Heard]:
    """Fails where one has another status than it should."""
    found = {door: deployment.get(door.path, door.accept) for door in asked}
    for door, heard in found.items():
        assert heard.status == door.status, (deployment.name, door, heard)
    return found


def walks(deployment: Deployment) -> dict[str, list[bytes]]:
    """Every list of OAI-PMH in every format, each to its end, and the answers that are no list."""
    prefixes = prefixes_of(deployment)
    lists = ["verb=ListSets", *(f"verb=ListRecords&metadataPrefix={prefix}" for prefix in prefixes)]
    lists += [f"verb=ListIdentifiers&metadataPrefix={prefix}" for prefix in prefixes]
    lists += [f"verb=ListRecords&metadataPrefix=oai_dc&set={spec}" for spec in ("RePEc:xde:dpgard", "jel:H")]
    single = ["verb=Identify", "verb=ListMetadataFormats", *MISTAKES]
    single += [f"verb=ListMetadataFormats&identifier={OAI}{name}" for name in (WORK, _PERSON, GONE)]
    single += [
        f"verb=GetRecord&metadataPrefix={prefix}&identifier={OAI}{name}"
        for prefix in prefixes
        for name in (WORK, GONE)
    ]
    found = {asked: [page.answer for page in deployment.pages(asked)] for asked in lists}
    return found | {asked: [deployment.get(f"/oai?{asked}").body] for asked in single}


def prefixes_of(deployment: Deployment) -> list[str]:
    text = deployment.get("/oai?verb=ListMetadataFormats").body.decode()
    return re.findall("<metadataPrefix>([^<]*)<", text)
