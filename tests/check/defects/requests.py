"""Defects of rows A and B: arguments, HTTP, the envelope."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.check.defects.planting import (
    LISTS,
    Planted,
    answering,
    asking,
    attribute,
    each,
    error,
    find,
    instead,
    q,
    remove,
    text,
    tree,
    unless_refused,
)
from tests.check.proxy import OAI, XSI, Asked, Reply, Serve

KNOWN = {
    "Identify": {"verb"},
    "ListSets": {"verb", "resumptionToken"},
    "ListMetadataFormats": {"verb", "identifier"},
    "GetRecord": {"verb", "identifier", "metadataPrefix"},
    **{verb: {"verb", "metadataPrefix", "from", "until", "set", "resumptionToken"} for verb in LISTS},
}
ANY = set.union(*KNOWN.values())


def post_405(asked: Asked, serve: Serve) -> Reply:
    return Reply(405, {"Content-Type": "text/html"}, b"no") if asked.method == "POST" else serve(asked)


def lost_by_post(name: str) -> Callable[[Asked], Asked]:
    return lambda asked: asked.put(**{name: None}) if asked.method == "POST" else asked


def first_of_each(asked: Asked) -> Asked:
    kept: dict[str, str] = {}
    for name, value in asked.pairs:
        kept.setdefault(name, value)
    return asked.having(list(kept.items()))


def once_in_list_records(name: str) -> Callable[[Asked], Asked]:
    return lambda asked: asked.put(**{name: asked.arguments[name]}) if repeated(asked, name) else asked


def repeated(asked: Asked, name: str) -> bool:
    return asked.verb == "ListRecords" and [key for key, _ in asked.pairs].count(name) > 1


def verb_in_any_case(asked: Asked) -> Asked:
    return asked.having(
        [(name.lower() if name.lower() == "verb" else name, value) for name, value in asked.pairs]
    )


def one_verb(asked: Asked) -> Asked:
    rest = [pair for pair in asked.pairs if pair[0] != "verb"]
    return asked.having([("verb", asked.verb), *rest]) if asked.verb else asked


def any_case(asked: Asked) -> Asked:
    verb = {name.lower(): name for name in KNOWN}.get(asked.verb.lower())
    return asked.put(verb=verb) if verb else asked


def known_only(asked: Asked) -> Asked:
    return asked.having([pair for pair in asked.pairs if pair[0] in ANY])


def own_only(asked: Asked) -> Asked:
    allowed = KNOWN.get(asked.verb, ANY)
    return asked.having([pair for pair in asked.pairs if pair[0] in allowed or pair[0] not in ANY])


def token_first(asked: Asked) -> Asked:
    names = [name for name, _ in asked.pairs]
    if "resumptionToken" in names and len(set(names)) == len(names):
        return asked.having([pair for pair in asked.pairs if pair[0] in ("verb", "resumptionToken")])
    return asked


def dc_by_default(asked: Asked) -> Asked:
    if asked.verb in LISTS and not {"metadataPrefix", "resumptionToken"} & set(asked.arguments):
        return asked.put(metadataPrefix="oai_dc")
    return asked


def no_empty(asked: Asked) -> Asked:
    return asked.having([pair for pair in asked.pairs if pair[1] or pair[0] not in ("from", "until", "set")])


def from_the_start(asked: Asked) -> Asked:
    prefix = None if asked.verb == "ListSets" else "oai_dc"
    return asked.put(resumptionToken=None, metadataPrefix=prefix)


def status_of(code: str, status: int) -> object:
    return answering(lambda asked, reply: replace(reply, status=status) if code in reply.codes else reply)


def unescaped(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    name = asked.arguments.get("identifier", "")
    return replace(reply, body=reply.body.replace(b"&lt;", b"<")) if "<" in name else reply


def control_character(asked: Asked, reply: Reply) -> Reply:
    return reply.text("</dc:title>", "\x0b</dc:title>") if asked.verb == "ListRecords" else reply


def control_reference(asked: Asked, reply: Reply) -> Reply:
    return reply.text("</setName>", "&#xFFFE;</setName>")


def crash_on_token(asked: Asked, serve: Serve) -> Reply:
    if "cursor=5" in asked.arguments.get("resumptionToken", ""):
        return Reply(500, {"Content-Type": "text/html"}, b"<h1>TypeError</h1>")
    return serve(asked)


def dated(when: str) -> object:
    return each("//o:responseDate", text(when))


def local_time(asked: Asked, reply: Reply) -> Reply:
    root = reply.root
    there = datetime.now(UTC) + timedelta(hours=2)
    root.find(q("responseDate")).text = there.strftime("%Y-%m-%dT%H:%M:%SZ")
    return reply.of(root)


def silent_on_errors(asked: Asked, reply: Reply) -> Reply:
    root = reply.root
    if reply.codes:
        root.find(q("request")).attrib.clear()
    return reply.of(root)


def loud_on_bad_argument(asked: Asked, reply: Reply) -> Reply:
    root = reply.root
    if "badArgument" in reply.codes:
        root.find(q("request")).set("verb", "Identify")
    return reply.of(root)


def other_namespace(asked: Asked, reply: Reply) -> Reply:
    return reply.text(f'xmlns="{OAI}"', f'xmlns="{OAI[:-1]}"')


def latin_1(asked: Asked, reply: Reply) -> Reply:
    root = reply.root
    for title in find(root, "//dc:title"):
        title.text = "Ünïcode"
    from lxml import etree

    return replace(reply, body=etree.tostring(root, xml_declaration=True, encoding="iso-8859-1"))


def seconds_echoed(asked: Asked, reply: Reply) -> Reply:
    root = reply.root
    request = root.find(q("request"))
    for name in ("from", "until"):
        if len(request.get(name, "")) == 10:
            request.set(name, request.get(name) + "T00:00:00Z")
    return reply.of(root)


def moved_away(asked: Asked, serve: Serve) -> Reply:
    if asked.verb == "ListMetadataFormats" and "again" not in asked.query:
        return Reply(301, {"Location": f"?{asked.query}&again=1"}, b"")
    return serve(asked.having([pair for pair in asked.pairs if pair[0] != "again"]))


def slow_down(status: int, **headers: str) -> object:
    """Turns away the second request for Identify's neighbour, once."""
    seen: list[str] = []

    def defect(asked: Asked, serve: Serve) -> Reply:
        if asked.verb == "ListSets" and not seen:
            seen.append("once")
            return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"busy")
        seen[:] = [] if asked.verb == "Identify" else seen
        return serve(asked)

    return defect


def badly_named(asked: Asked, serve: Serve) -> Reply:
    return error(asked, serve, "noSuchCode") if serve(asked).codes == ["idDoesNotExist"] else serve(asked)


PLANTED: tuple[Planted, ...] = (
    ("A1", "application/xml", answering(lambda a, r: r.having(Content_Type="application/xml"))),
    (
        "A1",
        "text/html for errors",
        answering(lambda a, r: r.having(Content_Type="text/html") if r.codes else r),
    ),
    (
        "A1",
        "charset of another encoding",
        answering(lambda a, r: r.having(Content_Type="text/xml; charset=iso-8859-1")),
    ),
    ("A2", "POST is not allowed", post_405),
    ("A2", "POST loses its arguments", asking(lambda a: a.having([]) if a.method == "POST" else a)),
    *(("A2", f"POST loses {name}", asking(lost_by_post(name))) for name in sorted(ANY - {"verb"})),
    (
        "A2",
        "POST keeps a plus",
        asking(lambda a: replace(a, query=a.query.replace("+", "%2B")) if a.method == "POST" else a),
    ),
    (
        "A3",
        "no verb is Identify",
        asking(lambda a: a if "verb" in a.arguments else a.having([("verb", "Identify")])),
    ),
    ("A3", "an unknown verb is badArgument", instead("badVerb", "badArgument")),
    ("A4", "a repeated verb is accepted", asking(one_verb)),
    ("A5", "verbs in any case", asking(any_case)),
    ("A5", "an unofficial verb", asking(lambda a: a.put(verb="GetRecord") if a.verb == "GetMetadata" else a)),
    ("A6", "unknown arguments are ignored", asking(known_only)),
    ("A6", "arguments of other verbs are ignored", asking(own_only)),
    (
        "A7",
        "repeated arguments are accepted",
        asking(lambda a: a if len([n for n, _ in a.pairs if n == "verb"]) > 1 else first_of_each(a)),
    ),
    ("A8", "oai_dc by default", asking(dc_by_default)),
    ("A9", "a token beside other arguments", asking(token_first)),
    ("A10", "an invalid token starts anew", unless_refused("badResumptionToken", from_the_start)),
    ("A10", "an invalid token is badArgument", instead("badResumptionToken", "badArgument")),
    ("A10", "a crash on a token of the framework", crash_on_token),
    ("A11", "markup in identifiers is not escaped", unescaped),
    (
        "A11",
        "ampersands in identifiers are not escaped",
        lambda a, s: s(a).text("AT&amp;T", "AT&T") if a.verb == "GetRecord" else s(a),
    ),
    *(
        ("A7", f"{name} twice in ListRecords", asking(once_in_list_records(name)))
        for name in ("set", "from", "until")
    ),
    (
        "A11",
        "a strange identifier is an unknown format",
        answering(lambda a, r: r.text("idDoesNotExist", "cannotDisseminateFormat") if ".." in a.query else r),
    ),
    ("A12", "a control character in a title", answering(control_character)),
    ("A12", "a reference to one in a set name", answering(control_reference)),
    ("A13", "empty arguments are ignored", asking(no_empty)),
    ("A14", "404 for an unknown identifier", status_of("idDoesNotExist", 404)),
    ("A14", "422 for a bad argument", status_of("badArgument", 422)),
    ("A14", "500 for a bad verb", status_of("badVerb", 500)),
    ("A14", "301 away", moved_away),
    ("A15", "errors without words", each("//o:error", text(""))),
    (
        "B1",
        "no XML declaration",
        answering(lambda a, r: replace(r, body=r.body.partition(b"?>")[2].lstrip())),
    ),
    (
        "B1",
        "HTML behind the answer",
        answering(lambda a, r: replace(r, body=r.body + b"<br>") if r.codes else r),
    ),
    ("B1", "latin-1", answering(latin_1)),
    ("B1", "an unclosed element", answering(lambda a, r: r.text("</repositoryName>", ""))),
    ("B2", "another namespace", answering(other_namespace)),
    ("B2", "no schemaLocation", tree(lambda root: attribute(f"{{{XSI}}}schemaLocation", None)(root))),
    (
        "B2",
        "half a schemaLocation",
        tree(lambda root: attribute(f"{{{XSI}}}schemaLocation", f"{OAI}OAI-PMH.xsd")(root)),
    ),
    ("B2", "local time", answering(local_time)),
    ("B2", "a stale date", dated("2024-01-01T00:00:00Z")),
    ("B2", "a date with an offset", dated("2026-01-01T00:00:00+00:00")),
    ("B2", "no attributes beside errors", answering(silent_on_errors)),
    ("B2", "attributes beside badArgument", answering(loud_on_bad_argument)),
    ("B2", "another URL in request", each("//o:request", text("http://localhost/oai"))),
    ("B2", "days repeated as seconds", answering(seconds_echoed)),
    ("B2", "no request element", each("//o:request", remove)),
    ("B8", "an error code that there is not", badly_named),
    (
        "B8",
        "an attribute of tokens that there is not",
        each("//o:resumptionToken", attribute("expiration_date", "2030-01-01T00:00:00Z")),
    ),
    (
        "B8",
        "identifiers without a scheme",
        each("//o:header/o:identifier", lambda e: setattr(e, "text", e.text.rpartition(":")[2])),
    ),
    ("A3", "the name of verb in any case", asking(verb_in_any_case)),
    ("B8", "setName before setSpec", each("//o:set", lambda e: e.insert(0, e[1]))),
    ("B8", "an element of nobody", each("//o:header", lambda e: e.append(e.makeelement(q("status"))))),
    ("K6", "503 without Retry-After", slow_down(503)),
    ("K6", "Retry-After as a date", slow_down(503, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT")),
    ("K6", "429", slow_down(429, Retry_After="1")),
)
