"""Requests whose ends two servers may see in different places, and requests that are too large."""

import contextlib
import socket

# However busy the machine is.
_FIRST_SECONDS = 30
_HIDDEN = "GET /record/RePEc:xxx:joujou:13 HTTP/1.1\r\nHost: hidden.example\r\nX-Rest: "
_CHUNKED = "b\r\nverb=Listxx\r\n0\r\n\r\n"
_KIND = "Content-Type: application/x-www-form-urlencoded\r\n"


def _post(framing: str, body: str, version: str = "1.1") -> bytes:
    head = f"POST /oai HTTP/{version}\r\nHost: front.example\r\n{_KIND}{framing}\r\n"
    return (head + body).encode("latin-1")


def _both(length: int = 0) -> str:
    body = _CHUNKED + _HIDDEN
    return f"Content-Length: {length or len(body)}\r\n"


_BODY = _CHUNKED + _HIDDEN
_TE = "Transfer-Encoding: chunked\r\n"

# Each must be refused: no server that lets one pass knows where the next request begins.
REFUSED = {
    "length and chunked": _post(_both() + _TE, _BODY),
    "chunked and length": _post(_TE + _both(), _BODY),
    "length short, chunked": _post(_both(6) + _TE, _BODY),
    "two lengths": _post(f"Content-Length: 4\r\n{_both()}", _BODY),
    "two lengths in one": _post("Content-Length: 4, 40\r\n", _BODY),
    "length with a sign": _post("Content-Length: +40\r\n", _BODY),
    "negative length": _post("Content-Length: -1\r\n", _BODY),
    "length in hexadecimal": _post("Content-Length: 0x28\r\n", _BODY),
    "length with a blank": _post("Content-Length : 40\r\n", _BODY),
    "huge length": _post(f"Content-Length: {'9' * 30}\r\n", _BODY),
    "blank before the colon": _post("Transfer-Encoding : chunked\r\n" + _both(), _BODY),
    "another coding": _post("Transfer-Encoding: xchunked\r\n", _BODY),
    "quoted": _post('Transfer-Encoding: "chunked"\r\n', _BODY),
    "identity": _post("Transfer-Encoding: identity\r\n" + _both(), _BODY),
    "identity, chunked": _post("Transfer-Encoding: identity, chunked\r\n", _BODY),
    "chunked twice": _post("Transfer-Encoding: chunked, chunked\r\n", _BODY),
    "two codings": _post(_TE + "Transfer-Encoding: identity\r\n", _BODY),
    "vertical tab": _post("Transfer-Encoding: \x0bchunked\r\n", _BODY),
    "in an old version": _post(_TE, _BODY, "1.0"),
    "no number of a chunk": _post(_TE, "zz\r\nverb=Identify\r\n0\r\n\r\n"),
    "negative chunk": _post(_TE, "-1\r\nverb=Identify\r\n0\r\n\r\n"),
    "huge chunk": _post(_TE, "f" * 40 + "\r\nverb=Identify\r\n0\r\n\r\n"),
    "folded header": _post("Transfer-Encoding:\r\n chunked\r\n", _BODY),
    "NUL in a header": _post("X-A: a\x00b\r\n", ""),
    "no host": b"GET /oai?verb=Identify HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /oai?verb=Identify HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: a.example\r\nAccept: " + b"text/a," * 1_300 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: a.example\r\n"
    + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 200) for n in range(100))
    + b"\r\n",
    "long address": b"GET /oai?verb=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: a.example\r\n\r\n",
    "chunked, too large": _post(_TE, ("4000\r\n" + "a" * 0x4000 + "\r\n") * 20 + "0\r\n\r\n"),
    "too large by its word": _post("Content-Length: 1000000\r\n", ""),
}

# Odd, but plain: where some servers would see two requests, there is one that has an answer.
ANSWERED = {
    "length in the body": _post("Content-Length: 13\r\n", "verb=Identify"),
    "chunked": _post(_TE, "d\r\nverb=Identify\r\n0\r\n\r\n"),
    "chunked with an extension": _post(_TE, "d;a=b\r\nverb=Identify\r\n0\r\n\r\n"),
    "chunked in capitals": _post("TRANSFER-ENCODING: CHUNKED\r\n", "D\r\nverb=Identify\r\n0\r\n\r\n"),
    "body of a GET": b"GET /oai?verb=Identify HTTP/1.1\r\nHost: a.example\r\nContent-Length: "
    + str(len(_HIDDEN)).encode()
    + b"\r\n\r\n"
    + _HIDDEN.encode(),
}


def said(port: int, request: bytes, seconds: float = 1.0) -> list[int]:
    """Status codes of all answers on one connection, until it is closed or, after a first one, nothing came for so
    long."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=_FIRST_SECONDS) as sock:
        # Refused before all was sent, or reset, or silent: what was heard before is what there is.
        with contextlib.suppress(OSError):
            sock.sendall(request)
        with contextlib.suppress(OSError):
            while piece := sock.recv(65536):
                heard += piece
                sock.settimeout(seconds)
    # A status line may follow a body directly.
    return [int(part[:3]) for part in heard.replace(b"HTTP/1.0 ", b"HTTP/1.1 ").split(b"HTTP/1.1 ")[1:]]
