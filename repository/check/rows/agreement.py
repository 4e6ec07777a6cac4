"""Row F8: the two verbs that list records list the same (OAI-PMH 4.3, 4.5)."""

from repository.check.answer import Header
from repository.check.ends import follow_to_the_end
from repository.check.probe import Probe
from repository.check.row import Row
from repository.check.sheet import Sheet

_PARTS = 3


def f8(sheet: Sheet, probe: Probe) -> None:
    records, identifiers = probe.records, probe.identifiers
    if bool(records.items) != bool(identifiers.items):
        sheet.wrong(
            f"ListRecords gives {len(records.items)} records, ListIdentifiers {len(identifiers.items)}",
            identifiers.why or records.why,
        )
        return
    ours, theirs = records.by_identifier(), identifiers.by_identifier()
    for name in ours.keys() & theirs.keys():
        if probe.settled(ours[name]) and probe.settled(theirs[name]):
            sheet.judge(
                ours[name].claims == theirs[name].claims,
                f"{name}: {_claims(ours[name])} in ListRecords, {_claims(theirs[name])} in ListIdentifiers",
            )
    for whole, part in ((records, theirs), (identifiers, ours)):
        names = set(whole.items)
        for name, header in part.items() if whole.complete else ():
            if probe.settled(header):
                sheet.judge(name in names, f"{name!r} is not in {whole.verb}")
    _same_parts(sheet, probe)
    _same_in_other_formats(sheet, probe)


def _same_in_other_formats(sheet: Sheet, probe: Probe) -> None:
    """A format that one of the two verbs passes over shows in any but the usual one."""
    others = [form.prefix for form in probe.formats if form.prefix != probe.prefix]
    for prefix in dict.fromkeys((*others[:1], *others[-1:])):
        records, identifiers = (
            probe.walk(verb, ("metadataPrefix", prefix), *probe.scope[1:])
            for verb in ("ListRecords", "ListIdentifiers")
        )
        for one, two in ((records, identifiers), (identifiers, records)):
            names = set(two.items)
            for header in one.headers if two.complete or set(two.refused) == {"noRecordsMatch"} else ():
                if probe.settled(header):
                    sheet.judge(
                        header.identifier in names, f"{header.identifier!r} is not in {two.verb}", two.told()
                    )


def _same_parts(sheet: Sheet, probe: Probe) -> None:
    """Where the whole lists are too long, parts of them can be compared to the last record."""
    follow_to_the_end(probe)
    parts = [
        w
        for w in probe.walks
        if w.verb == "ListRecords" and w.complete and set(probe.scope) < set(w.arguments)
    ]
    for part in parts[:_PARTS]:
        other = probe.walk("ListIdentifiers", *part.arguments, to_the_end=True)
        for one, two in ((part, other), (other, part)) if other.complete or other.refused else ():
            names = set(two.items)
            for header in one.headers:
                if probe.settled(header):
                    sheet.judge(
                        header.identifier in names, f"{header.identifier!r} is not in {two.verb}", two.told()
                    )


def _claims(header: Header) -> str:
    return f"{header.datestamp}{' deleted' if header.deleted else ''} {header.sets}"


F8 = Row(
    id="F8",
    rule="ListRecords and ListIdentifiers agree",
    todo="let both verbs make their lists from the same query",
    ask=f8,
    late=True,
    otherwise="neither list has a record",
)
