"""Rows H1 to H4: single records (OAI-PMH 4.1)."""

import time
from collections.abc import Iterator

from repository.check.answer import Answer, Header
from repository.check.probe import Probe
from repository.check.row import Row
from repository.check.rows.asking import BAD_ARGUMENT, NO_FORMAT, NO_SUCH, STRANGER, UNKNOWN, refused, spread
from repository.check.sheet import Sheet, SkippedError

# What RFC 3986 lets stand unescaped in a query, so that an identifier may be sent in two spellings.
_SAFE = ":/;,@()!*'"
_OTHERS = 5
_LATER = 1.1
# Cut short, an identifier may be none at all; or that of an item without this format.
_NOT_HERE = UNKNOWN | NO_FORMAT | BAD_ARGUMENT


def h1(sheet: Sheet, probe: Probe) -> None:
    names = [NO_SUCH, STRANGER]
    names += [f"{probe.live[0].identifier}-{NO_SUCH}"] if probe.live else []
    for name in names:
        refused(sheet, probe, (("verb", "GetRecord"), ("identifier", name), probe.scope[0]), UNKNOWN)
    for name in ("*", "%"):
        one = (("verb", "GetRecord"), ("identifier", name), probe.scope[0])
        refused(sheet, probe, one, UNKNOWN, BAD_ARGUMENT)
    for name in _almost(probe.live[-1].identifier) if probe.live else ():
        answer = get(probe, name)
        # There may be an item of this name; but it is no name of another.
        found = [header.identifier for header in answer.headers if header.identifier != name]
        sheet.judge(
            not found and (answer.verb == "GetRecord" or bool(set(answer.codes) & _NOT_HERE)),
            f"{found[0]} is given, where idDoesNotExist is due" if found else answer.told(),
            answer.exchange.told(),
        )


def _almost(identifier: str) -> Iterator[str]:
    """Names that a careless comparison takes for this one. In another case it may be the same: RePEc's handles are."""
    yield identifier + "x"
    yield identifier + " "
    yield identifier[:-1]


def h2(sheet: Sheet, probe: Probe) -> None:
    offered = {form.prefix for form in probe.formats}
    for prefix in (NO_SUCH, *({"OAI_DC"} - offered)):
        wanted = ("metadataPrefix", prefix)
        refused(sheet, probe, (("verb", "ListRecords"), wanted), NO_FORMAT)
        refused(sheet, probe, (("verb", "ListIdentifiers"), wanted), NO_FORMAT)
        if probe.live:
            name = ("identifier", probe.live[0].identifier)
            refused(sheet, probe, (("verb", "GetRecord"), name, wanted), NO_FORMAT)
    for prefix in ("*", f"{probe.prefix} "):
        request = (("verb", "ListRecords"), ("metadataPrefix", prefix))
        refused(sheet, probe, request, NO_FORMAT, BAD_ARGUMENT)


def get(probe: Probe, identifier: str, prefix: str = "", safe: str = "") -> Answer:
    return probe.ask(
        ("verb", "GetRecord"),
        ("identifier", identifier),
        ("metadataPrefix", prefix or probe.prefix),
        safe=safe,
    )


def stamped_anew(probe: Probe, listed: Header) -> str:
    """The later datestamp that a record has a second after it was listed; empty where it kept its own."""
    if probe.settled(listed):
        return ""
    time.sleep(_LATER)
    found = [header.datestamp for header in get(probe, listed.identifier).headers]
    return found[0] if found and found[0] > listed.datestamp else ""


def h3(sheet: Sheet, probe: Probe) -> None:
    probe.a_live_one()
    names = spread((header.identifier for header in probe.live), 4)
    for listed in [header for header in probe.live if header.identifier in names]:
        answer = get(probe, listed.identifier)
        where = answer.exchange.told()
        if len(answer.records) != 1 or answer.verb != "GetRecord":
            sheet.wrong(f"{answer.told()} for a record that is listed", where)
            continue
        alone = answer.headers[0]
        sheet.judge(
            alone.identifier == listed.identifier, f"it gives {alone.identifier!r}, another identifier", where
        )
        if not (probe.settled(listed) and probe.settled(alone)) or alone.identifier != listed.identifier:
            continue
        sheet.judge(
            alone.claims == listed.claims,
            f"header {alone.claims} alone, {listed.claims} in the list",
            where,
        )
        if listed.digest:
            sheet.judge(
                alone.digest == listed.digest, "its metadata or about differ from those in the list", where
            )
    _two_spellings(sheet, probe)


def _two_spellings(sheet: Sheet, probe: Probe) -> None:
    """%3A and : are the same character of an identifier (RFC 3986; OAI-PMH 3.1.1.3)."""
    name = next((h.identifier for h in probe.live if any(c in h.identifier for c in _SAFE)), "")
    if name:
        escaped, bare = get(probe, name), get(probe, name, safe=_SAFE)
        sheet.judge(
            (escaped.verb, escaped.codes, escaped.headers) == (bare.verb, bare.codes, bare.headers),
            f"{name!r} escaped gives {escaped.told()}, bare {bare.told()}",
        )


def h4(sheet: Sheet, probe: Probe) -> None:
    """Looks for items that are listed in one format and not in another."""
    found = list(lacking(probe))
    for identifier, prefix in found[:4]:
        answer = get(probe, identifier, prefix)
        # An item that had this format once may tell that as a deletion (K4).
        gone = answer.verb == "GetRecord" and all(header.deleted for header in answer.headers)
        sheet.judge(
            gone or "cannotDisseminateFormat" in answer.codes,
            f"{answer.told()} for an item that ListIdentifiers does not list in {prefix}",
            answer.exchange.told(),
        )
    if not found:
        raise SkippedError("no item was found that lacks one of the formats")


def lacking(probe: Probe) -> list[tuple[str, str]]:
    main = probe.identifiers
    known = set(main.items)
    found: list[tuple[str, str]] = []
    for form in [form for form in probe.formats if form.prefix != probe.prefix][:_OTHERS]:
        if probe.chosen_set:
            break
        other = probe.walk("ListIdentifiers", ("metadataPrefix", form.prefix))
        here = set(other.items)
        if main.complete:
            more = [h.identifier for h in other.headers if not h.deleted and h.identifier not in known]
            found += [(name, probe.prefix) for name in more[:1]]
        if other.complete or set(other.refused) == {"noRecordsMatch"}:
            less = [h.identifier for h in probe.live if h.identifier not in here and probe.settled(h)]
            found += [(name, form.prefix) for name in less[:1]]
    return found


ROWS = (
    Row(
        id="H1",
        rule="unknown identifier: idDoesNotExist",
        todo="answer idDoesNotExist where no item has exactly this identifier",
        ask=h1,
    ),
    Row(
        id="H2",
        rule="format that the repository does not have: cannotDisseminateFormat",
        todo="compare metadataPrefix with the formats listed before anything else is done",
        ask=h2,
    ),
    Row(
        id="H3",
        rule="GetRecord gives the record that is listed",
        todo="write records of lists and single ones by the same code, and unescape identifiers once",
        ask=h3,
    ),
    Row(
        id="H4",
        rule="format that the item does not have: cannotDisseminateFormat",
        todo="answer cannotDisseminateFormat where the item exists, but not in this format",
        ask=h4,
    ),
)
