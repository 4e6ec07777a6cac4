"""What was found of OAI-PMH, as rows against section 8 of the architecture's budgets. Nothing is measured here."""

from collections.abc import Iterator

from tests.bench.harvest import CONNECTIONS, POLLED, Rate
from tests.bench.oai import IDENTIFIERS_PAGE, LATENCIES, PYOAI_RECORDS, SMALL_PAGE, TURNS, Found
from tests.bench.store import PAGE
from tests.bench.table import Row

_HOW = (
    f"one web worker; {CONNECTIONS} keep-alive harvesters, each walking its part of the list again and again; medians "
    f"of {TURNS} turns with all lists and nginx in turns"
)
_COLD = "one harvester, one worker, nothing rendered before; in brackets by the server's CPU time"
_PYOAI = (
    "BatchingServer behind the same HTTP server with the same page size, uncoded, the first "
    f"{PYOAI_RECORDS:,} records of the store; pyoai's cgi.parse_qs is patched, and it is spared paging by offset"
)
_CLIENT = "records a second of CPU time that all processes of the server took; the client's is not in it"


def rows(found: Found) -> Iterator[Row]:
    """What was found against section 8 of the architecture's budgets."""
    warm, cold = found.warm, found.cold
    yield _rate_row("ListRecords, whole harvest, warm, gzip", warm["records"], 500_000, 1_500_000, _HOW)
    yield _cpu_row("the same by the server's CPU time", warm["records"])
    if "two workers" in warm:
        yield _rate_row("the same with two web workers", warm["two workers"], 500_000, 1_500_000)
    if "nginx" in warm:
        yield _rate_row("nginx, the same pages as static .gz", warm["nginx"], note=_HOW)
        yield _cpu_row("the same by nginx's CPU time", warm["nginx"])
        yield _share_row("warm harvest / nginx", warm["records"].records, warm["nginx"].records)
        spent = warm["records"].by_cpu, warm["nginx"].by_cpu
        yield _share_row("warm harvest / nginx, by CPU time of the servers", *spent)
    yield _rate_row("ListRecords, warm, gzip, a single harvester", warm["one harvester"])
    if "nginx, one harvester" in warm:
        alone = warm["one harvester"].records, warm["nginx, one harvester"].records
        yield _share_row("the same / nginx with a single harvester", *alone)
    yield _rate_row("pyoai's tree server over HTTP", cold["pyoai"], note=_PYOAI)
    yield _rate_row("pyoai's tree server in process", cold["pyoai in process"], note=_PYOAI)
    times = warm["records"].records / cold["pyoai"].records
    by_cpu = warm["records"].by_cpu / cold["pyoai"].by_cpu
    shown = f"{times:,.0f} x ({by_cpu:,.0f} x by CPU time)"
    yield Row("warm harvest / pyoai", times, shown, 50, 100, unit=" x", note=_PYOAI)
    yield _cold_row("ListRecords, cold", cold["records"], 5_000, 10_000)
    yield _cold_row("ListIdentifiers, cold", cold["identifiers"])
    yield _cold_row("set type:article, first walk", cold["set"])
    yield _rate_row("ListRecords, warm, identity", warm["identity"], note=_HOW)
    yield _rate_row(f"ListIdentifiers, warm, pages of {IDENTIFIERS_PAGE:,}", warm["identifiers"], note=_HOW)
    yield _rate_row("set type:article (3 of 5), warm", warm["set"], note=_HOW)
    yield _rate_row(f"ListRecords, warm, pages of {SMALL_PAGE}", warm["pages of 500"], note=_HOW)
    yield from _page_rows(found)
    yield from _size_rows(found)


def _page_rows(found: Found) -> Iterator[Row]:
    yield depth_row(found.records, found.first, found.last)
    yield Row(
        f"daily poll: {POLLED} changes in {found.records:,}",
        found.poll,
        f"{found.poll:.1f} ms",
        20,
        better="less",
        unit=" ms",
        note="the budget is for 1,000,000 records",
    )


def depth_row(records: int, first: float, last: float) -> Row:
    return Row(
        f"last page / first page at {records:,}",
        last / first,
        f"{last / first:.2f} ({last:.2f} / {first:.2f} ms)",
        1.3,
        better="less",
        note=f"full pages of {PAGE:,}, gzip, warm, until received; medians of {LATENCIES}",
    )


def _size_rows(found: Found) -> Iterator[Row]:
    yield Row(
        f"memory of the web worker at {found.records:,}",
        found.memory,
        f"{found.memory:.0f} MiB ({found.memory_own:.0f} own)",
        150,
        better="less",
        unit=" MB",
        note="after all those harvests; not own are mapped files",
    )
    a_record = found.rendered * (1 << 20) / found.records
    yield Row(
        "rendered pages on disk",
        found.rendered,
        f"{found.rendered:,.0f} MiB ({a_record:,.0f} bytes a record; the log has {found.log:,.0f} MiB)",
        note="ListRecords, ListIdentifiers and the set of oai_dc, all that was kept of them",
    )


def _rate_row(
    what: str, rate: Rate, owed: float | None = None, wanted: float | None = None, note: str = ""
) -> Row:
    client = f"; client busy {rate.client:.0%}" if rate.client else ""
    # Then the client is slower than it need be: it looks for the token in all of a page.
    client += ", inflating" if rate.inflated > 0.5 else ""
    shown = f"{rate.records:,.0f}/s ({rate.size:,.0f} bytes a record{client})"
    return Row(what, rate.records, shown, owed, wanted, unit="/s", note=note)


def _cpu_row(what: str, rate: Rate) -> Row:
    return Row(what, rate.by_cpu, f"{rate.by_cpu:,.0f}/s", note=_CLIENT)


def _cold_row(what: str, rate: Rate, owed: float | None = None, wanted: float | None = None) -> Row:
    shown = f"{rate.records:,.0f}/s ({rate.by_cpu:,.0f})"
    return Row(what, rate.records, shown, owed, wanted, unit="/s", note=_COLD)


def _share_row(what: str, ours: float, theirs: float) -> Row:
    share = ours / theirs * 100
    return Row(what, share, f"{share:.1f} %", 5, 10, unit=" %")


PROFILED = {"warm": "a page that was rendered before", "cold": "a page's first rendering"}


def remarks(found: Found) -> str:
    """The profile's lines with most time of their own, and what was not measured."""
    lines = list(found.missing)
    for kind, head in PROFILED.items():
        lines.append(f"profile of {head}, pages of {PAGE:,}:")
        lines += [f"  {share:5.1%}  {ms:8.3f} ms a page  {name}" for share, ms, name in found.profile[kind]]
    return "\n".join(lines)
