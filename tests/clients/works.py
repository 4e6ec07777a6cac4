"""Works that share journals, publishers and authors, as a table, and files that try to change them.

The table says what must be counted; the files are what the repository is given.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

COUNTING = "Annals of Quiet Counting"
TALLY = "Tally House"
ABACUS = "RePEc:per:1970-01-01:ADA_ABACUS"
BEAD = "RePEc:per:1970-01-01:BO_BEAD"
LEE = "RePEc:per:1971-01-01:KIM_LEE"
OTHER_LEE = "RePEc:per:1972-02-02:KIM_LEE"
FORGED = "Forged"


@dataclass(frozen=True, slots=True)
class Journal:
    handle: str
    name: str
    publisher: str


@dataclass(frozen=True, slots=True)
class Article:
    """`authors` are signatures in their order: the name as it is signed, and the person's handle or nothing."""

    number: str
    journal: Journal
    title: str
    authors: tuple[tuple[str, str], ...]
    keywords: tuple[str, ...]

    @property
    def handle(self) -> str:
        return f"{self.journal.handle}:{self.number}"


ANNALS = Journal("RePEc:cnt:annals", COUNTING, TALLY)
LEDGER = Journal("RePEc:cnt:ledger", "Ledger of Small Sums", TALLY)
# Another journal of the same name, elsewhere.
NAMESAKE = Journal("RePEc:cnt:namesk", COUNTING, "Remainder Press")
JOURNALS = (ANNALS, LEDGER, NAMESAKE)

_A, _B = ("Ada Abacus", ABACUS), ("Bo Bead", BEAD)
ARTICLES = (
    Article("1", ANNALS, "One", (_A, _B, ("Cy Cipher", "")), ("sums", "quiet")),
    Article("2", ANNALS, "Two", (_B, _A), ("sums", "loud")),
    Article("3", ANNALS, "Three", (("Cy Cipher", ""), ("A. Abacus", ABACUS), _B), ("sums", "quiet")),
    # More than nine, and none where its name or its number as a text would put it.
    Article("4", ANNALS, "Four", tuple((f"Zeno {n:02}", "") for n in range(12, 0, -1)), ("crowds",)),
    Article("1", LEDGER, "One", (_A,), ("sums", "ledgers")),
    # Two people of one name.
    Article("2", LEDGER, "Two", (("Kim Lee", LEE), ("Kim Lee", OTHER_LEE)), ("ledgers",)),
    Article("1", NAMESAKE, "One", (_B, ("Kim Lee", "")), ("sums",)),
)
VICTIM = ARTICLES[0].handle


def tally(keys: Callable[[Article], Iterable[str]]) -> dict[str, int]:
    """How often each key comes, counted by hand."""
    return dict(Counter(key for article in ARTICLES for key in keys(article)))


def write(folder: Path) -> None:
    """The journals and the articles as ReDIF."""
    lines: list[str] = []
    for journal in JOURNALS:
        lines += [
            "Template-Type: ReDIF-Series 1.0",
            f"Name: {journal.name}",
            "Type: ReDIF-Article",
            f"Provider-Name: {journal.publisher}",
            "Maintainer-Name: Nobody",
            "Maintainer-Email: nobody@example.org",
            f"Handle: {journal.handle}\n",
        ]
    for article in ARTICLES:
        lines += ["Template-Type: ReDIF-Article 1.0", f"Title: {article.title}"]
        for name, person in article.authors:
            lines += [f"Author-Name: {name}", *([f"Author-Person: {person}"] if person else [])]
        lines += [
            f"Keywords: {'; '.join(article.keywords)}",
            f"Journal: {article.journal.name}",
            "Year: 2020",
            f"Handle: {article.handle}\n",
        ]
    (folder / "works.redif").write_text("\n".join(lines), "utf-8")


_PREFIXES = """@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix prism: <http://prismstandard.org/namespaces/basic/2.0/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@base <{base}/> .
"""
_LIE = f"""<id/{VICTIM}> dc:publisher "Forged House" ; prism:publicationName "Forged Annals" ;
    dc:subject "Forged keyword" ; dcterms:creator <id/{VICTIM}#author-9> .
<id/{VICTIM}#author-1> foaf:name "Forged Name" ; prov:specializationOf <id/{OTHER_LEE}> .
<id/{VICTIM}#authors> rdf:_9 <id/{VICTIM}#author-9> .
"""


def _own(name: str) -> str:
    return f'<id/local/{name}> a bibo:Book ; dcterms:title "{name}" .\n'


# {file: (what it says, the code of the finding that tells of it)}
INTRUDERS = {
    # The statements make a record of the victim's name, without a title: refused, the old one stays.
    "beside.ttl": (_own("beside") + _LIE, "missing-title"),
    "graph.trig": (f"GRAPH <record/local/graph> {{ {_own('graph')} {_LIE} }}", "other-subject"),
    "nobodys.trig": (f"{_own('nobodys')} GRAPH <https://elsewhere.example/g> {{ {_LIE} }}", "missing-title"),
    "claims.ttl": (
        _own("claims")
        + f'<https://elsewhere.example/1> a bibo:Book ; dcterms:title "Forged" ; bibo:handle "{VICTIM}" ;'
        + f' dc:publisher "Forged House" .\n<id/{VICTIM}> dcterms:title "Forged" .\n',
        "two-subjects",
    ),
}


def write_intruders(folder: Path, base: str) -> None:
    for name, (text, _) in INTRUDERS.items():
        (folder / name).write_text(_PREFIXES.format(base=base) + text, "utf-8")
