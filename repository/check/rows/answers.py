"""Rows A1, A14, A15, B1, B2, B8 and K6: what every answer must be, whatever was asked (OAI-PMH 3.1.2, 3.2)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime

from repository.check.answer import OAI, VERBS, Answer, elements, local, locations, namespace
from repository.check.dates import SECOND, moment
from repository.check.exchange import plain
from repository.check.probe import Sight
from repository.check.row import Row
from repository.check.rows.asking import some_of_each
from repository.check.sheet import Sheet
from repository.check.structure import faults
from repository.check.vocabularies import VOCABULARIES

ARGUMENTS = {
    "Identify": set[str](),
    "ListMetadataFormats": {"identifier"},
    "ListSets": {"resumptionToken"},
    "GetRecord": {"identifier", "metadataPrefix"},
    "ListIdentifiers": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
    "ListRecords": {"metadataPrefix", "from", "until", "set", "resumptionToken"},
}
_DECLARATION = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?<\?xml\s+version\s*=\s*["']([^"']*)["'](?:\s+encoding\s*=\s*["']([^"']*)["'])?"""
)
_SCHEMA = OAI + "OAI-PMH.xsd"
_STRICT = "No matching global element declaration available, but demanded by the strict wildcard"
_NOW = timedelta(minutes=5)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_UNSAID = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")


def a1(sheet: Sheet, sight: Sight) -> None:
    exchange = sight.answer.exchange
    if exchange.status != 200:
        return
    value = exchange.headers.get("content-type", "")
    kind = Message()
    kind["content-type"] = value or "missing/missing"
    sheet.judge(kind.get_content_type() == "text/xml", f"Content-Type {value!r}, not text/xml", sight.where)
    charset = kind.get_content_charset("utf-8")
    sheet.judge(charset in ("utf-8", "utf8"), f"charset {charset!r}, not UTF-8", sight.where)
    sheet.judge(not sight.answer.text_fault, f"the bytes: {sight.answer.text_fault}", sight.where)


def a14(sheet: Sheet, sight: Sight) -> None:
    exchange = sight.answer.exchange
    # 503 is flow control and has a row of its own (K6); 302 is allowed (OAI-PMH 3.1.2.2).
    if not exchange.answered or exchange.status == 503 or (exchange.status == 302 and not exchange.problem):
        return
    where = exchange.headers.get("location", "")
    if exchange.status == 302:
        sheet.wrong(exchange.problem, sight.where)
        return
    said = f" and the error {'/'.join(sight.answer.codes)}" if sight.answer.codes else ""
    sheet.judge(
        exchange.status == 200,
        f"HTTP {exchange.status}{said}" + (f" to {where}" if where else ""),
        sight.where,
    )


def a15(sheet: Sheet, sight: Sight) -> None:
    for code, text in sight.answer.errors:
        if text:
            sheet.ok()
        else:
            sheet.warn(f"{code} without a word for people", sight.where)


def b1(sheet: Sheet, sight: Sight) -> None:
    answer = sight.answer
    if answer.exchange.status != 200:
        return
    if answer.text_fault:
        sheet.wrong(f"not UTF-8: {answer.text_fault}", sight.where)
        return
    found = _DECLARATION.match(answer.exchange.body)
    if found is None:
        start = answer.exchange.body[:40].decode("utf-8", "replace")
        if answer.exchange.body or not answer.exchange.problem:
            sheet.wrong(f"no XML declaration at the start: {start!r}", sight.where)
    else:
        version, encoding = found[1].decode("ascii", "replace"), (found[2] or b"").decode("ascii", "replace")
        sheet.judge(version == "1.0", f"XML version {version!r}, not 1.0", sight.where)
        sheet.judge(encoding.lower() == "utf-8", f"declared encoding {encoding!r}, not UTF-8", sight.where)
    # Illegal characters have a row of their own (A12).
    if not answer.illegal:
        sheet.judge(not answer.fault, f"no well-formed XML: {answer.fault}", sight.where)


def b2(sheet: Sheet, sight: Sight) -> None:
    answer = sight.answer
    if answer.root is None or answer.exchange.status != 200:
        return
    for fault in (*_root(answer), *_date(answer), *_request(sight)):
        sheet.wrong(fault, sight.where)
    sheet.ok()


def _root(answer: Answer) -> Iterator[str]:
    root = answer.root
    if root is None:
        return
    if (local(root), namespace(root)) != ("OAI-PMH", OAI):
        yield f"the root is {{{namespace(root)}}}{local(root)}, not {{{OAI}}}OAI-PMH"
        return
    schema = locations(root).get(OAI)
    if schema is None:
        yield f"the root's xsi:schemaLocation does not name {OAI}: {locations(root) or 'nothing'}"
    elif schema.replace("https:", "http:") != _SCHEMA:
        yield f"the root's xsi:schemaLocation leads to {schema}, not to {_SCHEMA}"


def _date(answer: Answer) -> Iterator[str]:
    text = answer.response_date
    when = moment(text, SECOND)
    if when is None:
        yield f"responseDate {text!r} is no UTC second (YYYY-MM-DDThh:mm:ssZ)"
        return
    received = answer.exchange.received
    spent = timedelta(seconds=answer.exchange.seconds)
    if abs(received - when) <= _NOW + spent:
        return
    theirs = _http_date(answer.exchange.headers.get("date", ""))
    if theirs and abs(theirs - when) <= _NOW + spent and abs(theirs - received) > _NOW:
        yield f"responseDate {text}, but it is {received:%Y-%m-%dT%H:%M:%SZ}: one of the two clocks is wrong"
    else:
        yield f"responseDate {text} is not the time of the answer, {received:%Y-%m-%dT%H:%M:%SZ}"


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo else None


def _request(sight: Sight) -> Iterator[str]:
    answer, probe = sight.answer, sight.probe
    if answer.request is None:
        yield "there is no request element"
        return
    text = (answer.request.text or "").strip()
    # Where Identify names another base URL than was used, C1 tells it; here once is enough.
    known = {probe.url, probe.client.url} | (
        {probe.says("baseURL")} if "identify" in probe.__dict__ else set()
    )
    if answer.verb == "Identify" and answer.container is not None:
        known |= {(e.text or "").strip() for e in answer.container if local_is(e, "baseURL")}
    if text not in known:
        yield f"request is {text!r}, not the base URL {probe.url!r}"
    given = {
        str(name): str(value)
        for name, value in answer.request.attrib.items()
        if not str(name).startswith("{")
    }
    if {"badVerb", "badArgument"} & set(answer.codes):
        if given:
            yield f"request has attributes {given} beside {' and '.join(answer.codes)}"
        return
    sent = _sent(answer)
    if sent is not None and given != sent:
        yield f"request has the attributes {given}, but asked was {sent}"


def local_is(element: object, name: str) -> bool:
    return isinstance(getattr(element, "tag", None), str) and local(element) == name  # type: ignore[arg-type]


def _sent(answer: Answer) -> dict[str, str] | None:
    """The arguments of a request that was legal; None of one that was not, or that XML cannot repeat."""
    pairs = answer.exchange.pairs
    sent = {name: plain(value) for name, value in pairs}
    allowed = ARGUMENTS.get(sent.get("verb") or "")
    if allowed is None or len(sent) != len(pairs) or not set(sent) <= {"verb", *allowed}:
        return None
    texts = {name: value for name, value in sent.items() if value is not None}
    if len(texts) != len(sent) or any(not v or _UNSAID.search(v) for v in texts.values()):
        return None
    return texts


def b8(sheet: Sheet, sight: Sight) -> None:
    answer = sight.answer
    # What is no XML can be no valid XML; that is B1's.
    if answer.root is None or answer.exchange.status != 200 or answer.fault:
        return
    if (local(answer.root), namespace(answer.root)) != ("OAI-PMH", OAI):
        sheet.wrong(f"{{{namespace(answer.root)}}}{local(answer.root)} is no OAI-PMH answer", sight.where)
        return
    found = list(faults(answer.root, VOCABULARIES))
    # The first verb element of the answer must be that of the request.
    asked = dict(answer.exchange.pairs).get("verb")
    if answer.verb and asked in VERBS and asked != answer.verb:
        found.append(f"{answer.verb} in answer to {asked}")
    found.extend(_by_schemas(sheet, sight))
    for fault in found:
        sheet.wrong(fault, sight.where)
    for header in answer.headers:
        # OAI-PMH 2.4 asks for a URI; the schema would let a reference without scheme pass.
        if header.identifier and not _SCHEME.match(header.identifier):
            sheet.warn(f"identifier {header.identifier!r} is no URI: it has no scheme", sight.where)
    if not found:
        sheet.ok()


def _by_schemas(sheet: Sheet, sight: Sight) -> Iterator[str]:
    """The official schema over the envelope, and over each foreign part the schema that it names itself."""
    schemas, root = sight.probe.schemas, sight.answer.root
    if schemas is None or root is None:
        return
    for fault in schemas.faults(root, _SCHEMA) or ():
        # What was asked is repeated as it came, well-made or not.
        if _STRICT not in fault and "request', attribute '" not in fault:
            yield fault
    for holder in root.iter(
        *(f"{{{OAI}}}{name}" for name in ("metadata", "about", "description", "setDescription"))
    ):
        for part in elements(holder):
            address = locations(part).get(namespace(part), "")
            said = schemas.faults(part, address) if address else None
            if said is None:
                sheet.note(f"not validated, no schema at hand: {address or namespace(part)}")
            yield from said or ()


def k6(sheet: Sheet, sight: Sight) -> None:
    exchange = sight.answer.exchange
    if exchange.status == 429:
        sheet.wrong("HTTP 429: harvesters know 503 with Retry-After", sight.where)
    if exchange.status != 503:
        return
    text = exchange.headers.get("retry-after")
    if text is None:
        sheet.wrong("503 without Retry-After", sight.where)
    elif not (text.strip().isascii() and text.strip().isdigit()):
        sheet.wrong(f"Retry-After {text!r} is no number of seconds", sight.where)
    else:
        sheet.judge(int(text[:9]) <= 3600, f"Retry-After {text}: more than an hour", sight.where)


A1 = Row(
    id="A1",
    rule="Content-Type is text/xml, the text UTF-8",
    todo="send `Content-Type: text/xml; charset=UTF-8` with every answer, errors included",
    look=a1,
    ask=some_of_each,
)
A14 = Row(
    id="A14",
    rule="OAI errors are HTTP 200; other statuses are for load alone (503, 302)",
    todo="answer what is wrong with a request by an OAI error in a 200; never 4xx, 5xx, 301",
    look=a14,
    ask=some_of_each,
)
A15 = Row(
    id="A15",
    rule="errors carry a message for people",
    todo="say in the text of <error> what was wrong",
    look=a15,
    ask=some_of_each,
    guideline=True,
    otherwise="no OAI error was seen",
)
K6 = Row(
    id="K6",
    rule="who limits says 503 with a numeric Retry-After",
    todo="send `Retry-After: <seconds>`, an hour at most",
    look=k6,
    otherwise="no request was turned away",
)
B_ROWS = (
    Row(
        id="B1",
        rule="well-formed XML 1.0 with a declaration, in UTF-8",
        todo='begin with <?xml version="1.0" encoding="UTF-8"?> and let an XML library write the rest',
        look=b1,
        ask=some_of_each,
    ),
    Row(
        id="B2",
        rule="root and schemaLocation; responseDate is now; request repeats the base URL and the arguments",
        todo="write responseDate in UTC as the answer is made; echo each argument as it came, none with badArgument",
        look=b2,
        ask=some_of_each,
    ),
    Row(
        id="B8",
        rule="every answer is valid against its schemas",
        todo="validate against OAI-PMH.xsd and the schemas named; `--schemas DIR` asks the official ones",
        look=b8,
        ask=some_of_each,
    ),
)
