"""IRIs of the vocabularies that the profile uses, and the prefixes under which we write them.

rdflib ships neither BIBO nor CiTO nor PRISM; plain strings serve every writer.
"""

DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
DCMITYPE = "http://purl.org/dc/dcmitype/"
BIBO = "http://purl.org/ontology/bibo/"
CITO = "http://purl.org/spar/cito/"
FOAF = "http://xmlns.com/foaf/0.1/"
ORG = "http://www.w3.org/ns/org#"
OWL = "http://www.w3.org/2002/07/owl#"
PRISM = "http://prismstandard.org/namespaces/basic/2.0/"
PROV = "http://www.w3.org/ns/prov#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
VOID = "http://rdfs.org/ns/void#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCAT = "http://www.w3.org/ns/dcat#"

LANGUAGE = "http://id.loc.gov/vocabulary/iso639-1/"
DOI = "https://doi.org/"

# Bodies are kept against this base and given the configured one at each exit (architecture: "three rules").
INTERNAL = "https://sheaf.invalid/"
# Our own few terms; they answer under every site's own base, so they are internal too.
SHEAF = INTERNAL + "vocab#"

PREFIXES = {
    "bibo": BIBO,
    "cito": CITO,
    "dc": DC,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "dcmitype": DCMITYPE,
    "foaf": FOAF,
    "org": ORG,
    "owl": OWL,
    "prism": PRISM,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "void": VOID,
    "xsd": XSD,
}
