"""The OpenAIRE Guidelines for Literature Repositories 4.0: DataCite, Dublin Core, and elements of OpenAIRE's own.

COAR's words for access and version stand only where the record says so; funding is not known to records.
"""

import re

from repository.formats import datacite_parts as parts
from repository.formats.cataloguing import publishers
from repository.formats.citation import page_ends
from repository.formats.datacite_parts import Kernel
from repository.formats.elements import XSI, element, group, is_language, is_media_type, labelled, lang
from repository.formats.format import Format, works_only
from repository.formats.graph import work_of
from repository.formats.rights import access_to, access_to_work, licence, statements
from repository.model.records import Record
from repository.model.site import Site
from repository.model.terms import DC
from repository.model.work import File, Work

NAMESPACE = "http://namespace.openaire.eu/schema/oaire/"
SCHEMA = "https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd"

_ROOT = (
    f' xmlns:oaire="{NAMESPACE}" xmlns:datacite="{parts.NAMESPACE}" xmlns:dc="{DC}" xmlns:xsi="{XSI}"'
    f' xsi:schemaLocation="{NAMESPACE} {SCHEMA}"'
)
_KERNEL = Kernel(
    prefix="datacite:",
    relations={
        "within": "IsPartOf",
        "part_of": "IsPartOf",
        "version_of": "IsVersionOf",
        "has_versions": "HasVersion",
        "has_parts": "HasPart",
        # Kernel 4.1 has no word for what a newer edition makes obsolete.
        "replaces": "IsNewVersionOf",
        "replaced_by": "IsPreviousVersionOf",
        "cites": "Cites",
        "same_as": "IsIdenticalTo",
    },
    coded=False,
)
# Labels of COAR's resource types where they are not ours.
_COAR_LABELS = {
    "article": "journal article",
    "chapter": "book part",
    "software": "software",
    "document": "text",
}

_VERSIONS = {
    label.lower(): (code, "http://purl.org/coar/version/" + uri)
    for code, name, uri in (
        ("AO", "Author's Original", "c_b1a7d7d4d402bcce"),
        ("SMUR", "Submitted Manuscript Under Review", "c_71e4c1898caa6e32"),
        ("AM", "Accepted Manuscript", "c_ab4af688f83e57aa"),
        ("P", "Proof", "c_fa2ee174bc00049f"),
        ("VoR", "Version of Record", "c_970fb48d4fbd8a85"),
        ("CVoR", "Corrected Version of Record", "c_e19f295774971610"),
        ("EVoR", "Enhanced Version of Record", "c_dc82b40f9837b551"),
    )
    for label in (code, name)
}


def write(record: Record, site: Site) -> bytes:
    return openaire(work_of(record, site), site)


def openaire(work: Work, site: Site) -> bytes:
    """The `oaire:resource` element of a work, its elements in the order of the guidelines."""
    kind, name = parts.identifier(work, site)
    first, last = page_ends(work)
    children = (
        parts.titles(work, _KERNEL),
        parts.creators(work, _KERNEL),
        parts.contributors(work, _KERNEL),
        parts.alternates(work, site, _KERNEL, (*work.landing_pages, *work.homepages)),
        parts.related(work, site, _KERNEL),
        *(element("dc:language", language) for language in work.languages if is_language(language)),
        *(element("dc:publisher", publisher) for publisher in publishers(work)),
        # "If no date of publication is available, use any other date available."
        parts.dates(work, work.date, _KERNEL),
        _resource_type(work),
        *(
            element("dc:description", text.value, lang(text.language))
            for text in (*work.abstracts, *work.descriptions, *work.notes)
        ),
        *dict.fromkeys(element("dc:format", file.format) for file in work.files),
        element("datacite:identifier", name, labelled("identifierType", kind)),
        _access(work),
        parts.subjects(work, site, _KERNEL),
        _licence(work),
        parts.sizes(work, _KERNEL),
        *(_file(file, work) for file in work.files),
        element("oaire:citationTitle", work.host),
        element("oaire:citationVolume", work.volume),
        element("oaire:citationIssue", work.issue or work.number),
        element("oaire:citationStartPage", first),
        element("oaire:citationEndPage", last),
        element("oaire:citationEdition", work.edition),
        _version(work),
    )
    return group("oaire:resource", children, _ROOT).rstrip("\n").encode()


def _resource_type(work: Work) -> str:
    general = "software" if work.type == "software" else "literature"
    label = _COAR_LABELS.get(work.type, work.row.label)
    return element("oaire:resourceType", label, f' resourceTypeGeneral="{general}" uri="{work.row.coar}"')


def _access(work: Work) -> str:
    known = access_to_work(work)
    return element("datacite:rights", known.label, labelled("rightsURI", known.uri)) if known else ""


def _licence(work: Work) -> str:
    """What may be done with the work; who may read it is said by `_access`, where that is known."""
    lines = []
    for statement in statements(work):
        known = licence(statement.value)
        lines.append(
            element("oaire:licenseCondition", statement.value, labelled("uri", known.uri if known else ""))
        )
    return "".join(dict.fromkeys(lines))


def _file(file: File, work: Work) -> str:
    known = access_to(file)
    attributes = labelled("accessRightsURI", known.uri if known else "")
    if is_media_type(file.format):
        attributes += labelled("mimeType", file.format)
    return element("oaire:file", file.url, attributes + labelled("objectType", _object_type(file, work)))


def _object_type(file: File, work: Work) -> str:
    """What the file holds, where its function or format tells; empty else."""
    if work.type == "software":
        return "software"
    for pattern, kind in _OBJECTS:
        if pattern.search(file.function):
            return kind
    return "fulltext" if not file.function and file.format in _PAPERS else ""


_OBJECTS = (
    (re.compile(r"\b(?:data|dataset)s?\b", re.IGNORECASE), "dataset"),
    (re.compile(r"\b(?:source|program|replication) code\b", re.IGNORECASE), "software"),
    (re.compile(r"\bfull[ -]?text\b|\b(?:version|manuscript)\b", re.IGNORECASE), "fulltext"),
)
_PAPERS = ("application/pdf", "application/postscript")


def _version(work: Work) -> str:
    """Of software its own number; of papers the stage of publication, where the record says one of JAV's."""
    if work.type == "software":
        return element("oaire:version", work.edition)
    label, uri = _VERSIONS.get(work.status.strip().lower(), ("", ""))
    return element("oaire:version", label, labelled("uri", uri))


OAI_OPENAIRE = Format(
    name="oai_openaire",
    label="OpenAIRE 4.0",
    media_type="application/xml",
    extension="openaire.xml",
    version=5,
    applies=works_only,
    write=write,
    namespace=NAMESPACE,
    schema=SCHEMA,
    listed_as="oai_dc",
)
