"""Defects of rows F and G: paging, tokens, dates."""

import re
from datetime import UTC, datetime, timedelta

from lxml import etree

from tests.check.defects.planting import (
    LISTS,
    Planted,
    answering,
    asking,
    attribute,
    each,
    echoed,
    error,
    find,
    q,
    remove,
    text,
    tree,
    twice,
    unless_refused,
)
from tests.check.defects.requests import from_the_start
from tests.check.proxy import Asked, Defect, Reply, Serve

PAGED = (*LISTS, "ListSets")
ITEM = "(//o:ListRecords/o:record | //o:ListIdentifiers/o:header)"


def resumed(asked: Asked) -> bool:
    return "resumptionToken" in asked.arguments and asked.verb in PAGED


def on_resumed(defect: Defect) -> Defect:
    return lambda asked, serve: defect(asked, serve) if resumed(asked) else serve(asked)


def same_token(asked: Asked, reply: Reply) -> Reply:
    """A page whose token leads to itself."""
    root = reply.root
    if resumed(asked):
        for token in find(root, "//o:resumptionToken"):
            token.text = asked.arguments["resumptionToken"]
    return reply.of(root)


def first_again(asked: Asked, serve: Serve) -> Reply:
    """Each page begins with the item that the list began with."""
    reply = serve(asked)
    if not resumed(asked) or asked.verb == "ListSets" or reply.codes:
        return reply
    start = serve(asked.having([("verb", asked.verb), ("metadataPrefix", "oai_dc")])).root
    root = reply.root
    root.find(q(asked.verb)).insert(0, find(start, ITEM)[0])
    return reply.of(root)


def earliest(serve: Serve) -> str:
    return find(serve(Asked("GET", "verb=Identify")).root, "//o:earliestDatestamp")[0].text


def no_token(root: etree._Element) -> None:
    for token in find(root, "//o:resumptionToken[not(text())]"):
        remove(token)


def counts_pages(token: etree._Element) -> None:
    token.set("cursor", str(int(token.get("cursor")) // 4))


def from_one(token: etree._Element) -> None:
    token.set("cursor", str(int(token.get("cursor")) + 1))


def empty_page(asked: Asked, serve: Serve) -> Reply:
    """One page more than there are records for."""
    if asked.arguments.get("resumptionToken") == "one-more":
        reply = serve(asked.having([("verb", asked.verb), ("metadataPrefix", "oai_dc")]))
        root = reply.root
        for child in list(root.find(q(asked.verb))):
            remove(child)
        etree.SubElement(root.find(q(asked.verb)), q("resumptionToken"))
        return echoed(asked, reply.of(root))
    return with_one_more(asked, serve)


def with_one_more(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    root = reply.root
    for token in find(root, "//o:resumptionToken[not(text())]") if asked.verb in LISTS else ():
        token.text = "one-more"
    return reply.of(root)


def nothing_more(asked: Asked, serve: Serve) -> Reply:
    if asked.arguments.get("resumptionToken") == "one-more":
        return error(asked, serve, "noRecordsMatch")
    return with_one_more(asked, serve)


def refused_tokens(asked: Asked, serve: Serve) -> Reply:
    return error(asked, serve, "badResumptionToken") if resumed(asked) else serve(asked)


def one_use() -> Defect:
    used: set[str] = set()

    def defect(asked: Asked, serve: Serve) -> Reply:
        token = asked.arguments.get("resumptionToken", "")
        if token and len(asked.pairs) == 2 and token in used:
            return error(asked, serve, "badResumptionToken")
        used.add(token)
        return serve(asked)

    return defect


def moving_on() -> Defect:
    """The second use of a token gives the page after."""
    used: dict[str, str] = {}

    def defect(asked: Asked, serve: Serve) -> Reply:
        token = asked.arguments.get("resumptionToken", "")
        reply = serve(asked.put(resumptionToken=used[token])) if used.get(token) else serve(asked)
        if token and len(asked.pairs) == 2 and not reply.codes:
            used[token] = next(iter(find(reply.root, "//o:resumptionToken/text()")), "")
        return echoed(asked, reply) if token else reply

    return defect


def trimmed(asked: Asked, serve: Serve) -> Reply:
    """What stands behind a token is not looked at."""
    token = asked.arguments.get("resumptionToken", "")
    reply = serve(asked)
    if token.endswith("x") and "badResumptionToken" in reply.codes and len(asked.pairs) == 2:
        return echoed(asked, serve(asked.put(resumptionToken=token[:-1])))
    return reply


def any_verb(asked: Asked, serve: Serve) -> Reply:
    """A token of one verb serves another: the list is given from its start."""
    reply = serve(asked)
    if "badResumptionToken" in reply.codes and asked.verb in LISTS:
        other = LISTS[1 - LISTS.index(asked.verb)]
        if not serve(asked.put(verb=other)).codes:
            return echoed(asked, serve(from_the_start(asked)))
    return reply


def header_dates(change: object) -> Defect:
    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        root = reply.root
        for stamp in find(root, "//o:header/o:datestamp"):
            stamp.text = change(stamp.text)  # type: ignore[operator]
        return reply.of(root)

    return defect


def later(stamp: str) -> str:
    return f"{int(stamp[:4]) + 1}{stamp[4:]}"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def swapped(asked: Asked) -> Asked:
    since, until = asked.arguments.get("from", ""), asked.arguments.get("until", "")
    return asked.put(**{"from": until, "until": since}) if since and since > until > "" else asked


def mixed(asked: Asked) -> Asked:
    """Of two granularities, days are taken to the second."""
    ends = {name: asked.arguments[name] for name in ("from", "until") if name in asked.arguments}
    if len({len(value) for value in ends.values()} & {10, 20}) == 2:
        return asked.put(**{n: v if len(v) == 20 else v + "T00:00:00Z" for n, v in ends.items()})
    return asked


def lenient(change: object) -> Defect:
    def other(asked: Asked) -> Asked:
        ends = {name: asked.arguments[name] for name in ("from", "until") if name in asked.arguments}
        return asked.put(**{n: change(v) for n, v in ends.items()}) if ends else asked  # type: ignore[operator]

    return asking(other)


def padded(value: str) -> str:
    match = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", value, re.ASCII)
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else value


def no_fraction(value: str) -> str:
    return re.sub(r"\.\d+Z$", "Z", value)


def rolled(value: str) -> str:
    return "2002-03-02" if value == "2002-02-30" else value


def month(value: str) -> str:
    return f"{value}-01" if re.fullmatch(r"\d{4}-\d\d", value, re.ASCII) else value


def earlier(stamp: str) -> str:
    when = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return (when - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def exclusive(name: str) -> Defect:
    """Items stamped exactly at one end are left out."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        end = asked.arguments.get(name, "")
        root = reply.root
        found = find(root, f"{ITEM}[.//o:datestamp='{end}']") if len(end) == 20 and not reply.codes else []
        for item in found:
            remove(item)
        if found and not find(root, ITEM):
            return error(asked, serve, "noRecordsMatch")
        return reply.of(root)

    return defect


def midnight(asked: Asked, serve: Serve) -> Reply:
    until = asked.arguments.get("until", "")
    since = asked.arguments.get("from", "")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", until) and len(since) in (0, 10) and not serve(asked).codes:
        ends = {"until": until + "T00:00:00Z", **({"from": since + "T00:00:00Z"} if since else {})}
        return echoed(asked, serve(asked.put(**ends)))
    return serve(asked)


def no_end(name: str) -> Defect:
    """One end of the range is ignored where both are legal."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        if name in asked.arguments and (not reply.codes or reply.codes == ["noRecordsMatch"]):
            return echoed(asked, serve(asked.put(**{name: None})))
        return reply

    return defect


def until_forgotten(asked: Asked, serve: Serve) -> Reply:
    """Resumed lists go on to the end of the repository."""
    token = asked.arguments.get("resumptionToken", "")
    if token.startswith("lost."):
        return echoed(asked, serve(asked.put(resumptionToken=token[5:])))
    reply = serve(asked)
    if "until" in asked.arguments and find(reply.root, "//o:resumptionToken/text()"):
        whole = serve(asked.put(until=None)).root
        root = reply.root
        inner = find(whole, "//o:resumptionToken/text()")[0]
        root.find(f".//{q('resumptionToken')}").text = f"lost.{inner}"
        return reply.of(root)
    return reply


def empty_list(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    if "noRecordsMatch" in reply.codes and "until" in asked.arguments:
        root = reply.root
        root.replace(root.find(q("error")), root.makeelement(q(asked.verb)))
        return reply.of(root)
    return reply


def without_deleted(root: etree._Element) -> None:
    for header in find(root, "//o:ListIdentifiers/o:header[@status]"):
        remove(header)


def format_forgotten(asked: Asked, serve: Serve) -> Reply:
    """Lists in another format go on in oai_dc."""
    token = asked.arguments.get("resumptionToken", "")
    if token.startswith("lost."):
        return echoed(asked, serve(asked.put(resumptionToken=token[5:])))
    reply = serve(asked)
    if asked.arguments.get("metadataPrefix", "oai_dc") != "oai_dc" and asked.verb == "ListRecords":
        inner = find(serve(asked.put(metadataPrefix="oai_dc")).root, "//o:resumptionToken/text()")
        root = reply.root
        for element in find(root, "//o:resumptionToken[text()]") if inner else ():
            element.text = f"lost.{inner[0]}"
        return reply.of(root)
    return reply


PLANTED: tuple[Planted, ...] = (
    ("F1", "the first record of each further page is lost", on_resumed(each(f"{ITEM}[1]", remove))),
    (
        "F1",
        "the last record of every page is lost",
        each(f"{ITEM}[position()=last() and position()>1]", remove),
    ),
    ("F1", "every page begins anew", first_again),
    ("F1", "a record comes twice", each(f"{ITEM}[2]", twice)),
    ("F1", "a token that leads to itself", answering(same_token)),
    ("F1", "tokens are refused", refused_tokens),
    ("F1", "the first page again and again", on_resumed(asking(from_the_start))),
    ("F2", "no token on the last page", tree(no_token, *PAGED)),
    ("F2", "two tokens", each("//o:resumptionToken", twice)),
    (
        "F2",
        "the list ends after a page without a token",
        each("//o:ListIdentifiers/o:resumptionToken[not(text())]", remove),
    ),
    ("F3", "the cursor counts pages", each("//o:resumptionToken[@cursor]", counts_pages)),
    ("F3", "the cursor starts at one", each("//o:resumptionToken[@cursor]", from_one)),
    ("F3", "the size of a page", each("//o:resumptionToken", attribute("completeListSize", "4"))),
    ("F3", "a size too large", each("//o:resumptionToken", attribute("completeListSize", "1000"))),
    (
        "F4",
        "tokens that expired",
        each("//o:resumptionToken[text()]", attribute("expirationDate", "2020-01-01T00:00:00Z")),
    ),
    (
        "F4",
        "an expiration in local time",
        each("//o:resumptionToken[text()]", attribute("expirationDate", "2999-01-01T00:00:00+02:00")),
    ),
    (
        "F4",
        "tokens that live a minute",
        lambda a, s: each(
            "//o:resumptionToken[text()]",
            attribute(
                "expirationDate", (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            ),
        )(a, s),
    ),
    ("F5", "an empty last page", empty_page),
    ("F5", "records without metadata", each("//o:ListRecords/o:record/o:metadata", remove)),
    ("F6", "tokens for one use", one_use()),
    ("F6", "using a token moves on", moving_on()),
    ("F7", "the end of a token is not looked at", trimmed),
    ("F7", "tokens of another verb", any_verb),
    ("F8", "ListIdentifiers has no deletions", tree(without_deleted, "ListIdentifiers")),
    (
        "F8",
        "ListIdentifiers has other dates",
        each("//o:ListIdentifiers/o:header/o:datestamp", lambda e: setattr(e, "text", e.text[:17] + "00Z")),
    ),
    ("F9", "noRecordsMatch on the last page", nothing_more),
    ("D5", "the format is lost when resuming", format_forgotten),
    ("G1", "datestamps are days", header_dates(lambda stamp: stamp[:10])),
    ("G1", "datestamps with fractions", header_dates(lambda stamp: stamp.replace("Z", ".000Z"))),
    ("G1", "granularity of a day is declared", each("//o:granularity", text("YYYY-MM-DD"))),
    ("G2", "earliestDatestamp is now", lambda a, s: each("//o:earliestDatestamp", text(now()))(a, s)),
    ("G3", "datestamps of next year", header_dates(later)),
    ("G4", "ends are swapped", asking(swapped)),
    (
        "G4",
        "from after until is noRecordsMatch",
        lambda a, s: (
            error(a, s, "noRecordsMatch")
            if a.arguments.get("from", "") > a.arguments.get("until", "~")
            else s(a)
        ),
    ),
    ("G5", "two granularities", asking(mixed)),
    ("G5", "fractions of seconds", lenient(no_fraction)),
    ("G6", "blanks around dates", lenient(str.strip)),
    ("G6", "dates of one digit", lenient(padded)),
    ("G6", "30 February", lenient(rolled)),
    ("G6", "months", lenient(month)),
    ("G6", "UTC as an offset", lenient(lambda value: value.replace("+00:00", "Z"))),
    (
        "G6",
        "any date at all",
        unless_refused(
            "badArgument",
            lambda a: (
                a.put(**{n: None for n in ("from", "until") if n in a.arguments}) if a.verb in LISTS else a
            ),
        ),
    ),
    (
        "G7",
        "until before all is badArgument",
        lambda a, s: (
            error(a, s, "badArgument")
            if "until" in a.arguments and "from" not in a.arguments and "noRecordsMatch" in s(a).codes
            else s(a)
        ),
    ),
    ("G7", "an empty range is an empty list", empty_list),
    (
        "G8",
        "from in the future is badArgument",
        lambda a, s: (
            error(a, s, "badArgument")
            if "from" in a.arguments and "until" not in a.arguments and "noRecordsMatch" in s(a).codes
            else s(a)
        ),
    ),
    ("G9", "until is exclusive", exclusive("until")),
    ("G9", "from is exclusive", exclusive("from")),
    ("G10", "until=day ends at midnight", midnight),
    ("G11", "from is ignored", no_end("from")),
    ("G11", "until is ignored", no_end("until")),
    ("G11", "until is lost when resuming", until_forgotten),
    (
        "G11",
        "from before the earliest is badArgument",
        lambda a, s: (
            error(a, s, "badArgument")
            if a.verb == "ListIdentifiers" and a.arguments.get("from", "9") < earliest(s)
            else s(a)
        ),
    ),
    (
        "G11",
        "until in the future is badArgument",
        lambda a, s: (
            error(a, s, "badArgument")
            if a.verb == "ListRecords" and a.arguments.get("until", "0")[:4] > str(datetime.now(UTC).year)
            else s(a)
        ),
    ),
    (
        "G11",
        "ranges are refused",
        lambda a, s: error(a, s, "badArgument") if "from" in a.arguments and not s(a).codes else s(a),
    ),
)
