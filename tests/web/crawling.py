"""All addresses that an application names, found by following them, and what it answers there."""

import html
import re
from collections import Counter
from dataclasses import dataclass

from flask.testing import FlaskClient

from tests.web.conftest import ARTICLE, GONE, MENTIONED, MOVED, PERSON, SERIES
from tests.web.steady import steady

# Where one begins: what is known without having been told.
SEEDS = (
    "/",
    *(f"/id/{identifier}" for identifier in (ARTICLE, SERIES, PERSON, GONE, MOVED, MENTIONED, "jel:Q57")),
    f"/linkset/{ARTICLE}",
    f"/timegate/{ARTICLE}",
    "/doi/10.1000/abc(1)",
    "/oai?verb=Identify",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/oai?verb=ListRecords&metadataPrefix=rdf",
    "/oai?verb=GetRecord&metadataPrefix=nothing&identifier=x",
    "/oai.xml?verb=ListSets",
    "/sparql",
    "/vocab",
    "/context.jsonld",
    "/dataset",
    "/.well-known/void",
    "/robots.txt",
    "/favicon.ico",
    "/sitemap.xml",
    "/dumps/",
    "/feeds/ldes",
    "/feeds/atom",
    "/nothing",
    "/record/RePEc:nobody:knows:1",
)
# Each is asked for with each of these where it is negotiated.
ACCEPTS = ("text/html", "text/turtle", "application/ld+json")
# So many addresses of one shape are looked at: there are as many alike as there are records.
_ALIKE = 3
# What changes by itself: the second of an answer, what a process is at, how long something took.
_UNSTEADY = ("/readyz", "/healthz", "/report", "/sparql?", "/sparql/named/", "/search", "/similar/")
_SECOND = re.compile(rb"<responseDate>[^<]*</responseDate>")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def all(self) -> bytes:
        """Everything that is said, headers and body."""
        return (
            "\n".join(f"{name}: {value}" for name, value in self.headers.items()).encode()
            + b"\n\n"
            + self.body
        )


def ask(client: FlaskClient, path: str, accept: str, **headers: str) -> Answer:
    reply = client.get(path, headers={"Accept": accept, **headers})
    body = _SECOND.sub(b"", reply.data)
    kept = {
        name: value for name, value in steady(reply.headers) if not (body != reply.data and name == "ETag")
    }
    return Answer(reply.status_code, kept, body)


def crawl(client: FlaskClient, base: str, **headers: str) -> dict[tuple[str, str], Answer]:
    """{(path, Accept): answer} of what is reached from the seeds; of many alike, some."""
    found: dict[tuple[str, str], Answer] = {}
    waiting, seen, alike = list(SEEDS), set(SEEDS), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        for accept in ACCEPTS:
            answer = found[path, accept] = ask(client, path, accept, **headers)
            for address in _addresses(answer, base):
                shape = re.sub(r"[\d]+|(?<=/)[^/?]*:[^.?]*", "", address)
                if address not in seen and alike[shape] < _ALIKE and not address.startswith(_UNSTEADY):
                    alike[shape] += 1
                    seen.add(address)
                    waiting.append(address)
            if "Accept," not in answer.headers["Vary"]:
                break
    return found


def _addresses(answer: Answer, base: str) -> list[str]:
    """Paths under the base that an answer names, in the order in which it does."""
    text = html.unescape(answer.all.decode("utf-8", "replace"))
    paths = re.findall(rf"{re.escape(base)}([A-Za-z.][^\s\"'<>\\{{}}`]*)", text)
    return list(dict.fromkeys("/" + path.partition("#")[0].rstrip(".,;") for path in paths))
