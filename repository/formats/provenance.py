"""Where one version of a record came from, in the words of PROV-O: its file or its harvest, who had it kept, which
reader read it, and the version before.

What an upstream told enters as a literal, or as an IRI where it is one. Of a file only its name is told.
"""

import re

from repository.model.datestamps import format_seconds, is_day, parse_since
from repository.model.errors import DateError
from repository.model.ntriples import literal
from repository.model.records import Origin, Record
from repository.model.site import Site
from repository.model.terms import DC, DCTERMS, PROV, RDF, RDFS, XSD
from repository.model.uris import is_absolute

# How the source of what a token brought begins.
TOKEN_SOURCE = "token:"  # noqa: S105 - no secret

_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)


def about_version(record: Record, site: Site) -> bytes:
    """The statements about `/version/<seq>/X`, as N-Triples under the site's base."""
    version = site.version(record.seq, record.identifier)
    lines = [
        f"<{version}> <{RDF}type> <{PROV}Entity> .",
        f"<{version}> <{PROV}specializationOf> <{site.record(record.identifier)}> .",
        f"<{version}> <{PROV}generatedAtTime> {moment(record.datestamp)} .",
    ]
    if record.former:
        lines.append(
            f"<{version}> <{PROV}wasRevisionOf> <{site.version(record.former, record.identifier)}> ."
        )
    lines += _steps(version, record.origin) if record.origin else _file(version, record)
    lines += _who(version, record)
    return "".join(line + "\n" for line in lines).encode()


def moment(seconds: int) -> str:
    """A second as a literal."""
    return literal(format_seconds(seconds), datatype=XSD + "dateTime")


def _file(version: str, record: Record) -> list[str]:
    name = source_of(record)
    if "://" in name:
        return [f"<{version}> <{PROV}wasDerivedFrom> <{name}> ."]
    if not name:
        return []
    made, source = f"{version}#ingest", f"{version}#source"
    return [
        *_taken(version, made, source, "ingest", record.datestamp),
        f"<{version}> <{PROV}wasDerivedFrom> <{source}> .",
        f"<{source}> <{DC}identifier> {literal(name)} .",
    ]


def source_of(record: Record) -> str:
    """The place that a record was read from, as it may be told: an address on the web, or the name of a file.

    Folders are the maintainer's affair, and older logs may hold whole paths. What came over HTTP has no such place.
    """
    if record.source.startswith(TOKEN_SOURCE):
        return ""
    if "://" in record.source:
        address = re.split("[?#]", record.source)[0]
        return address if _is_web(address) else ""
    return _FOLDERS.sub("", record.source)


def _who(version: str, record: Record) -> list[str]:
    """Who had it kept, and which reader read it; older entries tell neither."""
    if not (record.agent or record.reader):
        return []
    lines: list[str] = []
    if record.origin:
        act = f"{version}#harvest-1"
    elif (source := source_of(record)) and "://" not in source:
        act = f"{version}#ingest"
    else:
        act = f"{version}#writing"
        lines += [
            f"<{version}> <{PROV}wasGeneratedBy> <{act}> .",
            f"<{act}> <{RDF}type> <{PROV}Activity> .",
            f"<{act}> <{PROV}endedAtTime> {moment(record.datestamp)} .",
        ]
    for part, kind, name in (("agent", "Agent", record.agent), ("reader", "SoftwareAgent", record.reader)):
        if name:
            node = f"{version}#{part}"
            lines += [
                f"<{act}> <{PROV}wasAssociatedWith> <{node}> .",
                f"<{node}> <{RDF}type> <{PROV}{kind}> .",
                f"<{node}> <{RDFS}label> {literal(name)} .",
            ]
    if record.agent:
        lines.append(f"<{version}> <{PROV}wasAttributedTo> <{version}#agent> .")
    return lines


def _steps(version: str, origin: tuple[Origin, ...]) -> list[str]:
    """The whole way of a harvested record: each holder had it from the next."""
    lines: list[str] = []
    holder = version
    for number, step in enumerate(origin, 1):
        source = f"{version}#source-{number}"
        lines += _taken(holder, f"{version}#harvest-{number}", source, "harvest", step.harvested)
        # A quotation is the same again; what was altered on the way is merely derived.
        how = "wasDerivedFrom" if step.altered else "wasQuotedFrom"
        lines.append(f"<{holder}> <{PROV}{how}> <{source}> .")
        lines += _source(source, step)
        holder = source
    return lines


def _taken(holder: str, act: str, source: str, label: str, seconds: int) -> list[str]:
    lines = [
        f"<{holder}> <{PROV}wasGeneratedBy> <{act}> .",
        f"<{act}> <{RDF}type> <{PROV}Activity> .",
        f"<{act}> <{RDFS}label> {literal(label, 'en')} .",
        f"<{act}> <{PROV}used> <{source}> .",
        f"<{source}> <{RDF}type> <{PROV}Entity> .",
    ]
    # An upstream that told no date, or none that is one, is kept as 0.
    return [*lines, f"<{act}> <{PROV}endedAtTime> {moment(seconds)} ."] if seconds else lines


def _source(source: str, step: Origin) -> list[str]:
    # Not dcterms:identifier: by that, readers (ours too) know the things that a graph describes.
    lines = [f"<{source}> <{DC}identifier> {literal(step.identifier)} ."] if step.identifier else []
    if stamp := _datestamp(step.datestamp):
        lines.append(f"<{source}> <{DCTERMS}modified> {stamp} .")
    if _is_web(step.base_url):
        lines.append(f"<{source}> <{PROV}atLocation> <{step.base_url}> .")
    if is_absolute(step.namespace):
        lines.append(f"<{source}> <{DCTERMS}conformsTo> <{step.namespace}> .")
    rights = (f"<{each}>" if is_absolute(each) else literal(each) for each in step.rights)
    return [*lines, *(f"<{source}> <{DCTERMS}rights> {each} ." for each in rights)]


def _datestamp(text: str) -> str:
    try:
        parse_since(text)
    except DateError:
        return ""
    return literal(text, datatype=XSD + ("date" if is_day(text) else "dateTime"))


def _is_web(address: str) -> bool:
    """Whether this is the address of something on the web: no user or password in it, no file of a machine."""
    return address.lower().startswith(("http://", "https://")) and is_absolute(address)
