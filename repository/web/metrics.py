"""/metrics: how the service is, for Prometheus. What requests were is in `tallies`; the rest is looked up when asked.

Every look is bounded, and one that fails leaves its own figures out and nothing else.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network
from json import loads

from flask import request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from repository import __version__
from repository.assembly import House
from repository.dump import Counted
from repository.harvest.position import KEY
from repository.harvest.stream import ENDED
from repository.index import snapshots
from repository.model.datestamps import parse_since
from repository.model.errors import DateError, LogError
from repository.web.clients import Clients
from repository.web.errors import Refused
from repository.web.http import NEVER_KEEP, Reply
from repository.web.tallies import BUCKETS, Row, Tallies

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Harvested sources that are told of; a name is in the log, so their number is nobody's to raise from outside.
_SOURCES = 200


@dataclass(frozen=True, slots=True)
class Metrics:
    """Told to whom the setting `metrics_from` names, and to proxies that are trusted; to nobody through a proxy that
    is not."""

    house: House
    tallies: Tallies
    clients: Clients
    counted: Counted

    def page(self) -> Reply:
        if not self._may_know():
            raise Refused(
                403,
                "Only programs that watch over this repository are told.",
                "Its maintainer names their addresses in the setting metrics_from.",
            )
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self._families))
        return Reply(
            lambda: generate_latest(registry), MEDIA_TYPE, cache=NEVER_KEEP, tagged=False, unlisted=True
        )

    def _may_know(self) -> bool:
        environ = request.environ
        address = self.clients.address(environ)
        if self.clients.trusts(environ) and self.clients.is_direct(environ):
            return True
        known = [ip_network(each.strip(), strict=False) for each in self._from() if each.strip()]
        return address is not None and any(
            address in network for network in known if network.version == address.version
        )

    def _from(self) -> list[str]:
        return self.house.settings.metrics_from.split(",")

    def _families(self) -> Iterator[Metric]:
        for look in (_build, self._requests, self._kept, self._log, self._indexes, self._sparql, self._disk):
            with suppress(LogError, OSError):
                yield from look()

    # -- what was counted ----------------------------------------------------------------------------------------

    def _requests(self) -> Iterator[Metric]:
        rows = list(self.tallies.rows())
        answered = CounterMetricFamily(
            "sheaf_requests", "Requests answered on this host.", labels=("route", "method", "status")
        )
        sent = CounterMetricFamily(
            "sheaf_sent_bytes", "Bytes of bodies, as they are sent.", labels=("route",)
        )
        took = HistogramMetricFamily(
            "sheaf_request_seconds", "Time from a request to its body, as it is made.", labels=("route",)
        )
        for row in rows:
            for (method, status), number in row.requests.items():
                answered.add_metric((row.rule, method, status), number)
            sent.add_metric((row.rule,), row.bytes)
            took.add_metric((row.rule,), _buckets(row), row.seconds)
        yield from (answered, sent, took)

    def _kept(self) -> Iterator[Metric]:
        found = self.tallies.others()
        yield _counter(
            "sheaf_replies",
            "Records answered without Flask, by whether the reply was kept.",
            "from",
            {"kept": found["replies_kept"], "made": found["replies_made"]},
        )
        yield _counter(
            "sheaf_oai_chunks",
            "Pieces of OAI-PMH lists, by whether they were kept.",
            "from",
            {"kept": found["chunks_found"], "made": found["chunks_made"]},
        )

    # -- what is -------------------------------------------------------------------------------------------------

    def _log(self) -> Iterator[Metric]:
        log = self.house.log
        with log.read() as reading:
            newest, datestamp = reading.newest()
        yield _gauge("sheaf_log_entry", "The last entry of the log.", newest)
        yield _gauge(
            "sheaf_log_datestamp_seconds", "When the last entry came, in seconds since 1970.", datestamp
        )
        if counts := self.counted.now():
            yield _gauge("sheaf_records", "Live records, as counted last.", counts.records)
        ages = GaugeMetricFamily(
            "sheaf_harvest_age_seconds",
            "Time since the last whole harvest: by the upstream's clock, of event streams by ours.",
            labels=("source", "prefix", "set"),
        )
        for key, text in list(log.remembered(KEY).items())[:_SOURCES]:
            with suppress(ValueError, TypeError, DateError, AttributeError):
                names, mark = loads(key.removeprefix(KEY)), parse_since(loads(text).get("mark") or "")
                ages.add_metric([str(name) for name in names], max(0.0, time.time() - mark))
        for key, text in list(log.remembered(ENDED).items())[:_SOURCES]:
            with suppress(ValueError):
                ages.add_metric([key.removeprefix(ENDED), "LDES", ""], max(0.0, time.time() - float(text)))
        yield ages

    def _indexes(self) -> Iterator[Metric]:
        source, search = self.house.index(), self.house.search.position()
        behind = {"sparql": source.seq if source else None, "search": search.seq if search else None}
        entries = GaugeMetricFamily(
            "sheaf_index_lag_entries", "Entries that an index has not.", labels=("index",)
        )
        seconds = GaugeMetricFamily(
            "sheaf_index_lag_seconds", "Time since the first entry that an index has not.", labels=("index",)
        )
        there = GaugeMetricFamily("sheaf_index_there", "Whether there is such an index.", labels=("index",))
        for name, seq in behind.items():
            there.add_metric((name,), seq is not None)
            if seq is not None:
                lag = self.house.log.lag(seq)
                entries.add_metric((name,), lag.entries)
                seconds.add_metric((name,), max(0.0, time.time() - lag.since) if lag.since else 0)
        yield from (there, entries, seconds)
        snapshot = None if source and source.remote else snapshots.current(self.house.settings.index_folder)
        if snapshot:
            age = max(0.0, time.time() - snapshot.made)
            yield _gauge("sheaf_snapshot_age_seconds", "Age of the snapshot that queries see.", age)

    def _sparql(self) -> Iterator[Metric]:
        found = self.house.sparql_counts()
        yield _gauge("sheaf_sparql_up", "Whether SPARQL queries are answered.", bool(found))
        if found:
            now = {name: found.pop(name, 0) for name in ("running", "waiting", "killed")}
            yield _gauge("sheaf_sparql_running", "Queries that run.", now["running"])
            yield _gauge("sheaf_sparql_waiting", "Queries that wait for a place.", now["waiting"])
            killed = CounterMetricFamily("sheaf_sparql_killed", "Processes ended for their query, or by it.")
            killed.add_metric((), now["killed"])
            yield killed
            yield _counter("sheaf_sparql_queries", "Queries by how they ended.", "how", found)

    def _disk(self) -> Iterator[Metric]:
        data = self.house.settings.data
        disk = shutil.disk_usage(data)
        yield _gauge("sheaf_disk_free_bytes", "Free on the disk of the data folder.", disk.free)
        yield _gauge("sheaf_disk_bytes", "Size of the disk of the data folder.", disk.total)
        files = [path for path in data.glob("log.sqlite*") if path.name in ("log.sqlite", "log.sqlite-wal")]
        if files and not self.house.settings.database_url:
            size = sum(path.stat().st_size for path in files)
            yield _gauge("sheaf_log_bytes", "Size of the log and its write-ahead log.", size)


@dataclass(frozen=True, slots=True)
class _Collector(Collector):
    families: Callable[[], Iterator[Metric]]

    def collect(self) -> Iterator[Metric]:
        return self.families()


def _build() -> Iterator[Metric]:
    build = GaugeMetricFamily("sheaf_build_info", "The version that answers.", labels=("version",))
    build.add_metric((__version__,), 1)
    yield build


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, label: str, numbers: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=(label,))
    for value, number in numbers.items():
        family.add_metric((value,), number)
    return family


def _buckets(row: Row) -> list[tuple[str, float]]:
    """As Prometheus has them: each with all that are below it."""
    total, found = 0, []
    for bound, number in zip((*map(str, BUCKETS), "+Inf"), row.buckets, strict=True):
        total += number
        found.append((bound, float(total)))
    return found
