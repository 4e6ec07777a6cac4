"""Negotiation, against the headers that clients really send."""

import time

import pytest

from repository.web.negotiation import MAX_HEADER, Offer, accepts_gzip, choose

COMPACTED = "http://www.w3.org/ns/json-ld#compacted"
OFFERS = (
    Offer("turtle", "text/turtle"),
    Offer("jsonld", "application/ld+json", also=("application/json",), profiles=frozenset({COMPACTED})),
    Offer("ntriples", "application/n-triples"),
    Offer("rdfxml", "application/rdf+xml"),
    Offer("bibtex", "application/x-bibtex"),
    Offer("oai_dc", "application/xml", also=("text/xml",)),
    Offer("html", "text/html"),
)

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,application/json;q=0.45,text/n3;q=0.35,application/xml;q=0.3,"
    "image/svg+xml;q=0.3,text/xml;q=0.2,text/html;q=0.2,application/xhtml+xml;q=0.18"
)
RAPPER = (
    "application/n-triples, text/plain;q=0.1, application/rdf+xml, text/rdf;q=0.6, application/x-turtle, "
    "application/turtle, text/turtle, text/n3;q=0.3, application/rss;q=0.8, application/rss+xml;q=0.8, "
    "text/rss;q=0.6, application/xml;q=0.3, text/xml;q=0.3, application/atom+xml;q=0.3, text/html;q=0.6, "
    "application/xhtml+xml;q=0.8, application/rdf+json, */*;q=0.1"
)
RDFLIB_ANY = (
    "application/ld+json, application/n-quads, application/n-triples, application/rdf+xml, application/trig, "
    "application/trix, text/n3, text/turtle, text/html"
)
JENA = (
    "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,"
    "application/trig,application/n-quads;q=0.9,application/x-trig,*/*;q=0.3"
)
FUJI = (
    "text/turtle, application/turtle, application/x-turtle;q=0.8, text/n3;q=0.3, text/html;q=0.2, */*;q=0.1"
)
OWLAPI = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"

CLIENTS = {
    "curl": ("*/*", "turtle"),
    "wget": ("*/*", "turtle"),
    "python-requests": ("*/*", "turtle"),
    "python-urllib, no header": (None, "turtle"),
    "go, no header": ("", "turtle"),
    "chrome": (CHROME, "html"),
    "firefox-128": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,"
        "image/svg+xml,*/*;q=0.8",
        "html",
    ),
    "firefox-132": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
    "firefox-3": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
    "safari": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
    "internet explorer": ("text/html, application/xhtml+xml, */*", "html"),
    "edge legacy": ("text/html, application/xhtml+xml, image/jxr, */*", "html"),
    "opera 12": (
        "text/html, application/xml;q=0.9, application/xhtml+xml, image/png, image/webp, image/jpeg, */*;q=0.1",
        "html",
    ),
    "lynx": ("text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01", "html"),
    "w3m": ("text/html, text/*;q=0.5, image/*", "html"),
    "links": ("*/*;q=0.1,text/html", "html"),
    "googlebot": (
        "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8",
        "html",
    ),
    "bingbot": ("*/*", "turtle"),
    "java HttpURLConnection": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "html"),
    "apache httpclient": (None, "turtle"),
    "jquery html": ("text/html, */*; q=0.01", "html"),
    "jquery json": ("application/json, text/javascript, */*; q=0.01", "jsonld"),
    "axios": ("application/json, text/plain, */*", "jsonld"),
    "fetch": ("*/*", "turtle"),
    "rapper": (RAPPER, "turtle"),
    "rapper as trifid saw it": ("application/rdf+xml, text/turtle, text/html, application/xhtml+xml", "turtle"),
    "rdflib, any": (RDFLIB_ANY, "turtle"),
    "rdflib turtle": ("text/turtle, application/x-turtle, */*;q=0.1", "turtle"),
    "rdflib xml": ("application/rdf+xml, */*;q=0.1", "rdfxml"),
    "rdflib json-ld": ("application/ld+json, application/json;q=0.9, */*;q=0.1", "jsonld"),
    "rdflib n3": ("text/n3, */*;q=0.1", "turtle"),
    "rdflib 4": ("application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1", "rdfxml"),
    "jena": (JENA, "turtle"),
    "jena riot old": ("text/turtle,application/rdf+xml;q=0.9,application/xml;q=0.8,*/*;q=0.5", "turtle"),
    "comunica": (COMUNICA, "jsonld"),
    "rdf-dereference": ("application/n-quads,application/trig;q=0.95,text/turtle;q=0.9,*/*;q=0.1", "turtle"),
    "jsonld.js": ("application/ld+json, application/json", "jsonld"),
    "pyld": ("application/ld+json;profile=http://www.w3.org/ns/json-ld#context, application/ld+json;q=0.5", "jsonld"),
    "f-uji": (FUJI, "turtle"),
    "f-uji json-ld": ("application/ld+json, application/json;q=0.9", "jsonld"),
    "protege / owlapi": (OWLAPI, "rdfxml"),
    "virtuoso sponger": (
        "text/html;q=0.5, application/rdf+xml, text/rdf+n3, text/turtle;q=0.9, application/rdf+turtle, */*;q=0.1",
        "rdfxml",
    ),
    "any23": ("application/rdf+xml, text/n3;q=0.7, text/html;q=0.5, application/xhtml+xml;q=0.5, */*;q=0.1", "rdfxml"),
    "topbraid": ("application/rdf+xml, text/turtle;q=0.8, text/html;q=0.3", "rdfxml"),
    "doi.org negotiation, bibtex": ("application/x-bibtex", "bibtex"),
    "zotero translator": ("text/html, application/xml;q=0.9, */*;q=0.8", "html"),
    "signposting client": ("application/ld+json, text/turtle;q=0.8, */*;q=0.1", "jsonld"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "expected"), CLIENTS.values(), ids=CLIENTS.keys())
def test_clients_get_what_they_can_read(header, expected):
    assert choose(header, OFFERS).name == expected


RULES = {
    "charset is ignored": ("text/turtle; charset=utf-8", "turtle"),
    "charset, upper case, no blanks": ("TEXT/HTML;CHARSET=UTF-8", "html"),
    "our profile": (f'application/ld+json;profile="{COMPACTED}"', "jsonld"),
    "an unknown profile is ignored": ('application/ld+json;profile="http://example.org/p"', "jsonld"),
    "two profiles": (f'application/ld+json; profile="http://example.org/p {COMPACTED}"', "jsonld"),
    "a profile with a comma in it": ('application/ld+json;profile="http://e.org/a,b;c"', "jsonld"),
    "an unknown parameter is tolerated": ("text/turtle;version=1.2", "turtle"),
    "an unknown parameter does not lose to HTML": ("text/turtle;version=1.2, text/html", "turtle"),
    "q=0 excludes": ("text/turtle;q=0, */*", "jsonld"),
    "q=0 excludes a family": ("text/*;q=0, */*", "jsonld"),
    "exact beats family": ("text/*;q=0.9, text/html;q=0.1, application/rdf+xml;q=0.5", "turtle"),
    "exact q counts, not the wildcard's": ("text/turtle;q=0.1, text/html;q=0.5, */*;q=0.9", "jsonld"),
    "profile range counts, not the bare one": (
        f'application/ld+json;q=0.1, application/ld+json;profile="{COMPACTED}";q=0.9, text/turtle;q=0.5',
        "jsonld",
    ),
    "a foreign parameter's q does not": ("text/html;level=1;q=0.1, text/html, text/turtle;q=0.5", "html"),
    "equals go by our order": ("text/html, application/rdf+xml, application/n-triples", "ntriples"),
    "equals are settled by specificity first": ("*/*, application/rdf+xml", "rdfxml"),
    "xml alone is Dublin Core": ("application/xml", "oai_dc"),
    "text/xml too": ("text/xml", "oai_dc"),
    "family": ("application/*", "jsonld"),
    "blanks everywhere": ("  text/html  ;  q = 0.5 ,  text/turtle ; q = 0.4 ", "html"),
    "q without a digit before the point": ("text/turtle;q=.2, text/html;q=.3", "html"),
    "q above one is one": ("text/turtle;q=7, text/html;q=1", "turtle"),
    "q that is no number is one": ("text/html;q=high, text/turtle;q=0.5", "html"),
    "q that is not a number at all": ("text/html;q=nan, text/turtle;q=0.5", "html"),
    "a broken item is passed over": ("text//turtle, foo, /, ;q=1, text/html", "html"),
    "garbage is no header": (";;,,;q=", "turtle"),
    "binary garbage is no header": ("\x00\xff\x80", "turtle"),
    "an open quote": ('application/ld+json;profile="never closed, text/html', "jsonld"),
    "extensions behind q": ("text/html;q=0.5;ext=1, text/turtle;q=0.4", "html"),
    "a header over 8 kB is no header": ("text/html, " + "a/b, " * 2000, "turtle"),
}


@pytest.mark.parametrize(("header", "expected"), RULES.values(), ids=RULES.keys())
def test_rules_of_rfc_9110(header, expected):
    assert choose(header, OFFERS).name == expected


@pytest.mark.parametrize(
    "header", ["image/png", "text/turtle;q=0", "text/csv, image/*", "*/*;q=0", "application/trig"]
)
def test_nothing_is_made_up_for_types_that_are_not_there(header):
    assert choose(header, OFFERS) is None


EXPANDED = "http://www.w3.org/ns/json-ld#expanded"
SCHEMA = "https://schema.org"
PROFILED = (
    *OFFERS,
    Offer("expanded", "application/ld+json", profiles=frozenset({EXPANDED})),
    Offer("schema.org", "application/ld+json", profiles=frozenset({SCHEMA, SCHEMA + "/"})),
)
BY_PROFILE = {
    "no profile is the first": ("application/ld+json", "jsonld"),
    "an unknown one too": ('application/ld+json;profile="http://example.org/p"', "jsonld"),
    "expanded": (f'application/ld+json;profile="{EXPANDED}"', "expanded"),
    "expanded, with a charset": (f'application/ld+json; charset=utf-8; profile="{EXPANDED}"', "expanded"),
    "a profile without quotes": (f"application/ld+json;profile={EXPANDED}", "expanded"),
    "compacted": (f'application/ld+json;profile="{COMPACTED}"', "jsonld"),
    "schema.org": ('application/ld+json;profile="https://schema.org"', "schema.org"),
    "schema.org with a slash": ('application/ld+json;profile="https://schema.org/"', "schema.org"),
    "a profile beside others": (f'application/ld+json;profile="http://example.org/p {EXPANDED}"', "expanded"),
    "a profile before the bare type": (f'application/ld+json, application/ld+json;profile="{EXPANDED}"', "expanded"),
    "a profile liked less": (f'application/ld+json, application/ld+json;profile="{EXPANDED}";q=0.5', "jsonld"),
    "a profile refused": (f'application/ld+json;profile="{COMPACTED}";q=0, application/ld+json', "expanded"),
    "a profile does not outdo another type": (f'text/turtle, application/ld+json;profile="{EXPANDED}"', "turtle"),
    "q still does": (f'text/turtle;q=0.9, application/ld+json;profile="{EXPANDED}"', "expanded"),
    "JSON alone is compacted": ("application/json", "jsonld"),
    "anything": ("*/*", "turtle"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "expected"), BY_PROFILE.values(), ids=BY_PROFILE.keys())
def test_a_profile_chooses_among_the_forms_of_one_type(header, expected):
    assert choose(header, PROFILED).name == expected


@pytest.mark.parametrize(("header", "expected"), CLIENTS.values(), ids=CLIENTS.keys())
def test_forms_by_profile_change_nothing_for_clients_who_name_none(header, expected):
    assert choose(header, PROFILED).name == expected


HOSTILE = {
    "many items": "a/b;q=0.1," * 100_000,
    "many parameters": "text/html" + ";a=b" * 100_000,
    "many quotes": '"' * 100_000,
    "many escapes": 'a/b;p="' + "\\" * 100_000,
    "commas": "," * 100_000,
    "blanks": "text/html" + " " * 100_000 + "x",
    "semicolons": "text/html" + ";" * 100_000,
    "just under the cap": ('a/b;c="\\' * 2000)[: MAX_HEADER - 1],
    "blanks under the cap": "text/html;" + " " * (MAX_HEADER - 20) + "x",
    "words under the cap": "a" * (MAX_HEADER - 1),
    "equals under the cap": ("text/html;" + "a=" * MAX_HEADER)[: MAX_HEADER - 1],
}


@pytest.mark.parametrize("header", HOSTILE.values(), ids=HOSTILE.keys())
def test_row_42_hostile_headers_cost_next_to_nothing(header):
    start = time.process_time()
    choose(header, OFFERS)
    accepts_gzip(header)
    assert time.process_time() - start < 0.1


CODINGS = {
    None: False,
    "": False,
    "gzip": True,
    "gzip, deflate, br": True,
    "GZIP": True,
    "x-gzip": True,
    "*": True,
    "identity": False,
    "gzip;q=0": False,
    "*, gzip;q=0": False,
    "gzip;q=0.001": True,
    "identity, gzip;q=0.5": False,
    "br;q=1.0, gzip;q=0.8, *;q=0.1": True,
    "identity;q=0, *": True,
    "deflate": False,
}


@pytest.mark.parametrize(("header", "expected"), CODINGS.items())
def test_gzip_only_for_those_who_ask(header, expected):
    assert accepts_gzip(header) is expected
