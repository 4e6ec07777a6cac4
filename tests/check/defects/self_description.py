"""Defects of rows C, D and E: Identify, formats, sets."""

import gzip
import zlib
from dataclasses import replace

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
    instead,
    q,
    remove,
    text,
    tree,
    twice,
    unless_refused,
)
from tests.check.proxy import XSI, Asked, Reply, Serve

LOCATION = f"{{{XSI}}}schemaLocation"
WRONG_FRIENDS = (
    '<description xmlns="http://www.openarchives.org/OAI/2.0/">'
    '<friends xmlns="http://www.openarchives.org/OAI/2.0/friends/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/friends/ '
    'http://www.openarchives.org/OAI/2.0/friends.xsd"><friend>http://x.example/</friend></friends></description>'
)


def last(root: etree._Element) -> None:
    identify = root.find(q("Identify"))
    identify.insert(0, identify.find(q("granularity")))


def https(element: etree._Element) -> None:
    element.text = element.text.replace("http:", "https:")


def slash(element: etree._Element) -> None:
    element.text += "/"


def described(xml: str) -> object:
    return each("//o:Identify", lambda e: e.append(etree.fromstring(xml)))


def zipped(asked: Asked, reply: Reply) -> Reply:
    if "Content-Encoding" in reply.headers:
        return reply
    return replace(
        reply, headers={**reply.headers, "Content-Encoding": "gzip"}, body=gzip.compress(reply.body)
    )


def zipped_if_asked(asked: Asked, serve: Serve) -> Reply:
    coding = asked.headers.get("Accept-Encoding", asked.headers.get("accept-encoding", ""))
    plain = replace(asked, headers={})
    reply = serve(plain)
    return zipped(asked, reply) if coding == "gzip" else reply


def undeclared(asked: Asked, serve: Serve) -> Reply:
    return (
        each("//o:compression", remove)(asked, lambda a: zipped_if_asked(a, serve))
        if not asked.headers.get("Accept-Encoding")
        else zipped_if_asked(asked, serve)
    )


def broken_gzip(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    return replace(reply, body=reply.body[:-9]) if reply.headers.get("Content-Encoding") else reply


def refused_gzip(asked: Asked, serve: Serve) -> Reply:
    plain = serve(replace(asked, headers={}))
    return zipped(asked, plain) if "gzip" in asked.headers.get("Accept-Encoding", "") else plain


def ghost(element: etree._Element) -> None:
    for name, value in zip(
        element, ("ghost", "http://ghost.example/x.xsd", "http://ghost.example/"), strict=True
    ):
        name.text = value


def every_format(asked: Asked) -> Asked:
    return asked.put(identifier=None) if asked.verb == "ListMetadataFormats" else asked


def known_formats(asked: Asked, serve: Serve) -> Reply:
    """All formats for an item that exists, whatever it has."""
    reply = serve(asked)
    return reply if reply.codes else echoed(asked, serve(every_format(asked)))


def no_dc(root: etree._Element) -> None:
    for element in find(root, "//o:metadataFormat[o:metadataPrefix='oai_dc']"):
        remove(element)


def no_formats(asked: Asked, serve: Serve) -> Reply:
    if asked.verb == "ListMetadataFormats" and "identifier" in asked.arguments and not serve(asked).codes:
        return error(asked, serve, "noMetadataFormats")
    return serve(asked)


def no_dc_of_items(asked: Asked, serve: Serve) -> Reply:
    if "identifier" in asked.arguments:
        return tree(no_dc, "ListMetadataFormats")(asked, serve)
    return serve(asked)


def few_formats(asked: Asked, serve: Serve) -> Reply:
    if "identifier" in asked.arguments:
        path = "//o:metadataFormat[o:metadataPrefix='mods']"
        return each(path, remove, "ListMetadataFormats")(asked, serve)
    return serve(asked)


def other_dc(asked: Asked, reply: Reply) -> Reply:
    if asked.verb not in ("ListRecords", "GetRecord"):
        return reply
    return reply.text(
        "http://www.openarchives.org/OAI/2.0/oai_dc/", "http://www.openarchives.org/OAI/1.1/dc/"
    )


def dc_pair(element: etree._Element) -> None:
    element.set(LOCATION, "http://purl.org/dc/elements/1.1/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd")


def child(namespace: str, name: str, content: str) -> object:
    def change(element: etree._Element) -> None:
        etree.SubElement(element, f"{{{namespace}}}{name}").text = content

    return change


def prefix_sets(asked: Asked, serve: Serve) -> Reply:
    """Sets are matched by their beginnings: `type:articl` is `type:article`."""
    reply = serve(asked)
    wanted = asked.arguments.get("set", "")
    if "noRecordsMatch" in reply.codes and wanted and asked.verb in LISTS:
        sets = [e.text for e in find(serve(asked.having([("verb", "ListSets")])).root, "//o:setSpec")]
        if match := next((spec for spec in sets if spec.startswith(wanted)), None):
            return echoed(asked, serve(asked.put(set=match)))
        more = serve(asked.having([("verb", "ListSets")]))
        while token := next((e.text for e in find(more.root, "//o:resumptionToken")), None):
            more = serve(asked.having([("verb", "ListSets"), ("resumptionToken", token)]))
            for spec in (e.text for e in find(more.root, "//o:setSpec")):
                if spec.startswith(wanted):
                    return echoed(asked, serve(asked.put(set=spec)))
    return reply


def whole_set(asked: Asked) -> Asked:
    return (
        asked.put(set=None) if asked.verb in LISTS and "nosuch" not in asked.query.replace("-", "") else asked
    )


def leaves_only(asked: Asked, reply: Reply) -> Reply:
    """A set without its descendants."""
    root, wanted = reply.root, asked.arguments.get("set")
    if wanted is None or asked.verb != "ListIdentifiers":
        return reply
    for header in find(root, "//o:header"):
        if wanted not in [spec.text for spec in header.findall(q("setSpec"))] and not header.get("status"):
            remove(header)
    return reply.of(root)


def wanted_set_alone(asked: Asked, reply: Reply) -> Reply:
    """Headers name the set that was asked for, and no other."""
    root, wanted = reply.root, asked.arguments.get("set")
    for spec in find(root, "//o:header/o:setSpec") if wanted else ():
        if spec.text != wanted:
            remove(spec)
    return reply.of(root)


def set_forgotten(asked: Asked, serve: Serve) -> Reply:
    """Resumed lists of a set go on as lists of everything."""
    token = asked.arguments.get("resumptionToken", "")
    if token.startswith("lost."):
        return echoed(asked, serve(asked.put(resumptionToken=token[5:])))
    reply = serve(asked)
    if asked.verb in LISTS and "set" in asked.arguments and find(reply.root, "//o:resumptionToken/text()"):
        whole = serve(asked.put(set=None)).root
        inner = next(iter(find(whole, "//o:resumptionToken/text()")), "")
        root = reply.root
        root.find(f".//{q('resumptionToken')}").text = f"lost.{inner}"
        return reply.of(root)
    return reply


def no_ancestors(root: etree._Element) -> None:
    for element in find(root, "//o:set[o:setSpec='type' or o:setSpec='RePEc:xxx']"):
        remove(element)


def no_sets_in_sets(asked: Asked, serve: Serve) -> Reply:
    """ListRecords of a set leaves setSpecs out."""
    return (
        each("//o:setSpec", remove)(asked, serve)
        if "set" in asked.arguments and asked.verb == "ListRecords"
        else serve(asked)
    )


def deflated_for_gzip(asked: Asked, serve: Serve) -> Reply:
    reply = serve(replace(asked, headers={}))
    if asked.headers.get("Accept-Encoding", "") != "gzip":
        return reply
    return replace(
        reply, headers={**reply.headers, "Content-Encoding": "deflate"}, body=zlib.compress(reply.body)
    )


PLANTED: tuple[Planted, ...] = (
    ("C1", "https in baseURL", each("//o:baseURL", https)),
    ("C1", "a slash behind baseURL", each("//o:baseURL", slash)),
    ("C2", "granularity comes first", tree(last, "Identify")),
    ("C2", "no deletedRecord", each("//o:deletedRecord", remove)),
    ("C2", "two earliestDatestamps", each("//o:earliestDatestamp", twice)),
    ("C2", "protocolVersion 1.1", each("//o:protocolVersion", text("1.1"))),
    ("C2", "no Identify", asking(lambda a: a.put(verb="ListMetadataFormats") if a.verb == "Identify" else a)),
    ("C3", "mailto", each("//o:adminEmail", text("mailto:admin@example.org"))),
    ("C3", "localhost", each("//o:adminEmail", text("root@localhost"))),
    ("C3", "a name for an address", each("//o:adminEmail", text("The Administrator"))),
    ("C3", "no adminEmail", each("//o:adminEmail", remove)),
    ("C4", "granularity of a minute", each("//o:granularity", text("YYYY-MM-DDThh:mmZ"))),
    ("C5", "deletedRecord yes", each("//o:deletedRecord", text("yes"))),
    ("C6", "earliestDatestamp is a day", each("//o:earliestDatestamp", text("2001-01-01"))),
    ("C6", "earliestDatestamp of no calendar", each("//o:earliestDatestamp", text("2001-02-30T00:00:00Z"))),
    ("C6", "earliestDatestamp is the epoch", each("//o:earliestDatestamp", text("1970-01-01T00:00:00Z"))),
    ("C7", "a repositoryIdentifier without a dot", each("//id:repositoryIdentifier", text("sheaf"))),
    ("C7", "a sample that is nothing", each("//id:sampleIdentifier", text("oai:sheaf.example:nothing"))),
    ("C7", "another domain than identifiers have", each("//id:repositoryIdentifier", text("other.example"))),
    ("C7", "two oai-identifiers", each("//o:description[id:oai-identifier]", twice)),
    ("C8", "gzip for everyone", answering(zipped)),
    ("C8", "gzip that is not declared", undeclared),
    ("C8", "gzip that breaks off", broken_gzip),
    ("C8", "gzip though it was refused", refused_gzip),
    ("C9", "a description without schema", each("//o:description/*", attribute(LOCATION, None))),
    (
        "C9",
        "a description in no namespace",
        described('<description xmlns="http://www.openarchives.org/OAI/2.0/"><x xmlns=""/></description>'),
    ),
    ("C9", "friends that are none", described(WRONG_FRIENDS)),
    ("C9", "an empty description", each("//o:setDescription/*", remove)),
    ("D1", "no oai_dc", tree(no_dc, "ListMetadataFormats")),
    (
        "D1",
        "another schema of oai_dc",
        each("//o:metadataFormat[o:metadataPrefix='oai_dc']/o:schema", text("http://x.example/dc.xsd")),
    ),
    (
        "D1",
        "another namespace of oai_dc",
        each(
            "//o:metadataFormat[o:metadataPrefix='oai_dc']/o:metadataNamespace",
            text("http://purl.org/dc/elements/1.1/"),
        ),
    ),
    ("D2", "a prefix with a colon", each("//o:metadataFormat[last()]/o:metadataPrefix", text("a:b"))),
    ("D2", "a prefix twice", each("//o:metadataFormat[last()]", twice)),
    ("D3", "formats of an unknown item", asking(every_format)),
    ("D3", "all formats for every item", known_formats),
    ("D3", "an item without its format", no_dc_of_items),
    ("D3", "noMetadataFormats for all", no_formats),
    ("D3", "an item without another format", few_formats),
    (
        "D5",
        "another namespace of one format",
        each("//o:metadataNamespace[contains(., 'mods')]", text("urn:mods")),
    ),
    (
        "D6",
        "another schema of one format",
        each("//o:schema[contains(., 'mods')]", text("http://x.example/mods")),
    ),
    (
        "C8",
        "nothing without gzip",
        lambda a, s: s(a) if "gzip" in str(a.headers.get("Accept-Encoding")) else Reply(406, {}, b"gzip"),
    ),
    (
        "D4",
        "a format that cannot be fetched",
        each("//o:ListMetadataFormats/o:metadataFormat[last()]", ghost),
    ),
    ("D5", "another namespace of metadata", answering(other_dc)),
    ("D6", "the namespace of DC in the pair", each("//oai_dc:dc", dc_pair)),
    ("D6", "no pair", each("//oai_dc:dc", attribute(LOCATION, None))),
    (
        "D7",
        "a sixteenth element",
        each("//oai_dc:dc", child("http://purl.org/dc/elements/1.1/", "abstract", "x")),
    ),
    (
        "D7",
        "an element of another namespace",
        each("//oai_dc:dc", child("http://purl.org/dc/terms/", "abstract", "x")),
    ),
    ("D7", "an empty element", each("//oai_dc:dc", child("http://purl.org/dc/elements/1.1/", "source", " "))),
    ("E1", "a set twice", each("//o:set[o:setSpec='type']", twice)),
    ("E1", "a set with a blank", each("//o:setSpec[.='type']", text("the type"))),
    ("E1", "a set without a name", each("//o:setName", text(""))),
    (
        "E1",
        "ListSets is an error",
        lambda a, s: error(a, s, "noRecordsMatch") if a.verb == "ListSets" else s(a),
    ),
    (
        "E1",
        "noSetHierarchy, but sets",
        lambda a, s: error(a, s, "noSetHierarchy") if a.verb == "ListSets" else s(a),
    ),
    ("E2", "no ancestors", tree(no_ancestors, "ListSets")),
    (
        "E3",
        "an unknown set is everything",
        unless_refused("noRecordsMatch", lambda a: a.put(set=None) if "set" in a.arguments else a),
    ),
    (
        "E3",
        "an unknown set is idDoesNotExist",
        lambda a, s: (
            error(a, s, "idDoesNotExist") if "set" in a.arguments and "noRecordsMatch" in s(a).codes else s(a)
        ),
    ),
    ("E3", "sets by their beginnings", prefix_sets),
    ("E4", "a set that is not listed", each("//o:set[o:setSpec='type:paper']", remove)),
    ("E5", "set is ignored", asking(whole_set)),
    ("E5", "a set without its descendants", answering(leaves_only)),
    ("E5", "a set lost when resuming", set_forgotten),
    ("E6", "ListRecords of a set names none", no_sets_in_sets),
    ("C8", "deflate where gzip was asked for", deflated_for_gzip),
    ("E6", "headers name one set", answering(wanted_set_alone)),
    (
        "H1",
        "an unknown identifier is noRecordsMatch",
        instead("idDoesNotExist", "noRecordsMatch", "GetRecord"),
    ),
    ("H2", "an unknown format is badArgument", instead("cannotDisseminateFormat", "badArgument")),
    (
        "H2",
        "an unknown format is oai_dc",
        unless_refused("cannotDisseminateFormat", lambda a: a.put(metadataPrefix="oai_dc")),
    ),
)
