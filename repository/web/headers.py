"""The headers that replies of a kind have alike: type, caching, what scripts may do and who may read.

For `http`, which adds what is one reply's own.
"""

from email.utils import formatdate
from functools import lru_cache

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# For the one page that has scripts, which are files of ours: no inline script, no eval, no other host. The hash is
# that of the one style sheet which YASGUI 4.6.2 writes into the page, for the grips between columns.
_CSP_SCRIPTS = (
    _CSP.replace("style-src 'self'", "style-src 'self' 'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='")
    + "; script-src 'self'; connect-src 'self'"
)
# All of them: nobody sends credentials here. Names would take the room of Links.
_EXPOSED = "*"
_READING = ("GET", "HEAD", "OPTIONS")
# Never Authorization, without which nothing is written.
_PREFLIGHT = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Datetime, Accept-Language, Content-Type, If-Match, If-Modified-Since, If-None-Match, "
        "If-Range, If-Unmodified-Since, Range"
    ),
    "Access-Control-Max-Age": "86400",
}
_WITH_CHARSET = (
    "text/",
    "application/xml",
    "application/rdf+xml",
    "application/x-bibtex",
    "application/x-research-info-systems",
)


# Of a few dozen kinds, which are copied faster than made.
@lru_cache(maxsize=256)
def of_kind(media_type: str, cache: str, negotiated: bool, varies: str, scripts: bool) -> dict[str, str]:
    """The headers that replies of a kind have alike."""
    if media_type.startswith(_WITH_CHARSET) and "charset" not in media_type:
        media_type += "; charset=utf-8"
    headers = {
        "Content-Type": media_type,
        "Cache-Control": cache,
        "Vary": ", ".join(name for name in ("Accept" * negotiated, "Accept-Encoding", varies) if name),
        # Bodies are small or made anew: Range is ignored (RFC 9110, 14.2), and nobody need try it. But for downloads.
        "Accept-Ranges": "none",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": _EXPOSED,
    }
    if media_type.startswith("text/html"):
        headers["Content-Security-Policy"] = _CSP_SCRIPTS if scripts else _CSP
    return headers


# Records come and change by the hundred in one second.
@lru_cache(maxsize=1024)
def http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def preflight(headers: dict[str, str], posted: bool, method: str) -> dict[str, str]:
    """What pages of other origins may do: read. Of what writes nothing is said to them, for where anything is, browsers
    take POST for allowed whatever methods are named (Fetch, 4.8)."""
    methods = (*_READING, "POST") if posted else _READING
    if method not in methods:
        return {name: value for name, value in headers.items() if not name.startswith("Access-")}
    return {**headers, **_PREFLIGHT, "Access-Control-Allow-Methods": ", ".join(methods)}
