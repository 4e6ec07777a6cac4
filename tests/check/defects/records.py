"""Defects of rows H and K: single records, deletions, about."""

from lxml import etree

from tests.check.defects.planting import (
    LISTS,
    Planted,
    each,
    echoed,
    error,
    find,
    instead,
    q,
    remove,
    text,
    tree,
    unless_refused,
)
from tests.check.proxy import NS, OAI, XSI, Asked, Defect, Reply, Serve

PROVENANCE = (
    f'<about xmlns="{OAI}"><provenance xmlns="{NS["p"]}" xmlns:xsi="{XSI}" '
    f'xsi:schemaLocation="{NS["p"]} {NS["p"]}.xsd">'
    '<originDescription harvestDate="2019-02-01T00:00:00Z" altered="true">'
    "<baseURL>http://up.example.org/oai</baseURL><identifier>oai:up.example.org:1</identifier>"
    "<datestamp>2019-01-01</datestamp><metadataNamespace>http://up.example.org/ns</metadataNamespace>"
    "</originDescription></provenance></about>"
)


def about(xml: str, at: int = 2) -> Defect:
    return each("//o:record[o:metadata]", lambda record: record.insert(at, etree.fromstring(xml)))


def metadata_for_all(root: etree._Element) -> None:
    for record in find(root, "//o:record[o:header/@status]"):
        etree.SubElement(etree.SubElement(record, q("metadata")), f"{{{NS['oai_dc']}}}dc")


def deleted_is_unknown(asked: Asked, serve: Serve) -> Reply:
    reply = serve(asked)
    if asked.verb == "GetRecord" and find(reply.root, "//o:header[@status]"):
        return error(asked, serve, "idDoesNotExist")
    return reply


def deletions_of_the_whole_list_alone(asked: Asked, serve: Serve) -> Reply:
    """Who harvests by dates learns of no deletion."""
    reply = serve(asked)
    if asked.verb not in LISTS or not {"from", "until"} & set(asked.arguments) or reply.codes:
        return reply
    root = reply.root
    for item in find(root, "//o:record[o:header/@status] | //o:ListIdentifiers/o:header[@status]"):
        remove(item)
    return reply.of(root) if find(root, "//o:header") else error(asked, serve, "noRecordsMatch")


def deletions_of_other_formats(asked: Asked, serve: Serve) -> Reply:
    """Lists of another format than oai_dc tell no deletion, though GetRecord does."""
    reply = serve(asked)
    if asked.verb != "ListRecords" or asked.arguments.get("metadataPrefix", "oai_dc") == "oai_dc":
        return reply
    root = reply.root
    for item in find(root, "//o:record[o:header/@status]"):
        remove(item)
    return reply.of(root) if find(root, "//o:header") else error(asked, serve, "noRecordsMatch")


def by_beginning(asked: Asked, serve: Serve) -> Reply:
    """An identifier with more behind it is still found."""
    reply = serve(asked)
    name = asked.arguments.get("identifier", "")
    if asked.verb == "GetRecord" and "idDoesNotExist" in reply.codes and name.startswith("oai:sheaf"):
        return echoed(asked, serve(asked.put(identifier=name[:-1])))
    return reply


def as_it_came(asked: Asked, serve: Serve) -> Reply:
    """Escaped identifiers are not unescaped."""
    if asked.verb == "GetRecord" and "%3A" in asked.query and asked.method == "GET":
        return error(asked, serve, "idDoesNotExist")
    return serve(asked)


def no_status(element: etree._Element) -> None:
    element.attrib.pop("status", "")


PLANTED: tuple[Planted, ...] = (
    ("H1", "an unknown identifier is badArgument", instead("idDoesNotExist", "badArgument", "GetRecord")),
    (
        "H1",
        "an unknown identifier is another record",
        unless_refused(
            "idDoesNotExist",
            lambda a: (
                a.put(identifier="oai:sheaf.example:RePEc:xxx:joujou:2") if a.verb == "GetRecord" else a
            ),
        ),
    ),
    (
        "H3",
        "GetRecord has another date",
        each("//o:GetRecord//o:datestamp", lambda e: setattr(e, "text", e.text[:17] + "00Z")),
    ),
    ("H3", "GetRecord has other metadata", each("//o:GetRecord//dc:title", text("Another title"))),
    ("H3", "GetRecord has no sets", each("//o:GetRecord//o:setSpec", remove)),
    (
        "H3",
        "GetRecord gives another identifier",
        each("//o:GetRecord//o:header/o:identifier", text("oai:sheaf.example:other")),
    ),
    ("H3", "escaped identifiers are unknown", as_it_came),
    (
        "H4",
        "a format that the item lacks is idDoesNotExist",
        lambda a, s: (
            error(a, s, "idDoesNotExist")
            if a.verb == "GetRecord"
            and "no-such" not in a.query
            and s(a).codes == ["cannotDisseminateFormat"]
            else s(a)
        ),
    ),
    ("K1", "deletedRecord no with deletions", each("//o:deletedRecord", text("no"))),
    ("K2", "deleted records with metadata", tree(metadata_for_all, "ListRecords")),
    ("K2", "deleted records with metadata in GetRecord", tree(metadata_for_all, "GetRecord")),
    ("K3", "a deleted record is unknown", deleted_is_unknown),
    ("K3", "a deleted record has no status", each("//o:GetRecord//o:header", no_status)),
    ("K4", "deletions are in the whole list alone", deletions_of_the_whole_list_alone),
    ("K4", "lists of other formats tell no deletion", deletions_of_other_formats),
    ("H1", "an identifier is found by its beginning", by_beginning),
    ("K5", "about before metadata", about(PROVENANCE, at=1)),
    ("K5", "about without schema", about(PROVENANCE.replace("schemaLocation", "type"))),
    ("K5", "about in no namespace", about(f'<about xmlns="{OAI}"><x xmlns=""/></about>')),
    (
        "K5",
        "provenance without its baseURL",
        about(PROVENANCE.replace("<baseURL>http://up.example.org/oai</baseURL>", "")),
    ),
    (
        "K5",
        "provenance without a harvestDate",
        about(PROVENANCE.replace('harvestDate="2019-02-01T00:00:00Z"', "")),
    ),
)
