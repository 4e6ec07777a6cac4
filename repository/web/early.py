"""Replies given before Flask is asked: what was answered a moment ago, to whoever asks the same of the same log.

The guarantee: no reply is older than a commit that was acknowledged before its request began. The log's state is read
first (Log.state); a finished reply is given for that state alone, and is kept under the state that was read before it
was made. Where the log has another state, a reply that comes of one record alone (`plain`) is given if one read of the
record's newest entry, which is made after the look at the state, finds it unchanged. The page of a record shows titles,
links and lists of others, too: it is given if these are gathered anew and are what it was made of; only to make the
page of them is saved. All others are made anew after any commit.

It is what Flask would answer, byte for byte and header for header; whoever has it already gets 304.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from email.utils import parsedate_to_datetime
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from repository.assembly import House
from repository.model.errors import LogError
from repository.model.settings import Settings
from repository.web import conditions
from repository.web.html import Html
from repository.web.http import PASSING
from repository.web.negotiation import accepts_gzip
from repository.web.plain import Plain
from repository.web.replies import Kept, Key, Replies, key

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

# Addresses whose answers depend on the log, on settings, on Accept and on the coding alone.
_PLACES = ("/record/", "/id/")
# As werkzeug writes them.
_KEPT = ("200 OK", "303 SEE OTHER", "308 PERMANENT REDIRECT")
_LINES = {int(line[:3]): line for line in _KEPT}
# What decides about the answer to a request that is kept, beside its method.
_DECIDING = ("PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING")
_UNCHANGED = "304 NOT MODIFIED"
# Longer ones are nobody's, and a name for each would push out what many ask for.
_LONGEST = 500
_DATES = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", *_DATES)
# What a 304 has not: they describe a body (RFC 9110, 15.4.5), and who has the body has its links.
_OF_BODY = (
    "Content-Type",
    "Content-Encoding",
    "Content-Length",
    "Content-Disposition",
    "Last-Modified",
    "Link",
)

_SEEN = 1 << 18

Headers = list[tuple[str, str]]


class Ready(NamedTuple):
    """A whole answer to a request without conditions."""

    status: str
    headers: Headers
    body: bytes

    def packed(self) -> bytes:
        head = "\n".join([self.status, *(f"{name}: {value}" for name, value in self.headers)])
        return head.encode("latin-1") + b"\n\n" + self.body


def unpacked(content: bytes) -> Ready:
    head, _, body = content.partition(b"\n\n")
    status, *lines = head.decode("latin-1").split("\n")
    return Ready(status, [(name, value) for name, _, value in (line.partition(": ") for line in lines)], body)


class Early:
    """The finished replies of one application. `house` is open as long as this is used."""

    def __init__(self, house: House, html: Html, replies: Replies, salt: bytes) -> None:
        self._log, self._replies, self._salt = house.log, replies, salt
        self._plain = Plain(house, html)
        # Hears of each reply whether it was kept or had to be made.
        self.heed: Callable[[str], None] = lambda name: None
        # A byte of each of as many requests.
        self._seen = bytearray(_SEEN)

    def key(self, environ: Mapping[str, str]) -> Key | None:
        """What is asked for, and of which state of the log; None where the answer is not one to be kept."""
        path, accept = environ.get("PATH_INFO", ""), environ.get("HTTP_ACCEPT")
        if (
            not path.startswith(_PLACES)
            or environ.get("REQUEST_METHOD") not in ("GET", "HEAD")
            or environ.get("QUERY_STRING")
            or len(path) > _LONGEST
            or (accept is not None and len(accept) > _LONGEST)
        ):
            return None
        try:
            state = self._log.state()
        except (LogError, OSError):
            # Whoever reads the log says what is wrong with it.
            return None
        coding = "gzip" if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING")) else ""
        asked = f"{coding}\n{path}\n" + ("" if accept is None else f"Accept: {accept}")
        return key(self._salt, asked.encode("latin-1", "replace"), state)

    def answer(
        self, key: Key, environ: Mapping[str, Any], start_response: "StartResponse"
    ) -> list[bytes] | None:
        """What was finished or can be at once; None for nothing, or where the request has a condition that fails."""
        kept = self._replies.get(key)
        if kept and kept.state == key.state:
            self.heed("replies_kept")
            ready: Ready | None = unpacked(kept.content)
        else:
            ready = self._plainly(key, kept, environ)
        return self.given(ready, environ, start_response) if ready else None

    def _plainly(self, key: Key, kept: Kept | None, environ: Mapping[str, Any]) -> Ready | None:
        """A reply that `plain` makes: the one that is kept, if all it was made of is as it was, else a new one."""
        plain = {name: environ[name] for name in _DECIDING if name in environ} | {"REQUEST_METHOD": "GET"}
        try:
            asked = self._plain.asked(environ["PATH_INFO"], environ.get("HTTP_ACCEPT"))
            if asked is None:
                return None
            if kept and kept.depends == asked.depends:
                self._replies.put(key, kept.content, kept.depends)
                self.heed("replies_kept")
                return unpacked(kept.content)
            status, headers, body = self._plain.answer(asked, plain)
            self.heed("replies_made")
        except Exception:
            # The application will meet it too, and tells what is wrong.
            return None
        ready = Ready(_LINES[status], [*headers.items(), ("Content-Length", str(len(body)))], body)
        # A page costs ten times as much as to keep it.
        if PASSING not in plain and (asked.known or self._comes_again(key)):
            self._replies.put(key, ready.packed(), asked.depends)
        return ready

    def _comes_again(self, key: Key) -> bool:
        """Whether the same was asked for before, as far as can be told.

        To keep a short reply costs half of what it costs to make it, and crawlers ask for each once.
        """
        place = int.from_bytes(key.asked[:4], "little") % len(self._seen)
        before, self._seen[place] = self._seen[place], key.asked[4] | 1
        return before == key.asked[4] | 1

    def given(
        self, ready: Ready, environ: Mapping[str, str], start_response: "StartResponse"
    ) -> list[bytes] | None:
        """A finished reply as the answer to one request; None where the request has a condition that fails."""
        if ready.status == "200 OK" and any(name in environ for name in _CONDITIONS):
            status = _status(ready.headers, environ)
            if status == 304:
                start_response(_UNCHANGED, unchanged(ready.headers))
                return [b""]
            if status != 200:
                return None
        start_response(ready.status, ready.headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else ready.body]

    def keep(self, key: Key, environ: Mapping[str, object], ready: Ready) -> bool:
        """What Flask answered to a request; whether it is kept, as only what may be given to the next who asks is."""
        keeps = environ.get("REQUEST_METHOD") == "GET" and ready.status in _KEPT and PASSING not in environ
        if keeps:
            self._replies.put(key, ready.packed())
        return keeps


def unconditional(environ: Mapping[str, Any]) -> dict[str, Any]:
    """The same request for whoever has nothing yet."""
    return {name: value for name, value in environ.items() if name not in _CONDITIONS}


def _status(headers: Headers, environ: Mapping[str, str]) -> int:
    said = dict(headers)
    dated = any(name in environ for name in _DATES)
    modified = said.get("Last-Modified") if dated else None
    seconds = int(parsedate_to_datetime(modified).timestamp()) if modified else None
    return conditions.status(said["ETag"], seconds, environ)


def unchanged(headers: Headers) -> Headers:
    """Of a 304, from those of the 200."""
    return [(name, value) for name, value in headers if name not in _OF_BODY]


def early(house: House, html: Html) -> Early | None:
    """None where no replies are to be kept, or they cannot be: all is answered without them then, but slower."""
    settings = house.settings
    if not settings.replies_mb:
        return None
    try:
        replies = Replies(settings.replies_file, settings.replies_mb << 20)
    except OSError:
        return None
    return Early(house, html, replies, _salt(settings))


def _salt(settings: Settings) -> bytes:
    """Another one for other settings and for other software: what they made is not found any more."""
    return blake2b(repr(sorted(asdict(settings).items())).encode() + _software(), digest_size=32).digest()


@cache
def _software() -> bytes:
    """The files of the program and the vocabulary, by their sizes and dates."""
    folder = Path(str(files("repository")))
    found = sorted(path for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file())
    marks = ((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in found)
    return repr(list(marks)).encode()
