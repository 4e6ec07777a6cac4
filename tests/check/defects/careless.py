"""What careless servers, proxies and search engines make of OAI-PMH; `strangers` says which row names each."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lxml import etree

from tests.check.defects.planting import (
    LISTS,
    asking,
    attribute,
    each,
    echoed,
    error,
    find,
    q,
    remove,
    text,
    twice,
)
from tests.check.proxy import NS, XSI, Asked, Defect, Reply, Serve

EPRINTS = "http://www.openarchives.org/OAI/1.1/eprints"
BRANDING = "http://www.openarchives.org/OAI/2.0/branding/"
RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"


def described(xml: str) -> Defect:
    inside = f'<description xmlns="{NS["o"]}" xmlns:xsi="{XSI}">{xml}</description>'
    return each("//o:Identify", lambda element: element.append(etree.fromstring(inside)))


def shout(element: etree._Element) -> None:
    """Letters in the wrong case."""
    element.text = element.text.swapcase()


def on_page(number: int, change: Callable[[Reply], Reply]) -> Defect:
    """Changes the nth page of ListRecords, by its cursor."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        if asked.verb != "ListRecords" or reply.codes:
            return reply
        cursors = find(reply.root, "//o:resumptionToken/@cursor")
        return change(reply) if cursors and int(cursors[0]) == 4 * (number - 1) else reply

    return defect


def web_page(reply: Reply) -> Reply:
    return Reply(
        200, {"Content-Type": "text/html"}, b"<html><body>Error 1040: Too many connections</body></html>"
    )


def broken_off(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])


def overlap() -> Defect:
    """Each further page begins with the record that the last one ended with."""
    last: dict[str, etree._Element] = {}

    def defect(asked: Asked, serve: Serve) -> Reply:
        reply = serve(asked)
        if asked.verb not in LISTS or reply.codes:
            return reply
        root = reply.root
        item = "//o:ListRecords/o:record" if asked.verb == "ListRecords" else "//o:ListIdentifiers/o:header"
        before = last.get(asked.arguments.get("resumptionToken", ""))
        for token in find(root, "//o:resumptionToken[text()]"):
            last[token.text] = find(root, item)[-1]
        if before is not None:
            root.find(q(asked.verb)).insert(0, before)
        return reply.of(root)

    return defect


def left_over(token: etree._Element) -> None:
    """completeListSize counts what is left."""
    token.set("completeListSize", str(int(token.get("completeListSize")) - int(token.get("cursor"))))


def of_the_next(token: etree._Element) -> None:
    token.set("cursor", str(int(token.get("cursor")) + 4))


def stuck(token: etree._Element) -> None:
    token.set("cursor", "0")


def no_status(*verbs: str) -> Defect:
    return each("//o:header[@status]", attribute("status", None), *verbs)


def wider(name: str, pattern: str, put: Callable[[str], str | None], *verbs: str) -> Defect:
    """A value that fits no item is taken for another one."""

    def change(asked: Asked) -> Asked:
        value = asked.arguments.get(name, "")
        if (verbs and asked.verb not in verbs) or not re.fullmatch(pattern, value):
            return asked
        return asked.put(**{name: put(value)})

    return asking(change)


def sets_in_any_case(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    wanted = asked.arguments.get("set", "")
    other = serve(asked.put(set=wanted.swapcase())) if wanted and reply.codes == ["noRecordsMatch"] else reply
    return reply if other.codes else echoed(asked, other)


def dc_for_all(asked: Asked, serve: Serve) -> Reply:
    """GetRecord gives oai_dc, whatever was asked for."""
    if asked.verb != "GetRecord" or serve(asked).codes:
        return serve(asked)
    reply = serve(asked.put(metadataPrefix="oai_dc"))
    return serve(asked) if reply.codes else echoed(asked, reply)


def headers_of_dc(asked: Asked, serve: Serve) -> Reply:
    """ListIdentifiers lists what has oai_dc, whatever was asked for."""
    if asked.verb == "ListIdentifiers" and "metadataPrefix" in asked.arguments and not serve(asked).codes:
        return echoed(asked, serve(asked.put(metadataPrefix="oai_dc")))
    return serve(asked)


def gone_astray(asked: Asked, serve: Serve) -> Reply:
    """302 for ever."""
    return Reply(302, {"Location": f"/oai?{asked.query}"}, b"") if asked.verb == "ListSets" else serve(asked)


def busy(value: str) -> Defect:
    seen: list[str] = []

    def defect(asked: Asked, serve: Serve) -> Reply:
        if asked.verb == "ListSets" and not seen:
            seen.append("once")
            return Reply(503, {"Retry-After": value}, b"busy")
        seen[:] = [] if asked.verb == "Identify" else seen
        return serve(asked)

    return defect


def in_a_session(asked: Asked, serve: Serve) -> Reply:
    """Tokens are kept with a cookie, which no harvester sends back."""
    if "resumptionToken" in asked.arguments and not any(name.lower() == "cookie" for name in asked.headers):
        return error(asked, serve, "badResumptionToken")
    return serve(asked).having(Set_Cookie="JSESSIONID=1; Path=/")


def stamped_now(path: str) -> Defect:
    """Dates are made as an answer is."""
    return lambda asked, serve: each(path, text(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))(
        asked, serve
    )


def escaped_twice(asked: Asked, reply: Reply) -> Reply:
    root = reply.root
    request = root.find(q("request"))
    for name, value in request.attrib.items():
        request.set(name, value.replace("&", "&amp;").replace("<", "&lt;"))
    return reply.of(root)


def far_future(asked: Asked, serve: Serve) -> Reply:
    """The end of the last day that there is cannot be computed."""
    if asked.arguments.get("until", "").startswith("9999"):
        return Reply(500, {"Content-Type": "text/html"}, b"OverflowError: date value out of range")
    return serve(asked)


def local_days(asked: Asked, serve: Serve) -> Reply:
    """Days begin at five in the morning of UTC."""
    ends = {n: asked.arguments[n] for n in ("from", "until") if len(asked.arguments.get(n, "")) == 10}
    if not ends or serve(asked).codes:
        return serve(asked)
    moved = {n: f"{v}T05:00:00Z" if n == "from" else f"{v}T04:59:59Z" for n, v in ends.items()}
    if moved.get("from", "") > moved.get("until", "~"):
        return error(asked, serve, "noRecordsMatch")
    return echoed(asked, serve(asked.put(**moved)))


def no_days(asked: Asked, serve: Serve) -> Reply:
    ends = [asked.arguments.get(name, "") for name in ("from", "until")]
    return error(asked, serve, "badArgument") if any(len(end) == 10 for end in ends) else serve(asked)


def error_beside_the_list(asked: Asked, reply: Reply) -> Reply:
    root = reply.root
    if find(root, "//o:ListRecords"):
        etree.SubElement(root, q("error"), code="noRecordsMatch").text = "none"
        root.insert(2, root[-1])
    return reply.of(root)


def one_less_by_post(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    if asked.method != "POST" or reply.codes:
        return reply
    root = reply.root
    for item in find(root, "//o:ListIdentifiers/o:header[2]"):
        remove(item)
    return reply.of(root)


def lower_codes(asked: Asked, reply: Reply) -> Reply:
    return each("//o:error", lambda e: e.set("code", e.get("code").lower()))(asked, lambda _: reply)


def leading_blank(asked: Asked, reply: Reply) -> Reply:
    return replace(reply, body=b"\n" + reply.body)


def unsorted_header(header: etree._Element) -> None:
    header.insert(0, header.find(q("datestamp")))


def nothing_is_404(asked: Asked, reply: Reply) -> Reply:
    return replace(reply, status=404) if reply.codes == ["noRecordsMatch"] else reply


def no_kind(asked: Asked, reply: Reply) -> Reply:
    return replace(reply, headers={k: v for k, v in reply.headers.items() if k.lower() != "content-type"})


def no_hierarchy_for_sets(asked: Asked, serve: Serve) -> Reply:
    return error(asked, serve, "noSetHierarchy") if "set" in asked.arguments else serve(asked)


def everything_before_the_first(asked: Asked, serve: Serve) -> Reply:
    """An empty range is no range."""
    reply = serve(asked)
    if reply.codes == ["noRecordsMatch"] and "until" in asked.arguments and "from" not in asked.arguments:
        return echoed(asked, serve(asked.put(until=None)))
    return reply


def without_one(asked: Asked, serve: Serve) -> Reply:
    """ListRecords passes over an item that it cannot write."""
    return each("//o:ListRecords/o:record[o:header/o:identifier[contains(., 'same-2')]]", remove)(
        asked, serve
    )


def formats_twice(asked: Asked, serve: Serve) -> Reply:
    """An item's formats are joined from two tables."""
    if "identifier" not in asked.arguments:
        return serve(asked)
    return each("//o:metadataFormat[1]", twice, "ListMetadataFormats")(asked, serve)


def dropped(name: str, beside: str) -> Defect:
    """One argument is not looked at where another stands beside it."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        both = {name, beside} <= set(asked.arguments) and asked.verb in LISTS
        if both and serve(asked).codes in ([], ["noRecordsMatch"]):
            return echoed(asked, serve(asked.put(**{name: None})))
        return serve(asked)

    return defect


def forgotten(name: str) -> Defect:
    """Resumed lists are those without one argument."""

    def defect(asked: Asked, serve: Serve) -> Reply:
        token = asked.arguments.get("resumptionToken", "")
        if token.startswith("lost."):
            return echoed(asked, serve(asked.put(resumptionToken=token[5:])))
        reply = serve(asked)
        if name in asked.arguments and asked.verb in LISTS and find(reply.root, "//o:resumptionToken/text()"):
            whole = find(serve(asked.put(**{name: None})).root, "//o:resumptionToken/text()")
            root = reply.root
            root.find(f".//{q('resumptionToken')}").text = f"lost.{whole[0]}"
            return reply.of(root)
        return reply

    return defect


def an_hour_late(element: etree._Element) -> None:
    stamp = datetime.strptime(element.text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    element.text = (stamp + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def empty_answer(asked: Asked, serve: Serve) -> Reply:
    """A worker died: 200 and nothing."""
    return Reply(200, {"Content-Type": "text/xml"}, b"") if asked.verb == "GetRecord" else serve(asked)


def token_first(element: etree._Element) -> None:
    element.getparent().insert(0, element)


def unknown_has_none(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    unknown = asked.verb == "ListMetadataFormats" and reply.codes == ["idDoesNotExist"]
    return error(asked, serve, "noMetadataFormats") if unknown else reply


def no_page_behind(asked: Asked, serve: Serve) -> Reply:
    """The first page is all that there is."""
    return each("//o:ListRecords/o:resumptionToken", remove)(asked, serve)


def growing(asked: Asked, serve: Serve) -> Reply:
    """completeListSize is the records so far and one page more."""

    def so_far(token: etree._Element) -> None:
        token.set("completeListSize", str(int(token.get("cursor")) + 8))

    return each("//o:resumptionToken[@cursor]", so_far)(asked, serve)


def long_is_414(asked: Asked, serve: Serve) -> Reply:
    return (
        Reply(414, {"Content-Type": "text/html"}, b"URI Too Long")
        if len(asked.query) > 2000
        else serve(asked)
    )


def about_in_lists_alone(asked: Asked, serve: Serve) -> Reply:
    return each("//o:record[o:metadata]", lambda e: e.append(etree.fromstring(ABOUT)), "ListRecords")(
        asked, serve
    )


ABOUT = (
    f'<about xmlns="{NS["o"]}"><rights xmlns="{RIGHTS}" xmlns:xsi="{XSI}" '
    f'xsi:schemaLocation="{RIGHTS} http://www.openarchives.org/OAI/2.0/rights.xsd">'
    '<rightsReference ref="http://x.example/licence"/></rights></about>'
)
