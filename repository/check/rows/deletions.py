"""Rows K1 to K5: deleted records and what is said about records (OAI-PMH 2.5, 2.5.1)."""

from repository.check.answer import OAI, Answer, elements, local, locations, namespace
from repository.check.dates import granularity_of
from repository.check.probe import Probe, Sight
from repository.check.row import Row
from repository.check.rows.asking import some_of_each
from repository.check.rows.dates import LISTS
from repository.check.rows.records import get, stamped_anew
from repository.check.sheet import Sheet, SkippedError
from repository.check.structure import faults
from repository.check.vocabularies import VOCABULARIES

_SAMPLES = 2
_FORMATS = 3


def k1(sheet: Sheet, sight: Sight) -> None:
    probe = sight.probe
    if "identify" not in probe.__dict__ or probe.says("deletedRecord") != "no":
        return
    for header in sight.answer.headers:
        sheet.judge(
            not header.deleted, f"{header.identifier} is deleted, but deletedRecord says no", sight.where
        )


def k2(sheet: Sheet, sight: Sight) -> None:
    for record in sight.answer.records:
        if record.header.deleted:
            more = ["metadata"] * (record.metadata is not None) + ["about"] * len(record.abouts)
            sheet.judge(
                not more, f"{record.header.identifier} is deleted, but has {' and '.join(more)}", sight.where
            )
        elif record.whole and record.metadata is None:
            sheet.wrong(
                f"{record.header.identifier} has no metadata, and no status that says it is deleted",
                sight.where,
            )


def k2_ask(sheet: Sheet, probe: Probe) -> None:
    """Whoever is deleted in one list has that status in the other."""
    some_of_each(sheet, probe)
    lists = (probe.records, probe.identifiers)
    for one, two in (lists, lists[::-1]):
        others = two.by_identifier()
        for header in one.headers:
            other = others.get(header.identifier)
            if header.deleted and other and probe.settled(header) and probe.settled(other):
                sheet.judge(
                    other.deleted,
                    f"{header.identifier} is deleted in {one.verb}, and has no such status here",
                    two.told(),
                )


def k3(sheet: Sheet, probe: Probe) -> None:
    promised = probe.says("deletedRecord")
    if promised == "no":
        raise SkippedError("deletedRecord says no")
    if not probe.deleted:
        raise SkippedError("no deleted record was found among those walked")
    for listed in probe.deleted[:_SAMPLES]:
        answer = get(probe, listed.identifier)
        where = answer.exchange.told()
        if answer.verb != "GetRecord" or not answer.headers:
            tell = sheet.wrong if promised == "persistent" else sheet.warn
            tell(f"{answer.told()}, though it is listed as deleted", where)
            continue
        alone = answer.headers[0]
        if sheet.judge(
            alone.deleted or not probe.settled(alone), "no status deleted, as the list has it", where
        ):
            sheet.judge(
                alone.datestamp == listed.datestamp or not probe.settled(alone),
                f"datestamp {alone.datestamp}, {listed.datestamp} in the list",
                where,
            )


def k4(sheet: Sheet, probe: Probe) -> None:
    if not probe.deleted:
        raise SkippedError("no deleted record was found among those walked")
    for listed in probe.deleted[-_SAMPLES:]:
        if not probe.settled(listed):
            again = stamped_anew(probe, listed)
            if again:
                sheet.wrong(
                    f"the deletion of {listed.identifier} was at {listed.datestamp}, and then at {again}"
                )
            continue
        stamp = listed.datestamp
        for verb in LISTS:
            walk = probe.walk(verb, *probe.scope, ("from", stamp), ("until", stamp))
            found = walk.by_identifier().get(listed.identifier)
            if walk.complete or walk.refused:
                sheet.judge(
                    found is not None and found.deleted,
                    f"the deletion of {listed.identifier} at {stamp} is not told to who asks for that time",
                    walk.told(),
                )
        if probe.says("deletedRecord") != "persistent":
            continue
        for form in [form for form in probe.formats if form.prefix != probe.prefix][:_FORMATS]:
            answer = get(probe, listed.identifier, form.prefix)
            sheet.judge(
                "idDoesNotExist" not in answer.codes,
                f"idDoesNotExist in {form.prefix}, though the item is deleted in {probe.prefix} for ever",
                answer.exchange.told(),
            )
            if listed is probe.deleted[-1]:
                _told_in(sheet, probe, answer, form.prefix)


def _told_in(sheet: Sheet, probe: Probe, alone: Answer, prefix: str) -> None:
    """A deletion that GetRecord tells in a format must be in the lists of that format."""
    for header in alone.headers[:1]:
        if not (header.deleted and probe.settled(header) and granularity_of(header.datestamp)):
            continue
        ends = (("from", header.datestamp), ("until", header.datestamp))
        for verb in LISTS:
            walk = probe.walk(verb, ("metadataPrefix", prefix), *ends)
            if walk.complete or walk.refused:
                sheet.judge(
                    header.identifier in walk.items,
                    f"the deletion of {header.identifier} is told by GetRecord in {prefix}, but not here",
                    walk.told(),
                )


def k5(sheet: Sheet, sight: Sight) -> None:
    for record in sight.answer.records:
        names = [local(part) for part in elements(record.element)] if record.whole else []
        name = record.header.identifier
        if "about" in names:
            order = "metadata" not in names[names.index("about") :]
            sheet.judge(order, f"{name}: about before metadata", sight.where)
        for about in record.abouts:
            inside = list(elements(about))
            sheet.judge(len(inside) == 1, f"{name}: about holds {len(inside)} elements, not one", sight.where)
            for element in inside:
                space = namespace(element)
                if space in ("", OAI):
                    sheet.wrong(
                        f"{name}: about holds <{local(element)}> in {space or 'no namespace'}", sight.where
                    )
                    continue
                named = {**locations(about), **locations(element)}
                sheet.judge(
                    space in named, f"{name}: <{local(element)}> names no schema for {space}", sight.where
                )
                own = {space: VOCABULARIES[space]} if space in VOCABULARIES else {}
                for fault in faults(element, own):
                    sheet.wrong(f"{name}: {fault}", sight.where)


_NONE = "no deleted record was seen"

ROWS = (
    Row(
        id="K1",
        rule="deletedRecord=no: no header is deleted",
        todo="declare transient or persistent where deletions are told",
        look=k1,
        ask=some_of_each,
        otherwise="deletedRecord does not say no",
    ),
    Row(
        id="K2",
        rule="a deleted record has a header with its status, and neither metadata nor about",
        todo="write the header alone",
        look=k2,
        ask=k2_ask,
        otherwise=_NONE,
    ),
    Row(
        id="K3",
        rule="GetRecord of a deleted record gives its header, not idDoesNotExist",
        todo="answer with the header that lists give",
        ask=k3,
    ),
    Row(
        id="K4",
        rule="a deletion is told in its format at the time it was made",
        todo="give the record the datestamp of its deletion and keep it in every list of that time",
        ask=k4,
        otherwise=_NONE,
    ),
    Row(
        id="K5",
        rule="about stands after metadata, holds one element of its own namespace, and names its schema",
        todo="write provenance and rights as their guidelines have them",
        look=k5,
        ask=some_of_each,
        otherwise="no about was seen",
    ),
)
