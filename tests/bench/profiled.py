"""Where the time of a page goes: the application in process, without a server, under Python's own profiler.

Run as `python -m tests.bench.profiled PAGES SECONDS` with the settings in the environment; one line of JSON tells, for
pages that are rendered for the first time ("cold") and for the same pages again ("warm"), the lines with most time of
their own. A data folder that has rendered pages already makes both warm.
"""

import cProfile
import json
import pstats
import re
import sys
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from repository.model.settings import load_settings
from repository.web.app import application
from tests.bench.harvest import RECORDS
from tests.bench.harvesters import token

TOP = 5
_ROOT = Path(__file__).parents[2]
_PLACE = re.compile(r"^.*site-packages/")
App = Callable[[dict[str, Any], Any], Iterable[bytes]]


def ask(app: App, path: str) -> bytes:
    """A coded page, straight from the application."""
    place, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": place,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    body = app(environ, lambda status, headers, info=None: None)
    try:
        return b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close:
            close()


def profiled(app: App, most: int, seconds: float) -> dict[str, list[list[Any]]]:
    """{"cold": lines, "warm": lines}, each line [share of the time, ms a page, function]."""
    paths: list[str] = []
    path = RECORDS.first
    cold, began = cProfile.Profile(), time.monotonic()
    while path and len(paths) < most and time.monotonic() - began < seconds * 5:
        cold.enable()
        body = ask(app, path)
        cold.disable()
        paths.append(path)
        found, _ = token(body, coded=body[:2] == b"\x1f\x8b")
        path = RECORDS.following.format(quote(found, safe="")) if found else ""
    warm, pages, began = cProfile.Profile(), 0, time.monotonic()
    while time.monotonic() - began < seconds:
        warm.enable()
        for each in paths:
            ask(app, each)
        warm.disable()
        pages += len(paths)
    return {"cold": _lines(cold, len(paths)), "warm": _lines(warm, pages)}


def _lines(profile: cProfile.Profile, pages: int) -> list[list[Any]]:
    stats: Any = pstats.Stats(profile).get_stats_profile()
    whole = stats.total_tt or 1e-9
    found: Any = pstats.Stats(profile)
    rows = sorted(((own, place) for place, (_, _, own, _, _) in found.stats.items()), reverse=True)[:TOP]
    return [[own / whole, own / max(1, pages) * 1000, _named(*place)] for own, place in rows]


def _named(file: str, line: int, function: str) -> str:
    """`function (file:line)`, with the file below the project or below site-packages."""
    if file.startswith(("~", "<")):
        return re.sub(r" at 0x[0-9a-f]+", "", function).strip("<>")
    short = _PLACE.sub("", file).removeprefix(f"{_ROOT}/")
    return f"{function} ({short}:{line})"


if __name__ == "__main__":
    print(json.dumps(profiled(application(load_settings()), int(sys.argv[1]), float(sys.argv[2]))))
