"""Rows C1 to C9: what a repository says of itself (OAI-PMH 4.2)."""

from collections.abc import Iterator

from lxml import etree

from repository.check.answer import OAI, Answer, elements, local, locations, namespace, text_of
from repository.check.dates import DAY, SECOND, granularity_of
from repository.check.probe import Probe, Sight, names_of
from repository.check.row import Row
from repository.check.rows.asking import spread
from repository.check.sheet import Sheet, SkippedError
from repository.check.structure import faults
from repository.check.vocabularies import DC, IDENTIFIER, OAI_DC, VOCABULARIES, is_domain, is_email

_ORDER = (
    "repositoryName", "baseURL", "protocolVersion", "adminEmail", "earliestDatestamp", "deletedRecord", "granularity",
    "compression", "description",
)  # fmt: skip
_ONCE = tuple(name for name in _ORDER[:7] if name != "adminEmail")
_CODINGS = ("gzip", "deflate", "br", "zstd")


def identified(probe: Probe) -> etree._Element:
    if probe.identify.verb != "Identify" or probe.identify.container is None:
        raise SkippedError(f"Identify cannot be read: {probe.identify.told()}")
    return probe.identify.container


def c1(sheet: Sheet, probe: Probe) -> None:
    said = names_of(identified(probe), "baseURL")
    sheet.judge(probe.url in said, f"baseURL is {'/'.join(said)!r}, the URL used {probe.url!r}")


def c2(sheet: Sheet, probe: Probe) -> None:
    answer = probe.identify
    if answer.verb != "Identify" or answer.container is None:
        sheet.wrong(f"Identify gives {answer.told()}")
        return
    names = [local(child) for child in elements(answer.container)]
    for name in _ONCE:
        found = names_of(answer.container, name)
        if sheet.judge(len(found) == 1, f"{name} stands {len(found)} times, not once"):
            sheet.judge(bool(found[0]), f"{name} is empty")
    unknown = [name for name in names if name not in _ORDER]
    sheet.judge(not unknown, f"{', '.join(unknown)}: no element of Identify")
    known = [name for name in names if name in _ORDER]
    sheet.judge(known == sorted(known, key=_ORDER.index), f"out of order: {' '.join(known)}")
    for version in names_of(answer.container, "protocolVersion"):
        sheet.judge(version == "2.0", f"protocolVersion {version!r}, not 2.0")


def c3(sheet: Sheet, probe: Probe) -> None:
    found = names_of(identified(probe), "adminEmail")
    sheet.judge(bool(found), "there is no adminEmail")
    for address in found:
        if address.lower().startswith("mailto:"):
            sheet.wrong(f"adminEmail {address!r} is a URL, not an address")
        elif "@localhost" in address.lower():
            sheet.wrong(f"adminEmail {address!r} reaches nobody elsewhere")
        else:
            sheet.judge(is_email(address), f"adminEmail {address!r} is no address")


def c4(sheet: Sheet, probe: Probe) -> None:
    said = text_of(identified(probe), "granularity")
    sheet.judge(said in (DAY, SECOND), f"granularity {said!r}, not {DAY} or {SECOND}")


def c5(sheet: Sheet, probe: Probe) -> None:
    said = text_of(identified(probe), "deletedRecord")
    legal = ("no", "transient", "persistent")
    sheet.judge(said in legal, f"deletedRecord {said!r}, not {', '.join(legal)}")


def c6(sheet: Sheet, probe: Probe) -> None:
    said = text_of(identified(probe), "earliestDatestamp")
    form = granularity_of(said)
    if not form:
        sheet.wrong(f"earliestDatestamp {said!r} is no datestamp")
    elif sheet.judge(form == probe.granularity, f"earliestDatestamp {said!r}, not in {probe.granularity}"):
        now = probe.identify.exchange.received.strftime("%Y-%m-%dT%H:%M:%SZ")
        sheet.judge(said[:10] <= now[:10], f"earliestDatestamp {said} is in the future")
        if said < "1980":
            sheet.warn(f"earliestDatestamp {said} tells harvesters nothing: it is older than any repository")


def c7(sheet: Sheet, probe: Probe) -> None:
    found = [e for e in _descriptions(identified(probe)) if namespace(e) == IDENTIFIER]
    if not found:
        raise SkippedError("no oai-identifier description")
    sheet.judge(len(found) == 1, f"{len(found)} oai-identifier descriptions, where one may be")
    for fault in faults(found[0], VOCABULARIES):
        sheet.wrong(fault)
    domain, sample = text_of(found[0], "repositoryIdentifier"), text_of(found[0], "sampleIdentifier")
    sheet.judge(is_domain(domain), f"repositoryIdentifier {domain!r} is no domain name with a dot")
    begin = f"oai:{domain}:"
    sheet.judge(sample.startswith(begin), f"sampleIdentifier {sample!r} does not begin with {begin!r}")
    if sample:
        answer = probe.ask(("verb", "GetRecord"), ("identifier", sample), probe.scope[0])
        # An item may lack this format and be known all the same.
        known = answer.verb == "GetRecord" or "cannotDisseminateFormat" in answer.codes
        sheet.judge(known, f"sampleIdentifier {sample!r} gives {answer.told()}", answer.exchange.told())
    strangers = [header.identifier for header in probe.listed if not header.identifier.startswith(begin)]
    if strangers:
        sheet.wrong(
            f"{strangers[0]!r} and {len(strangers) - 1} more of those walked do not begin with {begin!r}"
        )


def _descriptions(container: etree._Element) -> Iterator[etree._Element]:
    for holder in elements(container):
        if local(holder) in ("description", "setDescription"):
            yield from elements(holder)


def c8(sheet: Sheet, probe: Probe) -> None:
    """`forced` sees to all requests that ask for nothing; here each coding is asked for."""
    declared = {name.lower() for name in names_of(identified(probe), "compression")}
    if "identity" in declared:
        sheet.warn("identity is declared as a compression; it goes without saying")
    request = (("verb", "ListRecords"), *probe.scope)
    given = set()
    for coding in (*_CODINGS, *sorted(declared - {*_CODINGS, "identity"})):
        answer = probe.ask(*request, asked={"Accept-Encoding": coding})
        if came := answer.exchange.coding:
            given.add(came)
            where = answer.exchange.told()
            sheet.judge(came.removeprefix("x-") == coding, f"{came} is given, {coding} was asked for", where)
            sheet.judge(came in declared, f"{came} is given, but Identify does not declare it", where)
            if answer.exchange.problem and came in ("gzip", "deflate", "zstd"):
                sheet.wrong(answer.exchange.problem, where)
            elif not answer.exchange.problem:
                sheet.judge(
                    _same(answer, probe), f"{came} holds another answer than identity: {answer.told()}", where
                )
    for coding in sorted(declared & set(_CODINGS) - given):
        sheet.warn(f"{coding} is declared, but a ListRecords that asks for it comes without")
    for refusal in ("identity", "gzip;q=0, deflate;q=0, identity;q=0.5"):
        answer = probe.ask(*request, asked={"Accept-Encoding": refusal})
        sheet.judge(
            answer.exchange.coding in ("", "identity"),
            f"Content-Encoding {answer.exchange.coding}, though it was refused",
            answer.exchange.told(),
        )


def _same(answer: Answer, probe: Probe) -> bool:
    """Against the first page of the walk, but for what was changed meanwhile."""
    page = probe.records.pages[0] if probe.records.pages else None
    if page is None or answer.verb != "ListRecords":
        return page is not None and answer.codes == page.codes
    before = {h.identifier: h for h in page.headers if probe.settled(h)}
    after = {h.identifier: h for h in answer.headers if probe.settled(h)}
    return all(before[name] == after[name] for name in before.keys() & after.keys()) and (
        len(before) == len(after) or len(before) != len(page.headers)
    )


def forced(sheet: Sheet, sight: Sight) -> None:
    exchange = sight.answer.exchange
    if exchange.status == 406:
        sheet.wrong("HTTP 406: identity must be given to who does not ask for a compression", sight.where)
    if "Accept-Encoding" not in exchange.asked and exchange.answered:
        sheet.judge(
            exchange.coding in ("", "identity"),
            f"Content-Encoding {exchange.coding}, though no Accept-Encoding was sent",
            sight.where,
        )


def c9(sheet: Sheet, sight: Sight) -> None:
    """Of Identify and of sets. oai_dc in a setDescription is the commonest."""
    container = sight.answer.container
    if container is None or sight.answer.verb not in ("Identify", "ListSets"):
        return
    parents = [container, *(e for e in elements(container) if local(e) == "set")]
    for parent in parents:
        for holder in elements(parent):
            if local(holder) in ("description", "setDescription"):
                _described(sheet, holder, sight.where)


def _described(sheet: Sheet, holder: etree._Element, where: str) -> None:
    inside = list(elements(holder))
    if len(inside) != 1:
        sheet.wrong(f"<{local(holder)}> holds {len(inside)} elements, not one", where)
    for element in inside:
        space = namespace(element)
        if space in ("", OAI):
            sheet.wrong(f"<{local(element)}> stands in {space or 'no namespace'}", where)
            continue
        named = {**locations(holder), **locations(element)}
        sheet.judge(
            space in named,
            f"<{local(element)}> names no schema for its namespace {space} (xsi:schemaLocation)",
            where,
        )
        if space != IDENTIFIER:
            own = {
                key: VOCABULARIES[key]
                for key in (space, *((DC,) if space == OAI_DC else ()))
                if key in VOCABULARIES
            }
            for fault in faults(element, own):
                sheet.wrong(fault, where)


def spread_of(probe: Probe, most: int) -> list[str]:
    return spread((header.identifier for header in probe.live), most)


ROWS = (
    Row(
        id="C1",
        rule="baseURL of Identify is the URL used, character for character",
        todo="take the base URL from configuration: scheme, host, port and slashes as harvesters use it",
        ask=c1,
    ),
    Row(
        id="C2",
        rule="one each of the required elements, in the order of the schema; protocolVersion 2.0",
        todo="write the elements of Identify in the order of OAI-PMH 4.2, each once",
        ask=c2,
    ),
    Row(
        id="C3",
        rule="at least one adminEmail, an address that can be written to",
        todo="give a bare address such as repository@example.org",
        ask=c3,
    ),
    Row(id="C4", rule="granularity has a legal value", todo=f"say {DAY} or {SECOND}", ask=c4),
    Row(
        id="C5",
        rule="deletedRecord has a legal value",
        todo="say no, transient or persistent, as it is",
        ask=c5,
    ),
    Row(
        id="C6",
        rule="earliestDatestamp is a datestamp in the declared granularity",
        todo="give the smallest datestamp of all records, deleted ones included",
        ask=c6,
    ),
    Row(
        id="C7",
        rule="oai-identifier: one, a domain with a dot, the sample resolves, identifiers follow it",
        todo="declare the domain that identifiers really begin with, or leave the description out",
        ask=c7,
    ),
    Row(
        id="C8",
        rule="compression only if declared and only if asked for",
        todo="honour Accept-Encoding exactly, and list in Identify each coding that may come",
        ask=c8,
        look=forced,
    ),
    Row(
        id="C9",
        rule="descriptions stand in a namespace of their own and name their schema",
        todo="give each description one element with xmlns and xsi:schemaLocation, as its guideline has it",
        look=c9,
        otherwise="no description in Identify or ListSets",
    ),
)
