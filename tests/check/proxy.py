"""A server on loopback between the tool and a repository; a defect planted in it may change what is asked and answered.

A defect is a function of what was asked and of a way to have it served: it may do so never, once or often.
"""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, urlencode

from lxml import etree
from werkzeug.test import Client

OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NS = {
    "o": OAI,
    "dc": "http://purl.org/dc/elements/1.1/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "id": "http://www.openarchives.org/OAI/2.0/oai-identifier",
    "p": "http://www.openarchives.org/OAI/2.0/provenance",
}


@dataclass(frozen=True)
class Asked:
    """A request; `query` holds the arguments of a POST as well."""

    method: str
    query: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True, errors="surrogateescape")

    @property
    def arguments(self) -> dict[str, str]:
        return dict(self.pairs)

    @property
    def verb(self) -> str:
        return self.arguments.get("verb", "")

    def having(self, pairs: list[tuple[str, str]]) -> "Asked":
        text = urlencode(pairs, errors="surrogateescape", quote_via=quote)
        return replace(self, query=text)

    def put(self, **values: str | None) -> "Asked":
        """With these arguments instead of those of the same name; None takes one away."""
        kept = [(name, value) for name, value in self.pairs if name not in values]
        return self.having(kept + [(name, value) for name, value in values.items() if value is not None])


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    def of(self, root: etree._Element) -> "Reply":
        return replace(self, body=etree.tostring(root, xml_declaration=True, encoding="UTF-8"))

    def text(self, old: str, new: str) -> "Reply":
        return replace(self, body=self.body.replace(old.encode(), new.encode()))

    def having(self, **headers: str) -> "Reply":
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **names})

    @property
    def codes(self) -> list[str]:
        return [str(code) for code in self.root.xpath("//o:error/@code", namespaces=NS)]


Serve = Callable[[Asked], Reply]
Defect = Callable[[Asked, Serve], Reply]


def no_defect(asked: Asked, serve: Serve) -> Reply:
    return serve(asked)


@dataclass
class Proxy:
    """`app` is any WSGI application, or None where `defect` answers alone."""

    app: object = None
    defect: Defect = no_defect
    asked: list[Asked] = field(default_factory=list)
    path: str = "/oai"
    server: http.server.ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One packet an answer: two would wait for each other (Nagle), 40 ms each time.
            wbufsize = -1

            def do_GET(self) -> None:
                self._answer("GET", self.path.partition("?")[2])

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                both = [self.path.partition("?")[2], body.decode("latin-1")]
                self._answer("POST", "&".join(part for part in both if part))

            def _answer(self, method: str, query: str) -> None:
                reply = proxy.answer(Asked(method, query, dict(self.headers.items())))
                self.send_response_only(reply.status)
                for name, value in {"Date": self.date_time_string(), **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        return self.base + self.path

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.defect(asked, self.serve)

    def serve(self, asked: Asked) -> Reply:
        """What the repository behind says."""
        kept = {k: v for k, v in asked.headers.items() if k.lower() in ("accept-encoding", "user-agent")}
        client = Client(self.app)  # type: ignore[arg-type]
        if asked.method == "POST":
            kind = "application/x-www-form-urlencoded"
            response = client.post(
                self.path, data=asked.query.encode("latin-1"), content_type=kind, headers=kept
            )
        else:
            response = client.get(self.path, query_string=asked.query, headers=kept)
        drop = ("content-length", "date", "connection")
        headers = {name: value for name, value in response.headers.items() if name.lower() not in drop}
        return Reply(response.status_code, headers, response.get_data())

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()

    @contextmanager
    def having(self, defect: Defect) -> Iterator["Proxy"]:
        before, self.defect = self.defect, defect
        self.asked.clear()
        try:
            yield self
        finally:
            self.defect = before
