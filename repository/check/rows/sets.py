"""Rows E1 to E6: sets and who is in them (OAI-PMH 2.6, 4.6)."""

from collections import Counter

from repository.check.answer import Header, text_of
from repository.check.dates import granularity_of
from repository.check.probe import Probe, Sight
from repository.check.row import Row
from repository.check.rows.asking import BAD_ARGUMENT, NO_SETS, NO_SUCH, NOTHING, refused
from repository.check.sheet import Sheet, SkippedError
from repository.check.vocabularies import is_set
from repository.check.walk import Walk, specs_of

_MOST = 5


def hierarchy(probe: Probe) -> None:
    if not probe.has_sets:
        raise SkippedError("the repository has no sets")


def e1_names(sheet: Sheet, sight: Sight) -> None:
    for element in specs_of(sight.answer):
        spec = text_of(element, "setSpec")
        sheet.judge(is_set(spec), f"setSpec {spec!r} has a character that it may not have", sight.where)
        sheet.judge(bool(text_of(element, "setName")), f"set {spec!r} has no setName", sight.where)


def e1(sheet: Sheet, probe: Probe) -> None:
    walk = probe.sets
    if "noSetHierarchy" in walk.refused:
        for verb in ("ListRecords", "ListIdentifiers"):
            refused(sheet, probe, (("verb", verb), probe.scope[0], ("set", NO_SUCH)), NO_SETS)
        return
    if walk.refused or not walk.items:
        sheet.wrong(f"ListSets gives {walk.why or 'no set'}, where sets or noSetHierarchy are due")
        return
    if walk.end in ("error", "unreadable"):
        sheet.wrong(f"ListSets breaks off after {len(walk.items)} sets: {walk.why}")
    for spec, count in Counter(walk.items).items():
        sheet.judge(count == 1, f"set {spec!r} is listed {count} times")


def e2(sheet: Sheet, probe: Probe) -> None:
    hierarchy(probe)
    if not probe.sets.complete:
        raise SkippedError(f"ListSets was not walked to its end ({len(probe.sets.items)} sets)")
    known = set(probe.sets.items)
    for spec in known:
        parts = spec.split(":")
        for n in range(1, len(parts)):
            parent = ":".join(parts[:n])
            if parent in known:
                sheet.ok()
            else:
                sheet.warn(f"set {parent!r} is not listed, though {spec!r} is")
    sheet.ok()


def e3(sheet: Sheet, probe: Probe) -> None:
    hierarchy(probe)
    some = max(probe.sets.items, key=len)
    names = [NO_SUCH, f"{probe.sets.items[0]}:{NO_SUCH}", "no%2Fsuch set"]
    # The beginning of a name is no set: servers that match by prefix give records for it.
    names += (
        [some[:-1]] if is_set(some[:-1]) and some[:-1] not in probe.sets.items and probe.sets.complete else []
    )
    names += ["*", "%", f"{probe.sets.items[0]}:"]
    names += [some.swapcase()] if some.swapcase() not in probe.sets.items and probe.sets.complete else []
    for n, name in enumerate(names):
        verb = ("ListIdentifiers", "ListRecords")[n % 2]
        refused(sheet, probe, (("verb", verb), probe.scope[0], ("set", name)), NOTHING, BAD_ARGUMENT)
    refused(sheet, probe, (("verb", "ListRecords"), probe.scope[0], ("set", NO_SUCH)), NOTHING, BAD_ARGUMENT)


def e4_once(sheet: Sheet, sight: Sight) -> None:
    for header in sight.answer.headers:
        for spec, count in Counter(header.sets).items():
            sheet.judge(count == 1, f"{header.identifier} names {spec!r} {count} times", sight.where)


def e4(sheet: Sheet, probe: Probe) -> None:
    if probe.sets.end == "limit" or (probe.sets.refused and "noSetHierarchy" not in probe.sets.refused):
        raise SkippedError("ListSets was not walked to its end")
    known = set(probe.sets.items)
    for walk in probe.walks:
        for header in walk.headers:
            for spec in header.sets:
                sheet.judge(
                    spec in known,
                    f"{header.identifier} is in {spec!r}, which ListSets does not list",
                    walk.told(),
                )
    if not any(header.sets for walk in probe.walks for header in walk.headers):
        raise SkippedError("no header names a set")


def inside(header: Header, spec: str) -> bool:
    return any(own == spec or own.startswith(spec + ":") for own in header.sets)


def chosen(probe: Probe) -> list[str]:
    """Sets worth walking: the largest that is a part, the largest, the smallest, one with descendants, one that no
    header names.
    """
    counts: Counter[str] = Counter()
    for header in probe.listed:
        parts = {":".join(own.split(":")[: n + 1]) for own in header.sets for n in range(own.count(":") + 1)}
        counts.update(parts & set(probe.sets.items) if probe.sets.items else parts)
    if probe.chosen_set:
        counts = Counter({s: n for s, n in counts.items() if f"{s}:".startswith(f"{probe.chosen_set}:")})
    by_size = [spec for spec, _ in counts.most_common()]
    parents = [spec for spec in by_size if any(other.startswith(spec + ":") for other in counts)]
    empty = [spec for spec in probe.sets.items if spec not in counts][:1] if not probe.chosen_set else []
    # A set of everything would show neither strangers nor a set that is lost when resuming.
    partial = [spec for spec in by_size if counts[spec] < len(probe.listed)]
    found = [
        *partial[:1],
        *by_size[:1],
        *parents[-1:],
        *by_size[-1:],
        *by_size[len(by_size) // 2 :][:1],
        *empty,
    ]
    return list(dict.fromkeys(found))[:_MOST]


def of_set(probe: Probe, spec: str, verb: str = "ListIdentifiers") -> Walk:
    return probe.walk(verb, probe.scope[0], ("set", spec))


def e5(sheet: Sheet, probe: Probe) -> None:
    hierarchy(probe)
    everything = probe.identifiers
    for n, spec in enumerate(chosen(probe)):
        for verb in ("ListIdentifiers", "ListRecords") if n == 0 else ("ListIdentifiers",):
            _members(sheet, probe, everything, of_set(probe, spec, verb), spec)
        known = (*probe.listed, *everything.headers)
        stamps = [header.datestamp for header in known if granularity_of(header.datestamp)]
        if n == 0 and stamps:
            # Everybody is in this range, but not in this set.
            walk = probe.walk("ListIdentifiers", probe.scope[0], ("from", min(stamps)), ("set", spec))
            _members(sheet, probe, everything, walk, spec)


def _members(sheet: Sheet, probe: Probe, everything: Walk, walk: Walk, spec: str) -> None:
    if walk.refused and set(walk.refused) != {"noRecordsMatch"}:
        sheet.wrong(f"{walk.why} for the listed set {spec!r}", walk.told())
        return
    whole, found = everything.by_identifier(), walk.by_identifier()
    for header in walk.headers:
        known = whole.get(header.identifier)
        # A record that left the set may be told here as deleted, so that harvesters of the set learn of it.
        if (inside(header, spec) and (known is None or inside(known, spec))) or header.deleted:
            sheet.ok()
        elif known is not None and inside(known, spec):
            sheet.ok()  # its header here lacks the set: that is E6's
        elif probe.settled(header):
            sheet.wrong(
                f"{header.identifier} is in {', '.join((known or header).sets) or 'no set'}, not in {spec!r}",
                walk.told(),
            )
    if walk.end in ("complete", "error"):
        for header in everything.headers:
            if inside(header, spec) and probe.settled(header):
                sheet.judge(
                    header.identifier in found,
                    f"{header.identifier} has {', '.join(header.sets)}, but set={spec} does not give it",
                    walk.told(),
                )


def e6(sheet: Sheet, probe: Probe) -> None:
    """All that lists of sets gave, against the headers of the whole list."""
    hierarchy(probe)
    whole = probe.identifiers.by_identifier() or probe.records.by_identifier()
    specs = chosen(probe)
    walks = [of_set(probe, spec) for spec in specs]
    walks += [of_set(probe, spec, "ListRecords") for spec in specs[:1]]
    for walk in walks:
        spec = dict(walk.arguments)["set"]
        for header in walk.headers:
            known = whole.get(header.identifier)
            if known is None or not (probe.settled(header) and probe.settled(known)):
                continue
            left = header.deleted and not known.deleted and not inside(known, spec)
            sheet.judge(
                left or header.claims == known.claims,
                f"{header.identifier}: {_told(header)} with set={spec}, {_told(known)} without",
                walk.told(),
            )


def _told(header: Header) -> str:
    status = " deleted" if header.deleted else ""
    return f"{header.datestamp}{status} in {', '.join(header.sets) or 'no set'}"


ROWS = (
    Row(
        id="E1",
        rule="ListSets: unique, well-made, named sets; without sets noSetHierarchy there and for set=",
        todo="list each set once; where there are none, answer noSetHierarchy to ListSets and to any set argument",
        look=e1_names,
        ask=e1,
    ),
    Row(
        id="E2",
        rule="every ancestor of a set is listed",
        todo="list a:b where a:b:c is listed",
        ask=e2,
        guideline=True,
    ),
    Row(
        id="E3",
        rule="unknown set: noRecordsMatch",
        todo="compare setSpecs whole, by their parts, and answer noRecordsMatch",
        ask=e3,
    ),
    Row(
        id="E4",
        rule="the sets that headers name are listed, and named once each",
        todo="list in ListSets every set that a header names, and name it once",
        look=e4_once,
        ask=e4,
        late=True,
    ),
    Row(
        id="E5",
        rule="a set has its own and its descendants' records, and no others",
        todo="choose by setSpec and what begins with it and a colon, on resumed pages too",
        ask=e5,
        otherwise="no set could be compared with the whole list",
    ),
    Row(
        id="E6",
        rule="headers are the same with and without set",
        todo="write all setSpecs of an item in every header, whatever was asked for",
        ask=e6,
        otherwise="no record of a set was met in the whole list",
    ),
)
