"""Rows D1 to D7: formats and what records hold in them (OAI-PMH 3.4, 4.4)."""

from lxml import etree

from repository.check.answer import Record, elements, local, locations, namespace
from repository.check.probe import Format, Probe, Sight, formats_of, names_of
from repository.check.row import Row
from repository.check.rows.asking import (
    BAD_ARGUMENT,
    NO_FORMAT,
    NO_SUCH,
    STRANGER,
    UNKNOWN,
    refused,
    some_of_each,
    spread,
)
from repository.check.rows.records import get, lacking
from repository.check.sheet import Sheet
from repository.check.structure import faults
from repository.check.vocabularies import DC, OAI_DC, VOCABULARIES, is_prefix

_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_MOST_FORMATS = 20
_UNTOLD = 4
_OWN_DC = {OAI_DC: VOCABULARIES[OAI_DC], DC: VOCABULARIES[DC]}


def d1(sheet: Sheet, probe: Probe) -> None:
    found = next((form for form in probe.formats if form.prefix == "oai_dc"), None)
    if found is None:
        offered = ", ".join(form.prefix for form in probe.formats) or "none"
        sheet.wrong(f"oai_dc is not among the formats: {offered}")
        return
    sheet.judge(found.schema == _DC_SCHEMA, f"schema of oai_dc is {found.schema!r}, not {_DC_SCHEMA}")
    sheet.judge(found.namespace == OAI_DC, f"namespace of oai_dc is {found.namespace!r}, not {OAI_DC}")


def d2(sheet: Sheet, probe: Probe) -> None:
    prefixes = [form.prefix for form in probe.formats]
    for prefix in prefixes:
        sheet.judge(is_prefix(prefix), f"metadataPrefix {prefix!r} has a character that it may not have")
    for prefix in {p for p in prefixes if prefixes.count(p) > 1}:
        sheet.wrong(f"metadataPrefix {prefix!r} is listed {prefixes.count(prefix)} times")
    request = (("verb", "ListIdentifiers"), ("metadataPrefix", "oai dc/<x>"))
    refused(sheet, probe, request, BAD_ARGUMENT, NO_FORMAT)


def item_formats(probe: Probe, identifier: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """(prefixes, error codes, what came) of ListMetadataFormats for one item."""
    answer = probe.ask(("verb", "ListMetadataFormats"), ("identifier", identifier))
    return tuple(form.prefix for form in formats_of(answer)), answer.codes, answer.told()


def d3(sheet: Sheet, probe: Probe) -> None:
    offered = {form.prefix for form in probe.formats}
    for name in (NO_SUCH, STRANGER):
        refused(sheet, probe, (("verb", "ListMetadataFormats"), ("identifier", name)), UNKNOWN)
    for header in [h for h in probe.live if h.identifier in samples(probe)]:
        prefixes, codes, told = item_formats(probe, header.identifier)
        if not prefixes:
            why = "though it has records" if "noMetadataFormats" in codes else "where its formats are due"
            sheet.wrong(f"{told} {why}", f"identifier={header.identifier}")
            continue
        sheet.judge(
            probe.prefix in prefixes,
            f"{header.identifier} is listed under {probe.prefix}, but has {', '.join(prefixes)} alone",
        )
        sheet.judge(
            len(set(prefixes)) == len(prefixes),
            f"{header.identifier} has a format twice: {', '.join(prefixes)}",
        )
        for prefix in prefixes:
            sheet.judge(
                prefix in offered, f"{header.identifier} has {prefix}, which is not listed without identifier"
            )
            answer = probe.ask(
                ("verb", "GetRecord"), ("identifier", header.identifier), ("metadataPrefix", prefix)
            )
            sheet.judge(
                answer.verb == "GetRecord",
                f"{answer.told()}, though the item is said to have {prefix}",
                answer.exchange.told(),
            )
        for form in [form for form in probe.formats if form.prefix not in prefixes][:_UNTOLD]:
            answer = get(probe, header.identifier, form.prefix)
            sheet.judge(
                answer.verb != "GetRecord" or all(alone.deleted for alone in answer.headers),
                f"{header.identifier} is not said to have {form.prefix}, but GetRecord gives it",
                answer.exchange.told(),
            )
    for identifier, prefix in lacking(probe)[:4]:
        prefixes, _, _ = item_formats(probe, identifier)
        sheet.judge(
            prefix not in prefixes or get(probe, identifier, prefix).verb == "GetRecord",
            f"{identifier} is said to have {prefix}, in which neither GetRecord nor a list gives it",
        )
    for header in probe.deleted[:1]:
        answer = probe.ask(("verb", "ListMetadataFormats"), ("identifier", header.identifier))
        sheet.judge(
            answer.verb == "ListMetadataFormats"
            or bool({"noMetadataFormats"} & set(answer.codes))
            or _forgotten(probe),
            f"{answer.told()} for a deleted item, which noMetadataFormats is for",
            answer.exchange.told(),
        )


def _forgotten(probe: Probe) -> bool:
    """Only who keeps deletions for ever must know a deleted item for ever."""
    return probe.says("deletedRecord") != "persistent"


def samples(probe: Probe) -> list[str]:
    return spread((header.identifier for header in probe.live), 3)


def d4(sheet: Sheet, probe: Probe) -> None:
    probe.tasted = True
    for form in probe.formats[:_MOST_FORMATS]:
        request = (("verb", "ListRecords"), ("metadataPrefix", form.prefix), *probe.scope[1:])
        answer = probe.ask(*request)
        if "noRecordsMatch" in answer.codes:
            sheet.note(f"{form.prefix}: no records")
            sheet.ok()
            continue
        if not sheet.judge(
            answer.verb == "ListRecords" and bool(answer.records),
            f"{form.prefix} is listed, but gives {answer.told()}",
            answer.exchange.told(),
        ):
            continue
        live = next((header for header in answer.headers if not header.deleted), None)
        if live is not None:
            one = probe.ask(
                ("verb", "GetRecord"), ("identifier", live.identifier), ("metadataPrefix", form.prefix)
            )
            sheet.judge(
                one.verb == "GetRecord", f"{one.told()} for a record of {form.prefix}", one.exchange.told()
            )
    if len(probe.formats) > _MOST_FORMATS:
        sheet.note(f"the first {_MOST_FORMATS} of {len(probe.formats)} formats")


def other_list(probe: Probe) -> None:
    """A format that is lost when a list is resumed shows in any but the usual one."""
    for form in [form for form in probe.formats if form.prefix != probe.prefix][:1]:
        probe.walk("ListRecords", ("metadataPrefix", form.prefix), *probe.scope[1:])


def _declared(sight: Sight) -> Format | None:
    """The format that the records of this answer are in; none before the formats are known."""
    probe = sight.probe
    if not sight.prefix or "formats" not in probe.__dict__:
        return None
    return next((form for form in probe.formats if form.prefix == sight.prefix), None)


def _roots(record: Record) -> tuple[etree._Element, ...]:
    return record.metadata or ()


def d5_ask(sheet: Sheet, probe: Probe) -> None:
    one_of_each_format(sheet, probe)
    other_list(probe)


def one_of_each_format(sheet: Sheet, probe: Probe) -> None:
    """A record in each format, for the rows that judge what comes; once in a run."""
    some_of_each(sheet, probe)
    if not probe.tasted:
        probe.tasted = True
        for form in probe.formats[:_MOST_FORMATS] if probe.live else ():
            get(probe, probe.live[0].identifier, form.prefix)


def d5(sheet: Sheet, sight: Sight) -> None:
    form = _declared(sight)
    for record in sight.answer.records if form else ():
        for root in _roots(record):
            sheet.judge(
                namespace(root) == form.namespace,  # type: ignore[union-attr]
                f"{record.header.identifier}: metadata in {namespace(root) or 'no namespace'!r}, declared for "
                f"{sight.prefix} is {form.namespace!r}",  # type: ignore[union-attr]
                sight.where,
            )


def d6(sheet: Sheet, sight: Sight) -> None:
    form = _declared(sight)
    if form is None:
        return
    for record in sight.answer.records:
        for root in _roots(record):
            pairs = locations(root)
            if form.namespace in pairs:
                sheet.judge(
                    pairs[form.namespace] == form.schema,
                    f"{record.header.identifier}: schema {pairs[form.namespace]!r}, declared for {form.prefix} is "
                    f"{form.schema!r}",
                    sight.where,
                )
            else:
                sheet.wrong(
                    f"{record.header.identifier}: xsi:schemaLocation of <{local(root)}> pairs {pairs or 'nothing'}, "
                    f"not {form.namespace}",
                    sight.where,
                )


def d7(sheet: Sheet, sight: Sight) -> None:
    for record in sight.answer.records:
        for root in _roots(record):
            if sight.prefix != "oai_dc" and namespace(root) != OAI_DC:
                continue
            _dc(sheet, record.header.identifier, root, sight.where)


def _dc(sheet: Sheet, name: str, root: etree._Element, where: str) -> None:
    if namespace(root) == OAI_DC:
        for fault in faults(root, _OWN_DC):
            sheet.wrong(f"{name}: {fault}", where)
    for element in elements(root):
        if (element.text or "").strip() or len(element):
            sheet.ok()
        else:
            sheet.warn(f"{name}: <{local(element)}> is empty", where)
    sheet.ok()


ROWS = (
    Row(
        id="D1",
        rule="oai_dc is offered, with its official schema and namespace",
        todo=f"list oai_dc with {_DC_SCHEMA} and {OAI_DC}",
        ask=d1,
    ),
    Row(
        id="D2",
        rule="metadataPrefix is made of unreserved characters, each listed once",
        todo="use letters, digits and -_.!~*'() alone",
        ask=d2,
    ),
    Row(
        id="D3",
        rule="ListMetadataFormats?identifier gives that item's formats, or idDoesNotExist, noMetadataFormats",
        todo="answer for the item asked about, from the same source as GetRecord",
        ask=d3,
    ),
    Row(
        id="D4",
        rule="each listed format can be fetched",
        todo="list only formats that ListRecords and GetRecord can give",
        ask=d4,
    ),
    Row(
        id="D5",
        rule="metadata stands in the namespace declared for its format",
        todo="make metadataNamespace and the root element of metadata agree",
        look=d5,
        ask=d5_ask,
        otherwise="no metadata of a declared format was seen",
    ),
    Row(
        id="D6",
        rule="xsi:schemaLocation of metadata pairs the declared namespace with the declared schema",
        todo="write both of ListMetadataFormats, in this order, on the root element of metadata",
        look=d6,
        ask=one_of_each_format,
        otherwise="no metadata of a declared format was seen",
    ),
    Row(
        id="D7",
        rule="oai_dc holds the 15 elements alone; none is empty (guideline)",
        todo="map fields to the 15 elements of Dublin Core and leave out those without a value",
        look=d7,
        ask=some_of_each,
        otherwise="no oai_dc metadata was seen",
    ),
)

__all__ = ["ROWS", "item_formats", "names_of", "samples"]
