"""Comunica, a SPARQL engine of others, asked through `comunica.mjs`."""

from dataclasses import dataclass

from tests.clients.driven import ClientError, Driven

ComunicaError = ClientError


@dataclass(frozen=True, slots=True)
class Said:
    """`asked`: every request that the engine made, as {method, url, accept}."""

    text: str
    asked: list[dict[str, str]]


class Comunica(Driven):
    def __init__(self, node: str) -> None:
        super().__init__(node, "comunica.mjs", "@comunica/query-sparql")

    def __call__(
        self, query: str, *sources: str, media_type: str = "application/sparql-results+json"
    ) -> Said:
        reply = self.ask({"query": query, "sources": sources, "mediaType": media_type})
        return Said(reply["result"], reply["asked"])
