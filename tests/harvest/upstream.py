"""Repositories to harvest from on loopback: a real Sheaf, and a small server that says whatever a test wants."""

import contextlib
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, cast

from werkzeug.serving import WSGIRequestHandler, make_server

from repository.assembly import House, open_house, opened
from repository.ingest import Ingest, find_files
from repository.model.settings import make_settings
from repository.web.app import create_app
from tests.ports import free_port

RECORDS = Path(__file__).parents[2] / "records"
DATE = "2026-05-05T05:05:05Z"
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">{}</oai_dc:dc>'
)
FORMATS = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


# -- a real Sheaf ------------------------------------------------------------------------------------------


class Sheaf:
    """A served Sheaf; `house` writes to it. `before` is called with each query string."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.port = free_port()
        self.before: Callable[[str], None] = lambda query: None
        self.settings = make_settings(
            {"data": str(data), "base_url": f"http://127.0.0.1:{self.port}", **settings}
        )
        self.house: House = open_house(self.settings)
        self._read = open_house(self.settings, read_only=True)
        application = create_app(self._read)

        def door(environ: dict[str, Any], start: Any) -> Any:
            self.before(environ["QUERY_STRING"])
            return application(environ, start)

        self._server = make_server("127.0.0.1", self.port, door, threaded=True, request_handler=_Quiet)
        # Then server_close() waits for the requests at work, for nobody may read a house that is closed: a
        # killed harvester leaves one behind.
        cast(ThreadingMixIn, self._server).daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/oai"

    def fill(self, *folders: Path) -> None:
        Ingest(self.house.log, self.house.site).run(list(find_files(folders)))

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._read.close()
        self.house.close()


@contextlib.contextmanager
def house_at(data: Path, base_url: str = "http://127.0.0.1:1") -> Iterator[House]:
    with opened(make_settings({"data": str(data), "base_url": base_url})) as house:
        yield house


# -- anything else -----------------------------------------------------------------------------------------

Reply = bytes | str | tuple[int, Mapping[str, str], bytes]


class Server:
    """Answers each request with what `reply(arguments)` gives: a body, or (status, headers, body)."""

    def __init__(
        self, reply: Callable[[dict[str, str]], Reply], host: str, tls: ssl.SSLContext | None
    ) -> None:
        self.asked: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                arguments = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                outer.asked.append(arguments)
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                answer = reply(arguments)
                status, headers, body = answer if isinstance(answer, tuple) else (200, {}, answer)
                body = body.encode() if isinstance(body, str) else body
                self.send_response_only(status)
                for name, value in {
                    "Content-Type": "text/xml",
                    "Content-Length": str(len(body)),
                    **headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        class Listener(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass

        self._server = Listener((host, 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        name = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{name}:{self._server.server_port}/oai"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextlib.contextmanager
def serving(
    reply: Callable[[dict[str, str]], Reply], *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    server = Server(reply, host, tls)
    try:
        yield server
    finally:
        server.close()


def envelope(content: str, date: str = DATE) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{date}</responseDate><request>http://x/oai</request>{content}</OAI-PMH>"
    )


def error(code: str, text: str = "no") -> str:
    return envelope(f'<error code="{code}">{text}</error>')


def record(
    name: str,
    metadata: str = "",
    *,
    date: str = "2026-01-01T00:00:00Z",
    sets: Sequence[str] = (),
    about: str = "",
) -> str:
    """A record by its whole OAI identifier; with a title of its own unless metadata is given."""
    specs = "".join(f"<setSpec>{spec}</setSpec>" for spec in sets)
    content = metadata or DC.format(f"<dc:title>Title of {name}</dc:title>")
    return (
        f"<record><header><identifier>{name}</identifier><datestamp>{date}</datestamp>{specs}</header>"
        f"<metadata>{content}</metadata>{about}</record>"
    )


def deletion(name: str, date: str = "2026-01-02T00:00:00Z", sets: Sequence[str] = ()) -> str:
    specs = "".join(f"<setSpec>{spec}</setSpec>" for spec in sets)
    return (
        f'<record><header status="deleted"><identifier>{name}</identifier><datestamp>{date}</datestamp>'
        f"{specs}</header></record>"
    )


def listing(*records: str, token: str = "", date: str = DATE, attributes: str = "") -> str:
    return envelope(
        f"<ListRecords>{''.join(records)}<resumptionToken{attributes}>{token}</resumptionToken></ListRecords>",
        date,
    )


class Repository:
    """A foreign repository as a reply: `pages` by token (the first has the token ""), each text or a function."""

    def __init__(
        self,
        *pages: Reply,
        formats: Sequence[str] = ("oai_dc",),
        granularity: str = "YYYY-MM-DDThh:mm:ssZ",
        records: Mapping[str, str] | None = None,
    ) -> None:
        self.pages: dict[str, Reply] = {}
        self.formats, self.granularity = list(formats), granularity
        self.records = dict(records or {})
        self.chain(*pages)

    def chain(self, *pages: Reply) -> None:
        """Pages by their number: the token of page n is `n`."""
        self.pages = {str(n) if n else "": page for n, page in enumerate(pages)}

    def __call__(self, arguments: dict[str, str]) -> Reply:
        verb = arguments.get("verb", "")
        if verb == "Identify":
            return envelope(
                "<Identify><repositoryName>Foreign</repositoryName><baseURL>http://x/oai</baseURL>"
                "<protocolVersion>2.0</protocolVersion><adminEmail>a@b.example</adminEmail>"
                "<earliestDatestamp>2000-01-01</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
                f"<granularity>{self.granularity}</granularity></Identify>"
            )
        if verb == "ListMetadataFormats":
            return envelope(
                "<ListMetadataFormats>"
                + "".join(
                    f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><schema>http://x/s.xsd</schema>"
                    f"<metadataNamespace>{FORMATS.get(name, 'urn:' + name)}</metadataNamespace></metadataFormat>"
                    for name in self.formats
                )
                + "</ListMetadataFormats>"
            )
        if verb == "GetRecord":
            found = self.records.get(arguments["identifier"])
            return envelope(f"<GetRecord>{found}</GetRecord>") if found else error("idDoesNotExist")
        return self.pages.get(arguments.get("resumptionToken", ""), error("badResumptionToken"))
