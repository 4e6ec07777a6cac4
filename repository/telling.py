"""What processes of a service tell the maintainer, on stderr (good news on stdout): lines for people, or JSON objects
for programs.

One line a thing, written at once. Control characters never reach a terminal as they are: where a text comes from
outside, it goes into a field, and fields are written as JSON.
"""

import json
import logging
import sys
import time
import traceback
from contextlib import suppress
from typing import Any, TextIO

_json = False


def use(form: str) -> None:
    """From now on tell as `text` or as `json`, what Python's own logging has to tell included."""
    global _json
    _json = form == "json"
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines() if _json else _Text("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def say(text: str, **fields: Any) -> None:
    """One line of news or trouble; the fields are for programs alone."""
    _write(_object("warning", text, fields) if _json else f"sheaf: {_printable(text)}")


def announce(text: str) -> None:
    """One line of good news, on stdout."""
    _write(_object("info", text, {}) if _json else _printable(text), sys.stdout)


def failed(error: BaseException, name: str, asked: str) -> None:
    """A failure of ours, for which a client was given this name."""
    if _json:
        trace = "".join(traceback.format_exception(error))
        _write(
            _object("error", f"{type(error).__name__}: {error}", {"id": name, "asked": asked, "trace": trace})
        )
        return
    trace = "".join(traceback.format_exception(error)).rstrip("\n")
    _write(f"error {name}: {asked!r}\n{_printable(trace, lines=True)}")


def unready(error: BaseException, name: str, asked: str) -> None:
    """What we work with failed, for which a client was given this name. The error says all that there is to say, and
    while it lasts everybody meets it: so one line."""
    if _json:
        _write(_object("error", str(error), {"id": name, "asked": asked}))
        return
    _write(f"error {name}: {asked!r}: {_printable(str(error))}")


def on_one_line(text: str) -> str:
    """What somebody else wrote, or named a file, must not draw on the terminal, nor begin a line of its own."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def request(**fields: Any) -> None:
    """A request that was answered."""
    if _json:
        _write(_object("info", "request", fields))
        return
    told = " ".join(f"{name}={json.dumps(value)}" for name, value in fields.items())
    _write(f"{_now()} request {told}")


def _object(level: str, text: str, fields: dict[str, Any]) -> str:
    # ASCII alone, so whatever is in it, it is one line and harmless.
    return json.dumps({"time": _now(), "level": level, "text": text, **fields}, default=str)


def _now() -> str:
    now = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03}Z"


def _write(line: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stderr
    # Nobody may be listening any more; that stops nothing.
    with suppress(OSError, ValueError):
        stream.write(line + "\n")
        stream.flush()


def _printable(text: str, *, lines: bool = False) -> str:
    """Blanks for what a terminal obeys; with `lines` but for the ends of lines."""
    return "".join(each if each.isprintable() or (lines and each == "\n") else " " for each in text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _printable(super().format(record), lines=True)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {"of": record.name}
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return _object(record.levelname.lower(), record.getMessage(), fields)
