"""Files with `oai_dc:dc` elements: one alone, or pages of ListRecords and GetRecord, as Works.

`readers/oai_dc.py` reads the element. A record of a page is known as harvest would know it: by the RePEc handle in
its OAI identifier, else by the whole of it; an element alone by its own address here, a handle, or its DOI.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from repository.model.errors import DoctypeError, IdentifierError, SourceError
from repository.model.identifiers import normalise, spelled
from repository.readers import page_records
from repository.readers import redif_values as values
from repository.readers.addresses import exact
from repository.readers.left_out import names_local_file
from repository.readers.oai_dc import work_of
from repository.readers.oai_dc_elements import ROOT, identifiers_of
from repository.readers.reader import Finding, Item, Reader, Source
from repository.readers.reference import Making
from repository.readers.reference_files import about_file

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_DEEPEST = 60


def read(source: Source) -> Iterator[Item | Finding]:
    try:
        root = page_records.parsed(source.data)
    except page_records.DoctypeError:
        raise DoctypeError("it has a DOCTYPE, which no oai_dc has: it is a web page or an attack") from None
    except SyntaxError as error:
        raise SourceError(f"it is not well-formed XML: {page_records.why(error)[:200]}") from None
    empty = True
    for element in root.iter(_OAI + "record", ROOT):
        if element.tag == ROOT and _record_of(element) is not None:
            continue
        empty = False
        yield from _found(element, source)
    if empty:
        yield about_file("empty-file", 1, "the file has no oai_dc element")


OAI_DC = Reader("oai_dc", (), read)


def _record_of(element: Any) -> Any:
    for n, above in enumerate(element.iterancestors()):
        if above.tag == _OAI + "record":
            return above
        if n > _DEEPEST:
            break
    return None


def _found(element: Any, source: Source) -> Iterator[Item | Finding]:
    header = element.find(_OAI + "header") if element.tag != ROOT else None
    name = (header.findtext(_OAI + "identifier") or "").strip() if header is not None else ""
    if header is not None and header.get("status") == "deleted":
        text = f"{name[:200]} is deleted there; use sheaf harvest to follow deletions"
        yield about_file("deleted-record", element.sourceline or 0, text)
        return
    dc = element if element.tag == ROOT else next(element.iter(ROOT), None)
    yield _item(dc, name, Making(source, "DC", element.sourceline or 0))


def _item(dc: Any, name: str, made: Making) -> Item:
    if dc is None:
        made.note("damaged-entry", f"the record {name[:200]} has no oai_dc element")
        return Item("", made.line, None, made.findings(""))
    identifier = _identifier(dc, name, made)
    try:
        work = work_of(dc, identifier, made.source.site.base, made.plain)
    except SourceError as error:
        made.note("missing-title", str(error))
        return Item(identifier, made.line, None, made.findings(identifier))
    if not identifier:
        return Item("", made.line, None, made.findings(""))
    for line in work.source_fields:
        name, _, value = line.removeprefix("X-").partition(": ")
        if names_local_file(value):
            made.leave_local(name)
        else:
            made.note_left(name, line)
    for role, people in (("creator", work.creators), ("contributor", work.editors)):
        for one in people:
            made.is_many(role, f"{one.family}, {one.given}" if one.family else one.name)
    public = (line for line in work.source_fields if not names_local_file(line.partition(": ")[2]))
    return made.finished(replace(work, source_fields=tuple(public)))


def _identifier(dc: Any, name: str, made: Making) -> str:
    if name:
        rest = name[4:] if name[:4].lower() == "oai:" else name
        handle = values.handle(rest) or values.handle(rest.partition(":")[2])
        try:
            return handle or normalise(spelled(name))
        except IdentifierError as error:
            made.note("invalid-identifier", str(error))
            return ""
    for value in identifiers_of(dc):
        address, doi = exact(value), values.doi(value)
        if doi:
            made.add("dois", [doi])
        elif address:
            made.addresses.append(address)
        else:
            made.key = made.key or value
    # Any of them may be the handle.
    for value in identifiers_of(dc):
        handle = values.handle(value)
        if handle:
            made.key = handle
    return made.identifier()
