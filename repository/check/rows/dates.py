"""Rows G1 to G11: datestamps, and lists between two of them (OAI-PMH 2.7.1, 3.3)."""

from collections import Counter
from datetime import timedelta

from repository.check.dates import (
    DAY,
    SECOND,
    day_of,
    granularity_of,
    moment,
    moved,
    not_above,
    not_below,
    written,
)
from repository.check.probe import Probe, Sight
from repository.check.row import Row
from repository.check.rows.asking import BAD_ARGUMENT, NOTHING, refused, some_of_each, spread
from repository.check.rows.records import stamped_anew
from repository.check.rows.sets import chosen
from repository.check.sheet import Sheet, SkippedError
from repository.check.walk import Walk

LISTS = ("ListRecords", "ListIdentifiers")
# Neither a day nor a second of UTC, whatever a lenient date parser makes of it.
MALFORMED = (
    "2002-2-5", "20020205", "2002-02-30", "2002-13-01", "2002", "2002-02", "02/05/2002", "05-02-2002", " 2002-02-05",
    "2002-02-05 ", "２００２-０２-０５", "2002-02-05Z", "2002-02-05T00:00:00", "2002-02-05T00:00Z",
    "2002-02-05 00:00:00",
    "2002-02-05T00:00:00+01:00", "2002-02-05T00:00:00+00:00",
    "2002-02-05T25:00:00Z", "2002-02-05T00:61:00Z", "2002-02-05t00:00:00z", "yesterday",
    "1012867200", "2002-036", "-2002-02-05", "0000-00-00",
)  # fmt: skip
_FUTURE = timedelta(days=366)
_SKEW = timedelta(seconds=2)


def _says(sight: Sight, name: str) -> str:
    """What Identify said, once it has been asked; a row that looks may not ask."""
    return sight.probe.says(name) if "identify" in sight.probe.__dict__ else ""


def g1(sheet: Sheet, sight: Sight) -> None:
    declared = _says(sight, "granularity")
    for header in sight.answer.headers:
        form = granularity_of(header.datestamp)
        right = form == declared if declared in (DAY, SECOND) else bool(form)
        sheet.judge(
            right,
            f"{header.identifier}: datestamp {header.datestamp!r}, not {declared or 'a datestamp'}",
            sight.where,
        )


def g2(sheet: Sheet, sight: Sight) -> None:
    earliest = _says(sight, "earliestDatestamp")
    if not granularity_of(earliest):
        return
    for header in sight.answer.headers:
        if granularity_of(header.datestamp):
            sheet.judge(
                not_below(header.datestamp, earliest),
                f"{header.identifier}: datestamp {header.datestamp} is before earliestDatestamp {earliest}",
                sight.where,
            )


def g3(sheet: Sheet, sight: Sight) -> None:
    now = sight.answer.exchange.received
    told = moment(sight.answer.response_date, SECOND)
    limit = written((max(now, told) if told else now) + _SKEW, SECOND)
    for header in sight.answer.headers:
        if granularity_of(header.datestamp):
            sheet.judge(
                not_above(header.datestamp, limit),
                f"{header.identifier}: datestamp {header.datestamp} is in the future",
                sight.where,
            )


def g3_ask(sheet: Sheet, probe: Probe) -> None:
    """Where everything was stamped since the run began, perhaps everything is stamped as it is asked for."""
    some_of_each(sheet, probe)
    if len(probe.live) > 1 and not any(map(probe.settled, probe.live)):
        first = probe.live[0]
        again = stamped_anew(probe, first)
        if again:
            sheet.wrong(
                f"{first.identifier} was of {first.datestamp}, and then of {again}: stamped when asked for"
            )


def g4(sheet: Sheet, probe: Probe) -> None:
    ranges = [("2002-02-05", "2002-02-04"), ("2999-01-01", "1999-01-01")]
    if probe.granularity == SECOND:
        ranges.append(("2002-02-05T00:00:01Z", "2002-02-05T00:00:00Z"))
    stamps = sorted({header.datestamp for header in probe.listed if granularity_of(header.datestamp)})
    if len(stamps) > 1:
        ranges.append((stamps[-1], stamps[0]))
    for since, until in ranges:
        for verb in LISTS:
            refused(
                sheet,
                probe,
                (("verb", verb), probe.scope[0], ("from", since), ("until", until)),
                BAD_ARGUMENT,
            )


def g5(sheet: Sheet, probe: Probe) -> None:
    day, second = "2002-02-05", "2002-02-06T00:00:00Z"
    ranges = [(("from", day), ("until", second)), (("from", "2002-02-04T00:00:00Z"), ("until", day))]
    finer = second if probe.granularity == DAY else "2002-02-05T00:00:00.5Z"
    for n, request in enumerate([*ranges, (("from", finer),), (("until", finer),)]):
        refused(sheet, probe, (("verb", LISTS[n % 2]), probe.scope[0], *request), BAD_ARGUMENT)


def g6(sheet: Sheet, probe: Probe) -> None:
    for n, text in enumerate(MALFORMED):
        for m, name in enumerate(("from", "until")):
            request = (("verb", LISTS[(n + m) % 2]), probe.scope[0], (name, text))
            refused(sheet, probe, request, BAD_ARGUMENT)


def g7(sheet: Sheet, probe: Probe) -> None:
    before = moved(probe.says("earliestDatestamp"), -1)
    if not before:
        raise SkippedError("nothing can be before the earliestDatestamp that Identify gives")
    for verb in LISTS:
        refused(sheet, probe, (("verb", verb), probe.scope[0], ("until", before)), NOTHING)


def g8(sheet: Sheet, probe: Probe) -> None:
    for verb in LISTS:
        refused(sheet, probe, (("verb", verb), probe.scope[0], ("from", _later(probe))), NOTHING)


def stamps_of(probe: Probe) -> list[str]:
    """Datestamps of what was left alone, in order; at least one."""
    found = sorted(
        {
            h.datestamp
            for h in probe.listed
            if granularity_of(h.datestamp) == probe.granularity and probe.settled(h)
        }
    )
    if not found:
        raise SkippedError("no record with a datestamp from before this run was found")
    return found


def window(
    sheet: Sheet, probe: Probe, verb: str, since: str, until: str, extra: tuple[tuple[str, str], ...] = ()
) -> Walk:
    """A list between two datestamps (either may be empty): nothing outside, and all inside that is known."""
    ends = tuple((name, value) for name, value in (("from", since), ("until", until)) if value)
    walk = probe.walk(verb, *(extra or probe.scope), *ends)
    if walk.refused and set(walk.refused) != {"noRecordsMatch"}:
        sheet.wrong(walk.why, walk.told())
        return walk

    def within(stamp: str) -> bool:
        return (not since or not_below(stamp, since)) and (not until or not_above(stamp, until))

    for header in walk.headers:
        sheet.judge(
            within(header.datestamp) or not probe.settled(header),
            f"{header.identifier} of {header.datestamp} is outside",
            walk.told(),
        )
    for identifier, count in Counter(walk.items).items():
        if count > 1 and all(probe.settled(h) for h in walk.headers if h.identifier == identifier):
            sheet.wrong(f"{identifier} comes {count} times", walk.told())
    if not extra and (walk.complete or walk.refused):
        found = set(walk.items)
        for header in probe.listed:
            if within(header.datestamp) and probe.settled(header) and granularity_of(header.datestamp):
                sheet.judge(
                    header.identifier in found,
                    f"{header.identifier} of {header.datestamp} is missing",
                    walk.told(),
                )
    return walk


def g9(sheet: Sheet, probe: Probe) -> None:
    for stamp in spread(stamps_of(probe), 3):
        for verb in LISTS:
            window(sheet, probe, verb, stamp, stamp)


def g10(sheet: Sheet, probe: Probe) -> None:
    if probe.granularity != SECOND:
        raise SkippedError("granularity is the day")
    stamps = stamps_of(probe)
    # The days with the latest and the earliest second: a day that ends too soon, or is one of local time, loses these.
    by_time = sorted(stamps, key=lambda stamp: stamp[10:])
    later = [stamp for stamp in by_time if not stamp.endswith("T00:00:00Z")] or by_time
    for day in dict.fromkeys((day_of(later[-1]), day_of(later[0]))):
        for verb in LISTS:
            window(sheet, probe, verb, day, day)
        window(sheet, probe, "ListIdentifiers", "", day)


def halves(probe: Probe) -> tuple[str, str]:
    """A datestamp in the middle of what was seen, and the one after it."""
    stamps = stamps_of(probe)
    middle = stamps[(len(stamps) - 1) // 2]
    return middle, moved(middle, 1)


def g11(sheet: Sheet, probe: Probe) -> None:
    middle, after = halves(probe)
    for verb in LISTS:
        window(sheet, probe, verb, "", middle)
        window(sheet, probe, verb, after, "")
    stamps = stamps_of(probe)
    early = stamps[len(stamps) // 4]
    window(sheet, probe, "ListIdentifiers", early, middle)
    # Half a list may be one page; most of it is as many as it has.
    window(sheet, probe, "ListIdentifiers", early, "")
    for spec in chosen(probe)[:1] if probe.has_sets else ():
        for since, until in ((after, ""), ("", middle)):
            window(sheet, probe, "ListIdentifiers", since, until, (probe.scope[0], ("set", spec)))
    _wide_ranges(sheet, probe)


def _wide_ranges(sheet: Sheet, probe: Probe) -> None:
    """A range may reach before the earliest datestamp and into the future; it then takes nothing away."""
    before = moved(probe.says("earliestDatestamp"), -1)
    ends = [("from", before)] if before else []
    # The last day that there is: whoever reckons with its end reckons beyond it.
    for end in (*ends, ("until", _later(probe)), ("until", "9999-12-31")):
        for verb in LISTS:
            answer = probe.ask(("verb", verb), *probe.scope, end)
            sheet.judge(
                answer.verb == verb, f"{answer.told()}, where the whole list is due", answer.exchange.told()
            )


def _later(probe: Probe) -> str:
    return written(probe.identify.exchange.received + _FUTURE, probe.granularity)


_NO_RECORDS = "no record was seen"

ROWS = (
    Row(
        id="G1",
        rule="all datestamps have the declared granularity",
        todo="write every datestamp as Identify declares it, in UTC",
        look=g1,
        ask=some_of_each,
        otherwise=_NO_RECORDS,
    ),
    Row(
        id="G2",
        rule="no datestamp is before earliestDatestamp",
        todo="compute earliestDatestamp from all records, deleted ones included",
        look=g2,
        ask=some_of_each,
        otherwise=_NO_RECORDS,
    ),
    Row(
        id="G3",
        rule="no datestamp is in the future",
        todo="stamp records when they become visible, with the clock that responseDate has, in UTC",
        look=g3,
        ask=g3_ask,
        otherwise=_NO_RECORDS,
    ),
    Row(
        id="G4", rule="from after until: badArgument", todo="compare the two before the list is made", ask=g4
    ),
    Row(
        id="G5",
        rule="from and until of two granularities, or finer than supported: badArgument",
        todo="accept the two forms of OAI-PMH 3.3, and in one request one of them",
        ask=g5,
    ),
    Row(
        id="G6",
        rule="malformed dates: badArgument",
        todo="match dates against the two forms before a parser sees them, then check the calendar",
        ask=g6,
    ),
    Row(
        id="G7",
        rule="until before earliestDatestamp: noRecordsMatch",
        todo="answer noRecordsMatch where a range holds nothing",
        ask=g7,
    ),
    Row(
        id="G8",
        rule="from in the future: noRecordsMatch",
        todo="answer noRecordsMatch where a range holds nothing",
        ask=g8,
    ),
    Row(
        id="G9",
        rule="from and until are inclusive: both equal to a datestamp give its records",
        todo="choose by from <= datestamp <= until",
        ask=g9,
    ),
    Row(
        id="G10",
        rule="days as arguments cover whole days where granularity is the second",
        todo="let until=day reach to 23:59:59 of that day",
        ask=g10,
    ),
    Row(
        id="G11",
        rule="from and until split a list exactly, on resumed pages too",
        todo="keep from and until in the token",
        ask=g11,
    ),
)
