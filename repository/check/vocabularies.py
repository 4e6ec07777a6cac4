"""What may stand where: the OAI-PMH 2.0 envelope and the small vocabularies of its guidelines, as tables of our own.

Written from the protocol's text (sections 3.2 to 4.6) and its guidelines; no schema file is copied here.
"""

import re
from collections.abc import Mapping

from repository.check.answer import OAI, VERBS
from repository.check.dates import granularity_of
from repository.check.structure import Shape, Test, Vocabulary

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
BRANDING = "http://www.openarchives.org/OAI/2.0/branding/"
FRIENDS = "http://www.openarchives.org/OAI/2.0/friends/"
PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"
EPRINTS = "http://www.openarchives.org/OAI/1.1/eprints"
TOOLKIT = "http://oai.dlib.vt.edu/OAI/metadata/toolkit"

CODES = (
    "cannotDisseminateFormat", "idDoesNotExist", "badArgument", "badVerb", "noMetadataFormats", "noRecordsMatch",
    "badResumptionToken", "noSetHierarchy",
)  # fmt: skip
DC_NAMES = (
    "title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format",
    "identifier", "source", "language", "relation", "coverage", "rights",
)  # fmt: skip

_DOMAIN = r"[a-zA-Z][a-zA-Z0-9\-]*(?:\.[a-zA-Z][a-zA-Z0-9\-]*)+"
_UNRESERVED = r"[A-Za-z0-9\-_.!~*'()]+"


def matches(pattern: str) -> Test:
    shape = re.compile(pattern, re.ASCII)
    return lambda value: shape.fullmatch(value) is not None


def one_of(*values: str) -> Test:
    return lambda value: value in values


def _anything(_: str) -> bool:
    return True


is_prefix = matches(_UNRESERVED)
is_set = matches(rf"{_UNRESERVED}(?::{_UNRESERVED})*")
is_email = matches(r"\S+@(?:\S+\.)+\S+")
is_domain = matches(_DOMAIN)
_is_iri = re.compile(r"""\s*[^\s<>"{}|\\^`]*\s*""").fullmatch


def _uri(value: str) -> bool:
    # xs:anyURI takes letters of all alphabets (they are escaped when it is used), so only ASCII is judged.
    return _is_iri(value) is not None


def _date(value: str) -> bool:
    return granularity_of(value) != ""


_TEXT = Shape(None, _anything)
_URI = Shape(None, _uri)
_DATE = Shape(None, _date)
_FOREIGN = Shape(foreign=True)
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

ENVELOPE = Vocabulary(
    OAI,
    ("OAI-PMH",),
    {
        "OAI-PMH": Shape(rf"responseDate request (?:(?:error )+|{'|'.join(f'{verb} ' for verb in VERBS)})"),
        "responseDate": _DATE,
        "request": Shape(
            None,
            _uri,
            optional={
                "verb": one_of(*VERBS),
                # These repeat what was asked, well-made or not; whether they do is B2's.
                **dict.fromkeys(
                    ("identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"), _anything
                ),
            },
        ),
        "error": Shape(None, _anything, required={"code": one_of(*CODES)}),
        "Identify": Shape(
            "repositoryName baseURL protocolVersion (?:adminEmail )+earliestDatestamp deletedRecord granularity "
            "(?:compression )*(?:description )*"
        ),
        "repositoryName": _TEXT,
        "baseURL": _URI,
        "protocolVersion": Shape(None, one_of("2.0")),
        "adminEmail": Shape(None, is_email),
        "earliestDatestamp": _DATE,
        "deletedRecord": Shape(None, one_of("no", "persistent", "transient")),
        "granularity": Shape(None, one_of("YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ")),
        "compression": _TEXT,
        "description": _FOREIGN,
        "ListMetadataFormats": Shape("(?:metadataFormat )+"),
        "metadataFormat": Shape("metadataPrefix schema metadataNamespace "),
        "metadataPrefix": Shape(None, is_prefix),
        "schema": _URI,
        "metadataNamespace": _URI,
        "ListSets": Shape("(?:set )+(?:resumptionToken )?"),
        "set": Shape("setSpec setName (?:setDescription )*"),
        "setSpec": Shape(None, is_set),
        "setName": _TEXT,
        "setDescription": _FOREIGN,
        "GetRecord": Shape("record "),
        "ListRecords": Shape("(?:record )+(?:resumptionToken )?"),
        "ListIdentifiers": Shape("(?:header )+(?:resumptionToken )?"),
        "record": Shape("header (?:metadata )?(?:about )*"),
        "header": Shape("identifier datestamp (?:setSpec )*", optional={"status": one_of("deleted")}),
        "identifier": _URI,
        "datestamp": _DATE,
        "metadata": _FOREIGN,
        "about": _FOREIGN,
        "resumptionToken": Shape(
            None,
            _anything,
            optional={
                "expirationDate": matches(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"),
                "completeListSize": matches(r"\+?0*[1-9]\d*"),
                "cursor": matches(r"\+?\d+|-0+"),
            },
        ),
    },
)

_POLICY = Shape("(?:URL )?(?:text )?")

_KNOWN = (
    Vocabulary(OAI_DC, ("dc",), {"dc": Shape(f"(?:\\{{{DC}\\}}(?:{'|'.join(DC_NAMES)}) )*")}),
    Vocabulary(DC, DC_NAMES, {name: Shape(None, _anything, optional={_LANG: _anything}) for name in DC_NAMES}),
    Vocabulary(
        IDENTIFIER,
        ("oai-identifier",),
        {
            "oai-identifier": Shape("scheme repositoryIdentifier delimiter sampleIdentifier "),
            "scheme": Shape(None, one_of("oai")),
            "repositoryIdentifier": Shape(None, is_domain),
            "delimiter": Shape(None, one_of(":")),
            "sampleIdentifier": Shape(
                None, matches(rf"oai:{_DOMAIN}:[a-zA-Z0-9\-_.!~*'();/?:@&=+$,%]+")
            ),
        },
    ),
    Vocabulary(
        BRANDING,
        ("branding",),
        {
            "branding": Shape("(?:collectionIcon )?(?:metadataRendering )*"),
            "collectionIcon": Shape("url (?:link )?(?:title )?(?:width )?(?:height )?"),
            "url": _URI,
            "link": _URI,
            "title": _TEXT,
            "width": Shape(None, matches(r"\s*[+-]?\d+\s*")),
            "height": Shape(None, matches(r"\s*[+-]?\d+\s*")),
            "metadataRendering": Shape(
                None, _uri, required={"metadataNamespace": _uri, "mimeType": matches("[a-z]+/[a-z]+")}
            ),
        },
    ),
    Vocabulary(FRIENDS, ("friends",), {"friends": Shape("(?:baseURL )*"), "baseURL": _URI}),
    Vocabulary(
        PROVENANCE,
        ("provenance",),
        {
            "provenance": Shape("(?:originDescription )+"),
            "originDescription": Shape(
                "baseURL identifier datestamp metadataNamespace (?:originDescription )?",
                required={"harvestDate": _date, "altered": one_of("true", "false", "1", "0")},
            ),
            "baseURL": _URI,
            "identifier": _URI,
            "datestamp": _DATE,
            "metadataNamespace": _URI,
        },
    ),
    Vocabulary(
        RIGHTS,
        ("rights", "rightsManifest"),
        {
            "rights": Shape("rightsReference |rightsDefinition "),
            "rightsReference": Shape("", required={"ref": _uri}),
            "rightsDefinition": _FOREIGN,
            "rightsManifest": Shape("(?:rights )+", required={"appliesTo": _uri}),
        },
    ),
    Vocabulary(
        EPRINTS,
        ("eprints",),
        {
            "eprints": Shape(
                "(?:content )?metadataPolicy dataPolicy (?:submissionPolicy )?(?:comment )*"
            ),
            "content": _POLICY,
            "metadataPolicy": _POLICY,
            "dataPolicy": _POLICY,
            "submissionPolicy": _POLICY,
            "comment": _TEXT,
            "URL": _URI,
            "text": _TEXT,
        },
    ),
    Vocabulary(
        TOOLKIT,
        ("toolkit",),
        {
            "toolkit": Shape("(?:title )?(?:author )?(?:version )?(?:toolkitIcon )?(?:URL )?"),
            "title": _TEXT,
            "author": Shape("(?:name )?(?:email )?(?:institution )?"),
            "version": _TEXT,
            "toolkitIcon": _URI,
            "URL": _URI,
            "name": _TEXT,
            "email": _TEXT,
            "institution": _TEXT,
        },
    ),
)  # fmt: skip

VOCABULARIES: Mapping[str, Vocabulary] = {known.namespace: known for known in (ENVELOPE, *_KNOWN)}
