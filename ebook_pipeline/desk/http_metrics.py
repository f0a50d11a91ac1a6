"""What this process answered, and what Postgres knows, in the form that Prometheus reads.

Labels are routes' patterns and never what stands in an address: paths hold tokens.
"""

import time
from collections.abc import Iterable
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.measuring.gauges import Gauge, gauges

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "WS"})
_KEPT_SECONDS = 5.0
"""So long an answer of Postgres serves: whoever asks more often costs nothing."""


class HttpMetrics:
    """Counts answers; any number of threads may."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "ebooks_http_requests",
            "Answers of the desk, by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "ebooks_http_seconds",
            "Seconds until an answer of the desk had gone out, by route.",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer has gone out."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class PostgresCollector(Collector):
    """The gauges of `services/measuring/gauges.py`, asked for at most every few seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._asked_at = 0.0
        self._known: list[Gauge] = []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in self._gauges():
            family = families.get(gauge.name)
            if family is None:
                family = GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
                families[gauge.name] = family
            family.add_metric(list(gauge.labels.values()), gauge.value)
        return families.values()

    def _gauges(self) -> list[Gauge]:
        with self._lock:
            if time.monotonic() - self._asked_at > _KEPT_SECONDS:
                self._known, self._asked_at = gauges(self._database), time.monotonic()
            return self._known


def exposition(metrics: HttpMetrics, collector: PostgresCollector) -> bytes:
    """Everything, in Prometheus' text format.

    https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    asked = CollectorRegistry()
    asked.register(collector)
    return generate_latest(asked) + generate_latest(metrics.registry)
