"""The XML of the protocol: envelope, errors, headers, records, token elements. Strings in, strings out.

Metadata comes ready-made from `repository.formats`; nothing here decides what is shown.
"""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from repository.model import datestamps
from repository.model.ntriples import ILLEGAL_XML
from repository.model.records import Record
from repository.model.site import Site
from repository.oai.errors import WITHOUT_ECHO, Problem

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<OAI-PMH xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xsi:schemaLocation="{NAMESPACE} {NAMESPACE}OAI-PMH.xsd">\n'
)
# A parser would read these inside an attribute as blanks (XML 3.3.3).
_IN_ATTRIBUTE = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def text(value: str) -> str:
    """Any text as element content."""
    return escape(ILLEGAL_XML.sub("", value))


def attribute(value: str) -> str:
    return escape(ILLEGAL_XML.sub("", value), _IN_ATTRIBUTE)


def envelope(*, date: int, base_url: str, pairs: Iterable[tuple[str, str]]) -> tuple[bytes, bytes]:
    """What stands before and behind an answer. `pairs` become attributes of the request element, exactly as sent."""
    echo = "".join(f' {name}="{attribute(value)}"' for name, value in pairs)
    before = (
        f"{_HEAD}<responseDate>{datestamps.format_seconds(date)}</responseDate>\n"
        f"<request{echo}>{text(base_url)}</request>\n"
    )
    return before.encode(), b"</OAI-PMH>\n"


def errors(
    problems: Sequence[Problem], pairs: Sequence[tuple[str, str]]
) -> tuple[str, Sequence[tuple[str, str]]]:
    """(error elements, the pairs that may still be echoed)."""
    content = "".join(
        f'<error code="{problem.code}">{text(problem.message)}</error>\n' for problem in problems
    )
    return content, () if any(problem.code in WITHOUT_ECHO for problem in problems) else pairs


def header(record: Record, site: Site, *, deleted: bool, left: str = "") -> str:
    """`left`: the set whose list announces that the record is no longer in it."""
    status = ' status="deleted"' if deleted else ""
    specs = sorted({*record.sets, left}) if left else record.sets
    sets = "".join(f"<setSpec>{spec}</setSpec>" for spec in specs)
    return (
        f"<header{status}><identifier>{text(site.oai_identifier(record.identifier))}</identifier>"
        f"<datestamp>{datestamps.format_seconds(record.datestamp)}</datestamp>{sets}</header>\n"
    )


def resumption(token: str, *, cursor: int, total: int, expires: int | None) -> str:
    """The token element; the last page's is empty and has no expiry."""
    date = f' expirationDate="{datestamps.format_seconds(expires)}"' if expires is not None else ""
    return f'<resumptionToken{date} completeListSize="{total}" cursor="{cursor}">{token}</resumptionToken>\n'
