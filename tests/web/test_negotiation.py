"""The rules of negotiation; what real clients send is in `accepts`."""

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
# With some that do not stand beside others.
MORE = (
    *OFFERS,
    Offer("trig", "application/trig", behind=frozenset({"turtle", "jsonld"})),
    Offer("plain", "text/plain", behind=frozenset({"turtle"})),
)

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


BESIDE = {
    "alone": ("application/trig", "trig"),
    "above a wildcard": ("application/trig, */*;q=0.1", "trig"),
    "above another that it stands beside": ("application/trig, text/html;q=0.5", "trig"),
    "above one that it does not stand beside": ("application/trig, text/turtle;q=0.6", "turtle"),
    "above what means that one": ("application/trig, application/json;q=0.5", "jsonld"),
    "far above one that is taken at need": ("application/trig, text/turtle;q=0.1", "trig"),
    "far above all by a low wish": ("application/trig;q=0.5, text/turtle;q=0.1", "trig"),
    "above that one refused": ("application/trig, text/turtle;q=0", "trig"),
    "two of them": ("application/trig, text/plain", "trig"),
    "browsers of before 2011": ("application/xml,application/xhtml+xml,text/html;q=0.9,*/*;q=0.5", "html"),
    "who wants XML more than XHTML": (
        "application/xml,application/xhtml+xml;q=0.9,text/html;q=0.8",
        "oai_dc",
    ),
    "who knows no XHTML": ("application/xml, text/html;q=0.9", "oai_dc"),
}


@pytest.mark.parametrize(("header", "expected"), BESIDE.values(), ids=BESIDE.keys())
def test_an_offer_does_not_stand_beside_what_a_client_reads_better(header, expected):
    assert choose(header, MORE).name == expected


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
