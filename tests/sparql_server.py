"""A SPARQL server on loopback, as far as our index asks one; what it answers is for the test to say."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

# Results in JSON, of the fields of a form: `query`, or `update`.
Answer = Callable[[dict[str, list[str]]], bytes]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """Its address."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sparql"
        finally:
            server.shutdown()
