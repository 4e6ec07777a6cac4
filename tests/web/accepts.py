"""Accept headers that clients really send, and which form of a record each must get, by its extension.

MEASURED were read off the wire from the client itself; WRITTEN stand in the source of the client, or of a program that
tests against it. None is for a client that cannot read any form there is: it must be told so.
"""

_CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9"
_RDFLIB_ANY = (
    "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
    "application/trix, application/trig"
)
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,"
    "text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18,application/json;q=0.135,text/shaclc;q=0.1,"
    "text/shaclc-ext;q=0.05"
)

MEASURED = {
    "chromium 156": (
        f"{_CHROME},image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        "html",
    ),
    "curl 7.88": ("*/*", "ttl"),
    "wget 1.21": ("*/*", "ttl"),
    "python urllib 3.11": (None, "ttl"),
    "python requests 2.34": ("*/*", "ttl"),
    "python httpx 0.28": ("*/*", "ttl"),
    "node 20 fetch": ("*/*", "ttl"),
    "rapper 2.0.15": ("application/rdf+xml, text/rdf;q=0.6, */*;q=0.1", "rdf"),
    "rapper 2.0.15 -i turtle": (
        "text/turtle, application/x-turtle, application/turtle, text/n3;q=0.3, text/rdf+n3;q=0.3, "
        "application/rdf+n3;q=0.3, */*;q=0.1",
        "ttl",
    ),
    "rapper 2.0.15 -g": (
        "application/rdf+xml, text/rdf;q=0.6, application/n-triples, text/plain;q=0.1, text/turtle, "
        "application/x-turtle, application/turtle, text/n3;q=0.3, text/rdf+n3;q=0.3, application/rdf+n3;q=0.3, "
        "application/x-trig, application/rss;q=0.8, application/rss+xml;q=0.8, text/rss;q=0.8, application/xml;q=0.3, "
        "text/xml;q=0.3, application/atom+xml;q=0.3, text/html;q=0.2, application/xhtml+xml;q=0.4, text/html;q=0.6, "
        "application/xhtml+xml;q=0.8, application/json;q=0.1, text/json;q=0.1, text/x-nquads, */*;q=0.1",
        "ttl",
    ),
    "rdflib 7.6": (_RDFLIB_ANY, "ttl"),
    "rdflib 7.6 format=turtle": ("text/turtle, application/x-turtle, */*;q=0.1", "ttl"),
    "rdflib 7.6 format=n3": ("text/n3, */*;q=0.1", "ttl"),
    "rdflib 7.6 format=xml": ("application/rdf+xml, */*;q=0.1", "rdf"),
    "rdflib 7.6 format=json-ld": ("application/ld+json, application/json;q=0.9, */*;q=0.1", "jsonld"),
    "rdflib 7.6 format=nt": ("text/plain, */*;q=0.1", "nt"),
    "rdflib 7.6 format=trig": ("application/trig, */*;q=0.1", "trig"),
    "pyld 3.3, a document": (
        "application/ld+json, application/json;q=0.8, text/html;q=0.5, application/xhtml+xml;q=0.5",
        "jsonld",
    ),
    "pyld 3.3, a context": (
        "application/ld+json;profile=http://www.w3.org/ns/json-ld#context, application/ld+json, "
        "application/json;q=0.8, text/html;q=0.5, application/xhtml+xml;q=0.5",
        "jsonld",
    ),
    "pyld 3.3, its loader alone": ("application/ld+json, application/json", "jsonld"),
    "jsonld-context-parser 3": ("application/ld+json", "jsonld"),
    # Of what it knows more than one graph by, it is given nothing: it would look into the wrong one.
    "comunica 4.5, rdf-dereference 4": (COMUNICA, "jsonld"),
}

WRITTEN = {
    # -- browsers and what reads pages -------------------------------------------------------------------------
    "chrome 120": (
        f"{_CHROME},image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        "html",
    ),
    "edge 79": (f"{_CHROME},image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.9", "html"),
    "chrome 16": (
        "application/xml,application/xhtml+xml,text/html;q=0.9, text/plain;q=0.8,image/png,*/*;q=0.5",
        "html",
    ),
    "safari 17": (f"{_CHROME},*/*;q=0.8", "html"),
    "safari 5": (
        "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5",
        "html",
    ),
    "firefox 2": (
        "text/xml,application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5",
        "html",
    ),
    "firefox 7": (f"{_CHROME},*/*;q=0.8", "html"),
    "firefox 92": (f"{_CHROME},image/avif,image/webp,*/*;q=0.8", "html"),
    "firefox 128": (f"{_CHROME},image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8", "html"),
    "edge 18, internet explorer 11": ("text/html, application/xhtml+xml, image/jxr, */*", "html"),
    "opera 10": (
        "text/html, application/xml;q=0.9, application/xhtml+xml, image/png, image/jpeg, image/gif, "
        "image/x-xbitmap, */*;q=0.1",
        "html",
    ),
    # It names no HTML, so nothing tells it from a program that takes what comes.
    "internet explorer 9": (
        "image/jpeg, application/x-ms-application, image/gif, application/xaml+xml, image/pjpeg, "
        "application/x-ms-xbap, application/x-shockwave-flash, application/msword, */*",
        "ttl",
    ),
    "lynx": ("text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01", "html"),
    "w3m": ("text/html, text/*;q=0.5, image/*", "html"),
    "links": ("*/*;q=0.1,text/html", "html"),
    "googlebot": (
        "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8",
        "html",
    ),
    "java HttpURLConnection": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "html"),
    "signposting 0.9": ("text/html,application/xhtml+xml,application/xml;q=0.9", "html"),
    "f-uji, html": (
        "text/html, application/xhtml+xml, application/xml;q=0.5, text/xml;q=0.5, application/rdf+xml;q=0.5",
        "html",
    ),
    "jquery html": ("text/html, */*; q=0.01", "html"),
    # It looks for feeds, and RSS 1.0 is RDF/XML; which of its equals it wants it does not say.
    "miniflux 2": (
        "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
        "text/html, */*;q=0.9",
        "rdf",
    ),
    # -- RDF ---------------------------------------------------------------------------------------------------
    "jena 2.6": (
        "application/rdf+xml, application/xml; q=0.8, text/xml; q=0.7, application/rss+xml; q=0.3, */*; q=0.2",
        "rdf",
    ),
    "jena 2.7 riot": ("text/turtle,application/rdf+xml;q=0.9,application/xml;q=0.8,*/*;q=0.5", "ttl"),
    "jena 2.10": (
        "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.8,application/xml;q=0.7,*/*;q=0.5",
        "ttl",
    ),
    "jena 2.10, a dataset": (
        "application/trig,application/n-quads;q=0.9,text/x-nquads;q=0.8,application/x-trig;q=0.7,*/*;q=0.5",
        "trig",
    ),
    "jena 2.10, either": (
        "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.8,application/xml;q=0.7,application/trig,"
        "application/n-quads;q=0.9,text/x-nquads;q=0.8,application/x-trig;q=0.7,*/*;q=0.5",
        "ttl",
    ),
    "jena 5": (
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
        "ttl",
    ),
    "owlapi 5, protege 5": (
        "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09",
        "rdf",
    ),
    "mobi": (
        "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6,text/turtle; q=0.5, application/ld+json; q=0.4, "
        "application/trig; q=0.3, application/n-triples; q=0.2, application/n-quads; q=0.19, text/n3; q=0.18, "
        "text/plain; q=0.1, */*; q=0.09",
        "rdf",
    ),
    "easyrdf 1, skosmos": (
        "application/x-httpd-php-source,application/json,application/ld+json,application/n-triples,text/json;q=0.9,"
        "application/rdf+json;q=0.9,text/plain;q=0.9,text/ntriples;q=0.9,application/ntriples;q=0.9,"
        "application/x-ntriples;q=0.9,text/turtle;q=0.8,application/rdf+xml;q=0.8,application/turtle;q=0.7,"
        "application/x-turtle;q=0.7,text/xml;q=0.5,application/xml;q=0.5,text/html;q=0.4,application/xhtml+xml;q=0.4",
        "jsonld",
    ),
    "ruby rdf 3": (
        "text/turtle, text/rdf+turtle, application/turtle;q=0.2, application/x-turtle;q=0.2, application/ld+json, "
        "application/x-ld+json, application/n-triples, text/plain;q=0.2, application/rdf+xml, application/n-quads, "
        "text/x-nquads;q=0.2, */*;q=0.1",
        "ttl",
    ),
    "ruby linkeddata 2": (
        "application/n-triples, text/plain;q=0.2, application/ld+json, application/x-ld+json, application/rdf+xml, "
        "text/turtle, text/rdf+turtle, application/turtle;q=0.2, application/x-turtle;q=0.2, text/html;q=0.5, "
        "application/xhtml+xml;q=0.7, image/svg+xml;q=0.4, */*;q=0.1",
        "ttl",
    ),
    # As its RDFFormat.getAcceptParams makes them of the formats that it comes with.
    "rdf4j 2": (
        "application/trig, application/x-trig, application/n-quads;q=0.9, text/x-nquads;q=0.9, text/nquads;q=0.9, "
        "application/trix, application/ld+json, application/rdf+json, application/x-binary-rdf, text/turtle, "
        "application/x-turtle, text/n3, text/rdf+n3, application/n-triples;q=0.9, text/plain;q=0.9, "
        "application/rdf+xml;q=0.6, application/xml;q=0.6, text/xml;q=0.6",
        "ttl",
    ),
    "rdf4j 2, for several graphs": (
        "application/trig, application/x-trig, application/n-quads;q=0.9, text/x-nquads;q=0.9, text/nquads;q=0.9, "
        "application/trix, application/ld+json, application/rdf+json, application/x-binary-rdf, text/turtle;q=0.5, "
        "application/x-turtle;q=0.5, text/n3;q=0.5, text/rdf+n3;q=0.5, application/n-triples;q=0.4, text/plain;q=0.4, "
        "application/rdf+xml;q=0.1, application/xml;q=0.1, text/xml;q=0.1",
        "jsonld",
    ),
    "a client of bioportal, three headers in fact": ("application/rdf+xml,text/xml,*/*", "rdf"),
    "moriarty": ("text/turtle,application/rdf+xml,text/rdf+n3,*/*;q=0.8", "ttl"),
    "virtuoso crawler": (
        "application/rdf+xml, text/rdf+n3, application/rdf+turtle, application/x-turtle, application/turtle, "
        "application/xml, */*",
        "rdf",
    ),
    "sindice": ("application/rdf+xml, application/xml;q=0.6, text/xml;q=0.6", "rdf"),
    "tabulator": (
        "application/rdf+xml, application/xhtml+xml;q=0.3, text/xml;q=0.2, application/xml;q=0.2, text/html;q=0.3, "
        "text/plain;q=0.1, text/n3, text/rdf+n3;q=0.5, application/x-turtle;q=0.2, text/turtle;q=1",
        "ttl",
    ),
    "stanbol": (
        "text/turtle,text/rdf+n3;q=0.9,text/rdf+nt;q=0.9,application/rdf+xml;q=0.8,application/rdf+json;q=0.8",
        "ttl",
    ),
    "dbpedia linked data client": (
        "application/n-triples;q=1,text/turtle;q=0.9,application/n-quads;q=0.9,application/ld+json;q=0.8,"
        "application/rdf+xml;q=0.7,application/trig;q=0.7,*/*;q=0.5",
        "nt",
    ),
    "solid notifications": ("application/ld+json;q=0.9,text/turtle;q=0.8", "jsonld"),
    "rdflib 4": (
        "application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1",
        "rdf",
    ),
    "rapper as trifid saw it": (
        "application/rdf+xml, text/turtle, text/html, application/xhtml+xml",
        "ttl",
    ),
    "f-uji, rdf": (
        "text/turtle, application/turtle, application/x-turtle;q=0.8, application/rdf+xml, text/n3;q=0.9, "
        "text/rdf+n3;q=0.9,application/ld+json",
        "ttl",
    ),
    "f-uji, turtle": (
        "text/ttl, text/turtle, application/turtle, application/x-turtle;q=0.6, text/n3;q=0.3, text/rdf+n3;q=0.3, "
        "application/rdf+n3;q=0.3",
        "ttl",
    ),
    "f-uji, rdf/xml": ("application/rdf+xml, text/rdf;q=0.5, application/xml;q=0.1, text/xml;q=0.1", "rdf"),
    "f-uji, n-triples": ("text/n3, application/n-triples", "nt"),
    "f-uji, xml": ("application/xml, text/xml;q=0.5", "dc.xml"),
    # -- JSON --------------------------------------------------------------------------------------------------
    "f-uji, schema.org": ("application/vnd.schemaorg.ld+json, application/ld+json", "jsonld"),
    "f-uji, json": ("application/json, text/json;q=0.5", "jsonld"),
    "jsonld.js": ("application/ld+json, application/json", "jsonld"),
    "jsonld-java": (
        "application/ld+json, application/json;q=0.9, application/javascript;q=0.5, text/javascript;q=0.5, "
        "text/plain;q=0.2, */*;q=0.1",
        "jsonld",
    ),
    "fedora, compacted": ('application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
    "mastodon 2": ("application/activity+json, application/ld+json", "jsonld"),
    "mastodon 4": (
        'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", '
        "text/html;q=0.1",
        "jsonld",
    ),
    "jquery json": ("application/json, text/javascript, */*; q=0.01", "jsonld"),
    "axios 1": ("application/json, text/plain, */*", "jsonld"),
    "a search for schema.org": ('application/ld+json;profile="https://schema.org"', "schema.jsonld"),
    # -- citations ---------------------------------------------------------------------------------------------
    "doi.org, bibtex": ("application/x-bibtex", "bib"),
    "doi.org, bibtex with a style": ("application/x-bibtex; style=bibtex", "bib"),
    "doi.org, bibtex with a charset": ("application/x-bibtex; charset=utf-8", "bib"),
    "crossref's example": (
        "application/rdf+xml;q=0.5, application/vnd.citationstyles.csl+json;q=1.0",
        "csl.json",
    ),
    "csl or json": (
        "application/vnd.citationstyles.csl+json, application/citeproc+json;q=0.9, application/json;q=0.8",
        "csl.json",
    ),
    "csl, json or html": (
        "application/vnd.citationstyles.csl+json, application/json;q=0.9, text/html;q=0.8",
        "csl.json",
    ),
    "csl alone": ("application/vnd.citationstyles.csl+json;q=1.0", "csl.json"),
    "a formatted citation": ("text/x-bibliography; style=apa", None),
    "ris": ("application/x-research-info-systems", "ris"),
    "f-uji, datacite": ("application/vnd.datacite.datacite+json", None),
}

CLIENTS = MEASURED | WRITTEN

_LINKSET = "application/linkset+json"
# At other doors: {client: (path, Accept, media type that it must get)}; `{}` stands for a record's identifier.
DOORS = {
    "signposting 0.9, a linkset": (
        "/linkset/{}",
        "application/linkset+json,application/linkset;q=0.9,application/json;q=0.3,text/plain;q=0.2",
        _LINKSET,
    ),
    "f-uji, a linkset": (
        "/linkset/{}",
        "application/linkset+json, application/json, application/linkset",
        _LINKSET,
    ),
    "a linkset as text": ("/linkset/{}", "application/linkset", "application/linkset"),
    "curl, a linkset": ("/linkset/{}", "*/*", _LINKSET),
    "chrome, citations": ("/links/citations/{}", f"{_CHROME},*/*;q=0.8", "text/html"),
    "comunica, citations": ("/links/citations/{}", COMUNICA, "application/ld+json"),
    "jena 5, citations": ("/links/citations/{}", WRITTEN["jena 5"][0], "text/turtle"),
    "owlapi, the vocabulary": ("/vocab", WRITTEN["owlapi 5, protege 5"][0], "application/rdf+xml"),
    "comunica, the vocabulary": ("/vocab", COMUNICA, "application/ld+json"),
    "chrome, the vocabulary": ("/vocab", f"{_CHROME},*/*;q=0.8", "text/html"),
    "pyld, our context": ("/context/v1.jsonld", MEASURED["pyld 3.3, a context"][0], "application/ld+json"),
    "comunica, the dataset": ("/.well-known/void", COMUNICA, "application/ld+json"),
    "jena 5, the dataset": ("/.well-known/void", WRITTEN["jena 5"][0], "text/turtle"),
    "chrome, the dataset": ("/.well-known/void", f"{_CHROME},*/*;q=0.8", "text/html"),
    "comunica, the endpoint": ("/sparql", COMUNICA, "application/ld+json"),
    "a crawler, the sitemap": ("/sitemap.xml", f"{_CHROME},*/*;q=0.8", "application/xml"),
    "rdf-dereference, the event stream": ("/feeds/ldes", COMUNICA, "application/n-quads"),
    "jena 2.10, the event stream": ("/feeds/ldes/1", WRITTEN["jena 2.10, a dataset"][0], "application/trig"),
    "curl, the event stream": ("/feeds/ldes", "*/*", "application/trig"),
    "miniflux 2, the feed": ("/feeds/atom", WRITTEN["miniflux 2"][0], "application/atom+xml"),
    "a reader of feeds": (
        "/feeds/atom",
        "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
        "application/atom+xml",
    ),
    "a memento client, a time map": ("/timemap/{}", "application/link-format", "application/link-format"),
    "curl, a time map": ("/timemap/{}", "*/*", "application/link-format"),
}
