"""Every kind of page, by an address of it under the base of tests/looks/service.py, and what comes with it at most."""

from dataclasses import dataclass
from urllib.parse import quote

from tests.looks.hard import BARE, CHANGED, GONE, LONG, MANY, SERIES

SEED = "RePEc:eee:socmed:v:381:y:2025:i:c:s0277953625006458"
DEMO = "RePEc:xde:jharbr:v:5:y:2024:i:3:p:233-260"
_QUERY = (
    "PREFIX dcterms: <http://purl.org/dc/terms/> SELECT ?work ?title { ?work dcterms:title ?title } LIMIT 20"
)


# Nothing is there: `failing` answers it as any page is answered in which something of ours broke.
FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is that of its pictures. `status`: what a browser is answered. `long`: it shows an answer whose size is
    the asker's, or a record that has more of everything than any real one: small as it comes, but not when unpacked."""

    name: str
    path: str
    status: int = 200
    long: bool = False


KINDS = (
    Kind("home", ""),
    Kind("machines", "machines"),
    Kind("article", f"record/{SEED}"),
    Kind("article-demo", f"record/{DEMO}"),
    Kind("record-long", f"record/{LONG}", long=True),
    Kind("record-many", f"record/{MANY}", long=True),
    Kind("record-bare", f"record/{BARE}"),
    Kind("series", "record/RePEc:xde:jharbr"),
    Kind("series-long", f"record/{SERIES}"),
    Kind("person", "record/RePEc:per:1970-01-01:ELENI_LAMPADARI"),
    Kind("institution", "record/RePEc:edi:ferryxd"),
    Kind("archive", "record/RePEc:xde"),
    Kind("jel-class", "record/jel:R41"),
    Kind("mention", "record/RePEc:xde:lhquar:v:4:y:2018:i:2:p:99-104"),
    Kind("links", f"links/citations/{MANY}"),
    Kind("versions", f"timemap/{CHANGED}.html"),
    Kind("version", f"timegate/{CHANGED}"),
    Kind("tombstone", f"record/{GONE}", 410),
    Kind("cite", f"record/{SEED}.cite.html"),
    Kind("search", "search?q=ferries"),
    Kind("search-all", "search"),
    Kind("search-facets", "search?q=&type=article&sort=date"),
    Kind("search-many", "search?q=paper&page=2"),
    Kind("search-nothing", "search?q=ferrys+on+moons"),
    Kind("search-wrong", f"search?q={quote('(ferries')}", 400),
    Kind("similar", f"similar/{DEMO}"),
    Kind("browse", "browse"),
    Kind("browse-types", "browse/types"),
    Kind("browse-type", "browse/types/paper"),
    Kind("browse-years", "browse/years"),
    Kind("browse-year", "browse/years/2024"),
    Kind("browse-series", "browse/series"),
    Kind("browse-authors", "browse/authors"),
    Kind("browse-authors-m", "browse/authors/m"),
    Kind("browse-persons", "browse/persons"),
    Kind("browse-in", f"browse/in/{SERIES}"),
    Kind("browse-in-journal", "browse/in/RePEc:xde:jharbr?sort=place"),
    Kind("browse-archive", "browse/archives/RePEc:xde"),
    Kind("browse-jel", "browse/jel"),
    Kind("browse-jel-class", "browse/jel/Q"),
    Kind("sparql", "sparql"),
    Kind("sparql-result", f"sparql?query={quote(_QUERY)}"),
    Kind("sparql-wrong", f"sparql?query={quote('SELECT * { ?a ?b }')}", 400),
    Kind("sparql-named", "sparql/named/"),
    Kind("sparql-asked", "sparql/named/most-cited", long=True),
    Kind("oai-identify", "oai?verb=Identify"),
    Kind("oai-sets", "oai?verb=ListSets", long=True),
    Kind("oai-formats", "oai?verb=ListMetadataFormats"),
    Kind("oai-identifiers", "oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=RePEc:xde:jharbr", long=True),
    Kind("oai-record", f"oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={SEED}"),
    Kind("oai-wrong", "oai?verb=ListRecords&metadataPrefix=none"),
    Kind("report", "report", long=True),
    Kind("dataset", ".well-known/void"),
    Kind("dumps", "dumps/"),
    Kind("changes", "feeds/ldes"),
    Kind("changes-page", "feeds/ldes/1"),
    Kind("vocab", "vocab"),
    Kind("vocab-term", "vocab/sourceField"),
    Kind("jel", "vocab/jel"),
    Kind("problems", "problems"),
    Kind("not-found", "record/RePEc:nobody:knows:1", 404),
    Kind("no-address", "nothing", 404),
    Kind("no-such-version", f"version/9999/{SEED}", 404),
    Kind("failure", FAILURE, 500),
)
