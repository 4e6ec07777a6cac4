"""The promises that a soak is held to, and how its figures are printed. Nothing is measured here."""

from collections.abc import Iterator

from repository.model.settings import Settings
from tests.soak.probe import at
from tests.soak.run import Soak
from tests.soak.service import QUERY_WORKER
from tests.soak.watch import Held, Sample, of_role

# Memory at the end, over half a minute, against that around the end of the first minute; of the fifth in a long soak.
GROWTH = 1.1
# In a soak too short to have a minute one and an end apart from it, caches are still filling.
_SHORT_GROWTH, _SHORT_SECONDS = 1.3, 300
# Of a process of a few MiB a tenth is a few pages of a library that was read in; less than this is no growth.
SLACK_MEGABYTES = 2.0
PROBE_SECONDS = 0.5
LAG_SECONDS = 10.0
# An answer comes half a second after the deadline, and another half is for the machine, which runs all the clients
# too; one in a hundred may have met a moment when it had no time at all.
DEADLINE_SECONDS = float(Settings().sparql_seconds)
MEMORY_MEGABYTES = Settings().sparql_memory_mb
LATE_SECONDS = 0.5 + 0.5
LATEST_SECONDS = 2.0
ROLES = (
    "service",
    "web server",
    "web worker",
    "follower",
    "search index",
    "broker",
    QUERY_WORKER,
    "resource tracker",
)
_WINDOW, _MINUTE, _LONG = 30.0, 60.0, 15 * 60.0
# Everyone but query workers is one process from beginning to end, and these are two.
_NUMBERS = {"web worker": 2}


def first_minute(soak: Soak) -> int:
    """The minute from which memory is held to be steady."""
    return 5 if soak.seconds >= _LONG else 1


def windows(soak: Soak) -> tuple[list[Sample], list[Sample]]:
    """The samples around minute one (or five), and the last half minute; in a short soak its thirds."""
    last = soak.watch.between(soak.seconds - _WINDOW, soak.seconds)
    start = first_minute(soak) * _MINUTE
    first = soak.watch.between(start - _WINDOW / 2, start + _WINDOW / 2)
    if soak.seconds < start + 1.5 * _WINDOW:
        first = soak.watch.between(soak.seconds / 3, 2 * soak.seconds / 3)
        last = soak.watch.between(2 * soak.seconds / 3, soak.seconds)
    return first, last


def growth(soak: Soak, role: str) -> tuple[float, float, float, float]:
    """Memory of a role: mean at first, mean at the end, largest process at first, largest at the end."""
    first, last = (of_role(samples, role, _rss) for samples in windows(soak))
    return first[0], last[0], first[1], last[1]


def resting_workers(soak: Soak) -> tuple[float, float]:
    """What a query worker holds that is at no large query, at first and at the end: a quarter holds less."""
    first, last = (
        [held.rss for sample in samples for held in sample.held.get(QUERY_WORKER, {}).values()]
        for samples in windows(soak)
    )
    return at(first, 0.25), at(last, 0.25)


def complaints(soak: Soak) -> Iterator[str]:
    """Every promise that was broken."""
    yield from _of_memory(soak)
    yield from _of_processes(soak)
    yield from _of_answers(soak)
    yield from _of_the_index(soak)
    if len(soak.watch.samples) < soak.seconds / 3:
        yield f"nobody watched: {len(soak.watch.samples)} samples"
    if soak.failure:
        yield f"the writer failed: {soak.failure}"
    if "Traceback" in soak.said:
        yield f"a traceback:\n{soak.said[soak.said.index('Traceback') :][:3000]}"


def _of_memory(soak: Soak) -> Iterator[str]:
    allowed = GROWTH if soak.seconds >= _SHORT_SECONDS else _SHORT_GROWTH
    for role in ROLES:
        before, after, largest, largest_after = growth(soak, role)
        pairs = [("mean", before, after), ("largest process", largest, largest_after)]
        if role == QUERY_WORKER:
            # While one is at a query, it holds what the query asks for: that is bounded, not steady.
            pairs = [("at rest", *resting_workers(soak))]
            most = of_role(soak.watch.samples, role, _rss)[1]
            if most > MEMORY_MEGABYTES:
                yield f"a query worker held {most:.0f} MiB, more than the {MEMORY_MEGABYTES} it may have"
        for what, was, now in pairs:
            if now > max(was * allowed, was + SLACK_MEGABYTES):
                yield f"memory of the {role} grew ({what}): {was:.1f} -> {now:.1f} MiB"


def _of_processes(soak: Soak) -> Iterator[str]:
    for role in {role for sample in soak.watch.samples for role in sample.held}:
        seen = len(soak.watch.processes(role))
        if role not in ROLES:
            yield f"a process of no role: {role}"
        elif role != QUERY_WORKER and seen != _NUMBERS.get(role, 1):
            yield f"the {role} was started anew: {seen} processes were seen"
    if "another starts" in soak.said:
        yield f"a process was started anew:\n{soak.said[-2000:]}"
    if soak.orphans:
        yield f"still there after the service ended: {soak.orphans}"
    if soak.left:
        yield f"left over: {soak.left}"


def _of_answers(soak: Soak) -> Iterator[str]:
    for name, told in soak.told.items():
        if told.wrong:
            yield f"{name}: {len(told.wrong)} wrong answers, such as {told.wrong[0]}"
        if not told.seconds:
            yield f"{name}: nobody asked"
        for share, late in ((0.99, LATE_SECONDS), (1.0, LATEST_SECONDS)):
            if (slow := at(told.seconds, share)) > DEADLINE_SECONDS + late:
                yield f"{name}: answers came after {slow:.2f} s (share {share})"
    if (slow := at(soak.told["probe"].seconds, 0.99)) > PROBE_SECONDS:
        yield f"the probe's p99 is {slow * 1000:.0f} ms"


def _of_the_index(soak: Soak) -> Iterator[str]:
    lag = max(sample.lag for sample in soak.watch.samples)
    if lag > LAG_SECONDS:
        yield f"the index was {lag:.1f} s behind"
    if soak.verified:
        yield f"the index is not what the log has:\n{soak.verified[-2000:]}"


def _rss(held: Held) -> float:
    return held.rss


# -- print ---------------------------------------------------------------------------------------------------------


def table(soak: Soak) -> str:
    return "\n".join([*_memory_lines(soak), "", *_answer_lines(soak), "", *_other_lines(soak)])


def _memory_lines(soak: Soak) -> Iterator[str]:
    yield (
        f"{'MiB':17}{f'minute {first_minute(soak)}':>9}{'end':>8}{'ratio':>7}{'largest':>9}{'end':>7}{'ratio':>7}"
        + (f"{'own':>8}{'end':>7}{'PSS':>8}{'end':>7}{'files':>7}{'end':>5}{'seen':>6}")
    )
    first, last = windows(soak)
    for role in ROLES:
        before, after, largest, largest_after = growth(soak, role)
        if not before:
            continue
        own, pss, files = (
            [of_role(samples, role, what) for samples in (first, last)]
            for what in (lambda h: h.own, lambda h: h.pss, lambda h: h.descriptors)
        )
        yield f"{role:17}{before:9.1f}{after:8.1f}{after / before:7.2f}{largest:9.1f}{largest_after:7.1f}" + (
            f"{largest_after / largest:7.2f}{own[0][0]:8.1f}{own[1][0]:7.1f}{pss[0][0]:8.1f}{pss[1][0]:7.1f}"
            f"{files[0][1]:7.0f}{files[1][1]:5.0f}{len(soak.watch.processes(role)):6}"
        )


def _answer_lines(soak: Soak) -> Iterator[str]:
    yield f"{'':17}{'asked':>7}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}  by status"
    for name, told in soak.told.items():
        times = "".join(f"{at(told.seconds, share) * 1000:9.0f}" for share in (0.5, 0.99, 1.0))
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(told.statuses.items()))
        yield f"{name:17}{len(told.seconds):7}{times}  {statuses}"


def _other_lines(soak: Soak) -> Iterator[str]:
    lags = [sample.lag for sample in soak.watch.samples]
    sizes = [sample.index_megabytes for sample in soak.watch.samples]
    yield (
        f"{soak.changes} changes in {soak.seconds:.0f} s; the index was at most {max(lags):.1f} s behind"
        + (f" (p50 {at(lags, 0.5):.1f} s), and had everything {soak.settled:.1f} s after the last")
    )
    yield (
        f"index on disk: {sizes[0]:.0f} MiB at first, {max(sizes):.0f} at most, {sizes[-1]:.0f} at the end; "
        + (f"results kept: {soak.watch.samples[-1].spool_files}")
    )
    resting = resting_workers(soak)
    yield f"a query worker at rest: {resting[0]:.1f} MiB at minute {first_minute(soak)}, {resting[1]:.1f} at the end"
    workers = (
        of_role(soak.watch.between(start, start + _WINDOW), "web worker", _rss)[0]
        for start in range(0, int(soak.seconds), max(60, int(soak.seconds / 15)))
    )
    yield f"web workers through the time: {', '.join(f'{held:.0f}' for held in workers)} MiB"
    yield f"orphans: {soak.orphans or 'none'}; left over: {soak.left or 'nothing'}"
