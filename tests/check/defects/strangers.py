"""Defects of every row, as repositories of others have them."""

import re
from dataclasses import replace

from lxml import etree

from tests.check.defects.careless import (
    ABOUT,
    BRANDING,
    EPRINTS,
    RIGHTS,
    about_in_lists_alone,
    an_hour_late,
    broken_off,
    busy,
    dc_for_all,
    described,
    dropped,
    empty_answer,
    error_beside_the_list,
    escaped_twice,
    everything_before_the_first,
    far_future,
    forgotten,
    formats_twice,
    gone_astray,
    growing,
    headers_of_dc,
    in_a_session,
    leading_blank,
    left_over,
    local_days,
    long_is_414,
    lower_codes,
    no_days,
    no_hierarchy_for_sets,
    no_kind,
    no_page_behind,
    no_status,
    nothing_is_404,
    of_the_next,
    on_page,
    one_less_by_post,
    overlap,
    sets_in_any_case,
    shout,
    stamped_now,
    stuck,
    token_first,
    unknown_has_none,
    unsorted_header,
    web_page,
    wider,
    without_one,
)
from tests.check.defects.planting import (
    LISTS,
    Planted,
    answering,
    asking,
    attribute,
    each,
    echoed,
    error,
    q,
    remove,
    text,
    twice,
)
from tests.check.proxy import NS, XSI

PLANTED: tuple[Planted, ...] = (
    ("A1", "no Content-Type at all", answering(no_kind)),
    ("A2", "POST gives a record less", one_less_by_post),
    ("A14", "404 for an empty range", answering(nothing_is_404)),
    ("A14", "a redirect that never ends", gone_astray),
    ("B1", "a blank before the declaration", answering(leading_blank)),
    (
        "B1",
        "latin-1 is declared",
        answering(lambda a, r: replace(r, body=re.sub(rb"(?i)utf-8", b"ISO-8859-1", r.body, count=1))),
    ),
    (
        "B1",
        "a DOCTYPE",
        answering(lambda a, r: replace(r, body=r.body.replace(b"?>", b"?><!DOCTYPE OAI-PMH>", 1))),
    ),
    (
        "B1",
        "XML 1.1",
        answering(lambda a, r: replace(r, body=re.sub(rb"version=.1.0.", b'version="1.1"', r.body, count=1))),
    ),
    ("B2", "responseDate is a day", each("//o:responseDate", lambda e: setattr(e, "text", e.text[:10]))),
    ("B2", "no token in the request", each("//o:request", attribute("resumptionToken", None))),
    ("B2", "the request is escaped twice", answering(escaped_twice)),
    ("B2", "no verb in the request", each("//o:request", attribute("verb", None))),
    ("B8", "codes of errors in lower case", answering(lower_codes)),
    ("B8", "an error beside a list", answering(error_beside_the_list)),
    (
        "B8",
        "identifiers with blanks",
        each("//o:header/o:identifier", lambda e: setattr(e, "text", e.text + " 1")),
    ),
    ("B8", "datestamp before identifier", each("//o:header", unsorted_header)),
    ("B8", "status removed", each("//o:header[@status]", attribute("status", "removed"))),
    ("B8", "two metadata in a record", each("//o:ListRecords/o:record/o:metadata", twice)),
    (
        "C1",
        "a question mark behind baseURL",
        each("//o:Identify/o:baseURL", lambda e: setattr(e, "text", e.text + "?")),
    ),
    ("C2", "an empty repositoryName", each("//o:repositoryName", text(" "))),
    (
        "C3",
        "one adminEmail of two is none",
        each("//o:adminEmail", lambda e: (twice(e), setattr(e, "text", "a at b.org"))),
    ),
    ("C4", "granularity in lower case", each("//o:granularity", text("yyyy-MM-dd"))),
    ("C5", "deletedRecord in capitals", each("//o:deletedRecord", text("Persistent"))),
    ("C7", "another delimiter", each("//id:delimiter", text("/"))),
    ("C7", "no scheme", each("//id:scheme", remove)),
    ("C8", "gzip is declared, but never comes", lambda a, s: s(replace(a, headers={}))),
    (
        "C9",
        "eprints without its policies",
        described(
            f'<eprints xmlns="{EPRINTS}" xsi:schemaLocation="{EPRINTS} {EPRINTS}.xsd">'
            "<content><text>x</text></content></eprints>"
        ),
    ),
    (
        "C9",
        "a rightsManifest of nothing",
        described(
            f'<rightsManifest xmlns="{RIGHTS}" xsi:schemaLocation="{RIGHTS} {RIGHTS[:-1]}Manifest.xsd"/>'
        ),
    ),
    ("D3", "an item has a format twice", formats_twice),
    ("D5", "GetRecord gives oai_dc for all", dc_for_all),
    (
        "D6",
        "the pair is the wrong way round",
        each(
            "//oai_dc:dc",
            attribute(
                f"{{{XSI}}}schemaLocation", f"http://www.openarchives.org/OAI/2.0/oai_dc.xsd {NS['oai_dc']}"
            ),
        ),
    ),
    (
        "D7",
        "elements of Dublin Core in capitals",
        each("//dc:title", lambda e: setattr(e, "tag", e.tag.replace("}title", "}Title"))),
    ),
    (
        "E1",
        "sets that are listed over two pages twice",
        lambda a, s: (
            each("//o:set[1]", twice)(a, s)
            if a.verb == "ListSets" and "resumptionToken" in a.arguments
            else s(a)
        ),
    ),
    ("E3", "sets in any case", sets_in_any_case),
    ("E3", "a star is every set", wider("set", r"\*", lambda _: None, *LISTS)),
    ("E3", "a percent sign is every set", wider("set", "%", lambda _: None, *LISTS)),
    ("E3", "a colon behind a set is nothing", wider("set", r".+:", lambda v: v.rstrip(":"), *LISTS)),
    ("E4", "sets of headers in another case", each("//o:header/o:setSpec", shout)),
    ("E4", "a header names a set twice", each("//o:header/o:setSpec[1]", twice)),
    ("E5", "sets are listed, but no list has them", no_hierarchy_for_sets),
    (
        "E6",
        "tombstones in sets name none",
        lambda a, s: each("//o:header[@status]/o:setSpec", remove)(a, s) if "set" in a.arguments else s(a),
    ),
    ("F1", "pages overlap by a record", overlap()),
    ("F1", "tokens need a cookie", in_a_session),
    ("F1", "the third page is a web page", on_page(3, web_page)),
    ("F1", "the second page breaks off", on_page(2, broken_off)),
    (
        "F2",
        "a token in GetRecord",
        each("//o:GetRecord", lambda e: etree.SubElement(e, q("resumptionToken"))),
    ),
    ("F3", "the cursor is that of the next page", each("//o:resumptionToken[@cursor]", of_the_next)),
    ("F3", "the cursor never moves", each("//o:resumptionToken[@cursor]", stuck)),
    ("F3", "completeListSize counts what is left", each("//o:resumptionToken[@completeListSize]", left_over)),
    (
        "F3",
        "a comma in completeListSize",
        each("//o:resumptionToken", attribute("completeListSize", "1,000")),
    ),
    (
        "F4",
        "an expirationDate of a day",
        each("//o:resumptionToken[text()]", attribute("expirationDate", "2999-01-01")),
    ),
    ("F8", "ListIdentifiers in another case", each("//o:ListIdentifiers/o:header/o:identifier", shout)),
    ("F8", "ListRecords in another case", each("//o:ListRecords/o:record/o:header/o:identifier", shout)),
    ("F8", "ListRecords passes over an item", without_one),
    ("F8", "ListIdentifiers ignores the format", headers_of_dc),
    (
        "G6",
        "dates without Z",
        asking(
            lambda a: (
                a.put(
                    **{
                        n: v + "Z"
                        for n in ("from", "until")
                        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", v := a.arguments.get(n, ""))
                    }
                )
                if {"from", "until"} & set(a.arguments)
                else a
            )
        ),
    ),
    ("G3", "records are stamped as they are asked for", stamped_now("//o:header/o:datestamp")),
    ("K4", "deletions are stamped as they are asked for", stamped_now("//o:header[@status]/o:datestamp")),
    ("G7", "until before all is everything", everything_before_the_first),
    ("G10", "days of local time", local_days),
    ("G10", "days are refused", no_days),
    ("G11", "a crash at the end of time", far_future),
    (
        "G11",
        "until is ignored by ListIdentifiers",
        lambda a, s: (
            echoed(a, s(a.put(until=None)))
            if a.verb == "ListIdentifiers"
            and "until" in a.arguments
            and s(a).codes in ([], ["noRecordsMatch"])
            else s(a)
        ),
    ),
    (
        "H1",
        "a star is any identifier",
        wider("identifier", r"\*", lambda _: "oai:sheaf.example:RePEc:xxx:joujou:2", "GetRecord"),
    ),
    ("H1", "a blank behind an identifier is nothing", wider("identifier", r".+\s", str.strip, "GetRecord")),
    ("H2", "a star is any format", wider("metadataPrefix", r"\*", lambda _: "oai_dc")),
    ("H2", "a blank behind a format is nothing", wider("metadataPrefix", r".+\s", str.strip)),
    ("H3", "GetRecord in another case", each("//o:GetRecord//o:header/o:identifier", shout)),
    ("H3", "GetRecord gives a record twice", each("//o:GetRecord/o:record", twice)),
    ("K2", "tombstones without a status", no_status("ListRecords")),
    ("K2", "no tombstone has a status anywhere", no_status()),
    ("K2", "tombstones without a status in ListIdentifiers", no_status("ListIdentifiers")),
    ("K6", "Retry-After of a day", busy("86400")),
    ("K6", "a negative Retry-After", busy("-1")),
    ("A10", "414 for a long token", long_is_414),
    ("B1", "200 and nothing", empty_answer),
    ("B8", "the token stands before the records", each("//o:resumptionToken", token_first)),
    ("B8", "a schema that is no address", each("//o:metadataFormat[1]/o:schema", text("dc.xsd#[v 1]"))),
    ("C6", "earliestDatestamp is empty", each("//o:earliestDatestamp", text(""))),
    ("C7", "a sample of another domain", each("//id:sampleIdentifier", text("oai:arXiv.org:1"))),
    (
        "C9",
        "branding without its URL",
        described(
            f'<branding xmlns="{BRANDING}" xsi:schemaLocation="{BRANDING} {BRANDING[:-1]}.xsd"><collectionIcon><link>http://x/</link></collectionIcon></branding>'
        ),
    ),
    ("D3", "an unknown item has no formats", unknown_has_none),
    (
        "D4",
        "ListRecords does not know a format that is listed",
        lambda a, s: (
            error(a, s, "cannotDisseminateFormat")
            if a.verb == "ListRecords" and a.arguments.get("metadataPrefix") == "mods"
            else s(a)
        ),
    ),
    ("E5", "set is dropped beside from", dropped("set", "from")),
    ("F1", "a page is all that ListRecords gives", no_page_behind),
    ("F3", "completeListSize grows", growing),
    (
        "G1",
        "tombstones are stamped with days",
        each("//o:header[@status]/o:datestamp", lambda e: setattr(e, "text", e.text[:10])),
    ),
    ("G2", "earliestDatestamp is an hour late", each("//o:earliestDatestamp", an_hour_late)),
    ("G11", "from is dropped beside set", dropped("from", "set")),
    ("G11", "until is dropped beside set", dropped("until", "set")),
    ("G11", "from is dropped beside until", dropped("from", "until")),
    ("G11", "from is lost when resuming", forgotten("from")),
    ("H3", "about in lists alone", about_in_lists_alone),
    (
        "K5",
        "rights that say nothing",
        each(
            "//o:record[o:metadata]",
            lambda e: e.append(etree.fromstring(re.sub("<rightsReference.*?/>", "", ABOUT))),
        ),
    ),
    (
        "K5",
        "two rights in one about",
        each(
            "//o:record[o:metadata]",
            lambda e: e.append(etree.fromstring(re.sub("(<rights .*</rights>)", r"\1\1", ABOUT))),
        ),
    ),
)
