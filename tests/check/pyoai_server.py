"""A careful application behind pyoai's own server (2.5.0): what is wrong of its answers is pyoai's."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.bench.pyoai_tree import _modules
from tests.check.proxy import Asked, Reply, Serve

OAI_DC = (
    "oai_dc",
    "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    "http://www.openarchives.org/OAI/2.0/oai_dc/",
)
SETS = ("a", "a:b", "c")
# (local name, date, sets, whether it is deleted)
ROWS = tuple(
    (str(n), datetime(2019, 3, n + 1, 10, 0, n), ("a:b",) if n % 3 == 0 else ("a", "c"), n == 5)  # noqa: DTZ001
    for n in range(9)
)


@dataclass
class Application:
    """pyoai's interface IOAI, kept as its documentation asks. `base` is the address that it is asked by."""

    base: str = ""
    common: Any = field(init=False)
    error: Any = field(init=False)

    def __post_init__(self) -> None:
        self.common, self.error = _modules().common, _modules().server.error

    def identify(self) -> Any:
        return self.common.Identify(
            "Behind pyoai",
            self.base,
            "2.0",
            ["admin@pyoai.example.org"],
            ROWS[0][1],
            "persistent",
            "YYYY-MM-DDThh:mm:ssZ",
            ["identity"],
            False,
        )

    def listMetadataFormats(self, identifier: str | None = None) -> list[tuple[str, str, str]]:
        if identifier is not None and self._row(identifier)[3]:
            raise self.error.NoMetadataFormatsError("it is deleted")
        return [OAI_DC]

    def listSets(self) -> list[tuple[str, str, str]]:
        return [(spec, f"The set {spec}", "") for spec in SETS]

    def getRecord(self, metadataPrefix: str, identifier: str) -> Any:  # noqa: N803
        row = self._row(identifier)
        self._known(metadataPrefix)
        return self._triple(row)

    def listIdentifiers(self, **arguments: Any) -> Iterable[Any]:
        return [self._triple(row)[0] for row in self._chosen(**arguments)]

    def listRecords(self, **arguments: Any) -> Iterable[Any]:
        return [self._triple(row) for row in self._chosen(**arguments)]

    def _chosen(
        self,
        metadataPrefix: str,  # noqa: N803
        set: str | None = None,
        from_: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterable[tuple[str, datetime, tuple[str, ...], bool]]:
        self._known(metadataPrefix)
        return [
            row
            for row in ROWS
            if (from_ is None or row[1] >= from_)
            and (until is None or row[1] <= until)
            and (set is None or any(f"{own}:".startswith(f"{set}:") for own in row[2]))
        ]

    def _known(self, prefix: str) -> None:
        if prefix != "oai_dc":
            raise self.error.CannotDisseminateFormatError("oai_dc alone is given")

    def _row(self, identifier: str) -> tuple[str, datetime, tuple[str, ...], bool]:
        for row in ROWS:
            if identifier == f"oai:pyoai.example.org:{row[0]}":
                return row
        raise self.error.IdDoesNotExistError("nothing is called so")

    def _triple(self, row: tuple[str, datetime, tuple[str, ...], bool]) -> Any:
        header = self.common.Header(None, f"oai:pyoai.example.org:{row[0]}", row[1], list(row[2]), row[3])
        return header, None if row[3] else self.common.Metadata(None, {"title": [f"Title {row[0]}"]}), None


class PyoaiServer:
    """Answers as pyoai's `Server` does, by GET and POST, over HTTP as its users write it."""

    def __init__(self) -> None:
        modules = _modules()
        self.application = Application()
        registry = modules.metadata.MetadataRegistry()
        registry.registerWriter("oai_dc", modules.server.oai_dc_writer)
        self._server = modules.server.Server(self.application, registry, resumption_batch_size=4)

    def answer(self, asked: Asked, _: Serve) -> Reply:
        kind = {"Content-Type": "text/xml; charset=utf-8"}
        try:
            body: bytes = self._server.handleRequest(dict(parse_qsl(asked.query, keep_blank_values=True)))
        except Exception as error:
            # What pyoai lets through, a web server makes a 500 of.
            return Reply(500, {"Content-Type": "text/plain"}, repr(error).encode("utf-8", "replace"))
        return Reply(200, kind, body)
