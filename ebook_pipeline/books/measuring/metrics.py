"""Metrics of a day as Ibis expressions over the lake: the same on DuckDB and on Spark.

Each gives the columns of `COLUMNS`; what a metric is not told apart by is ''.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis

DIMENSIONS = ("account", "format", "language", "stage", "rule")
COLUMNS = ("day", *DIMENSIONS, "value", "events")
_OF_BOOKS = ("account", "format", "language")
_P95 = 0.95
_ADDED = {"what": "string", "times": "int64"}
"""Columns that lakes of older files only do not have."""


@dataclass(frozen=True)
class Metric:
    """What is measured, in which unit; `made_of` gives its rows from events with their books."""

    title: str
    unit: str
    made_of: "Callable[[ibis.Table], ibis.Table]"


def with_books(events: "ibis.Table", editions: "ibis.Table") -> "ibis.Table":
    """Events with `account`, `format` and `language` of their edition, or of the newest one.

    `editions` has a row for each edition of a book, and one with the number 0 for the newest.
    """
    import ibis

    later = {name: kind for name, kind in _ADDED.items() if name not in events.columns}
    events = events.mutate(**{name: ibis.null().cast(kind) for name, kind in later.items()})
    told = events.mutate(number=ibis.coalesce(events.edition, 0))
    told = told.mutate(stage=ibis.coalesce(told.stage, ""), rule=ibis.literal(""))
    of_books = editions.select("book", "number", *_OF_BOOKS)
    joined = told.left_join(of_books, ["book", "number"], rname="its_{name}")
    return joined.mutate(**{name: ibis.coalesce(joined[name], "") for name in _OF_BOOKS})


def daily(metric: Metric, events: "ibis.Table") -> "ibis.Table":
    """The metric's rows, with all columns; `events` come from `with_books`."""
    import ibis

    rows = metric.made_of(events)
    missing = {name: ibis.literal("") for name in DIMENSIONS if name not in rows.columns}
    typed = rows.mutate(
        **missing, value=rows.value.cast("float64"), events=rows.events.cast("int64")
    )
    return typed.select(*COLUMNS)


def _count(kind: str, *by: str, **where: Any) -> "Callable[[ibis.Table], ibis.Table]":
    """How many events of this type there were; `where` says what columns of them hold."""

    def rows(events: "ibis.Table") -> "ibis.Table":
        chosen = events.filter(events.type == kind)
        for name, value in where.items():
            chosen = chosen.filter(chosen[name] == value)
        grouped = chosen.group_by("day", *_OF_BOOKS, *by)
        return grouped.aggregate(value=chosen.count(), events=chosen.count())

    return rows


def _sum(column: str, kind: str, *what: str) -> "Callable[[ibis.Table], ibis.Table]":
    """The sum of a column of such events, only of those about one of `what`."""

    def rows(events: "ibis.Table") -> "ibis.Table":
        chosen = events.filter((events.type == kind) & events.what.isin(what))
        grouped = chosen.group_by("day", *_OF_BOOKS)
        return grouped.aggregate(value=chosen[column].sum(), events=chosen.count())

    return rows


def _editions(kind: str, *by: str) -> "Callable[[ibis.Table], ibis.Table]":
    """Of how many editions such events told: a rerun that ends alike is told once."""

    def rows(events: "ibis.Table") -> "ibis.Table":
        chosen = events.filter(events.type == kind)
        once = chosen.select("day", *_OF_BOOKS, *by, "book", "number").distinct()
        grouped = once.group_by("day", *_OF_BOOKS, *by)
        return grouped.aggregate(value=once.count(), events=once.count())

    return rows


def _seconds(share: float) -> "Callable[[ibis.Table], ibis.Table]":
    """Seconds that so large a share of the runs of a stage did not exceed."""

    def rows(events: "ibis.Table") -> "ibis.Table":
        chosen = events.filter((events.type == "stage.finished") & events.seconds.notnull())
        grouped = chosen.group_by("day", *_OF_BOOKS, "stage")
        return grouped.aggregate(
            value=chosen.seconds.quantile(share), events=chosen.seconds.count()
        )

    return rows


def _total_seconds(events: "ibis.Table") -> "ibis.Table":
    chosen = events.filter((events.type == "stage.finished") & events.seconds.notnull())
    grouped = chosen.group_by("day", *_OF_BOOKS, "stage")
    return grouped.aggregate(value=chosen.seconds.sum(), events=chosen.seconds.count())


def _findings(events: "ibis.Table") -> "ibis.Table":
    """Findings by stage and rule, of stages that ended either way."""
    chosen = events.filter(events.type.isin(["stage.finished", "book.rejected"]))
    each = chosen.select("day", *_OF_BOOKS, "stage", finding=chosen.findings.unnest())
    named = each.mutate(rule=each.finding["rule"])
    grouped = named.group_by("day", *_OF_BOOKS, "stage", "rule")
    return grouped.aggregate(value=named.count(), events=named.count())


def _review_hours(events: "ibis.Table") -> "ibis.Table":
    """Median hours from the question to the answer, on the day of the answer."""
    asked = events.filter(events.type == "review.asked").select("task", begun=events.at)
    decided = events.filter(events.type == "review.decided")
    both = decided.inner_join(asked, "task")
    # Of a part of a second DuckDB rounds, Spark cuts off.
    begun, ended = (at.truncate("s").epoch_seconds() for at in (both.begun, both.at))
    timed = both.mutate(hours=(ended - begun) / 3600)
    grouped = timed.group_by("day", *_OF_BOOKS)
    return grouped.aggregate(value=timed.hours.median(), events=timed.count())


def _down(events: "ibis.Table") -> "ibis.Table":
    """Seconds of incidents of the edge that ended on this day."""
    chosen = events.filter((events.type == "edge.restored") & events.seconds.notnull())
    grouped = chosen.group_by("day", *_OF_BOOKS)
    return grouped.aggregate(value=chosen.seconds.sum(), events=chosen.count())


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "submissions": Metric("Files that arrived", "files", _count("submission.received")),
        "editions": Metric("Editions taken", "editions", _count("edition.taken")),
        "rejected": Metric("Editions rejected", "editions", _editions("book.rejected", "stage")),
        "failed": Metric("Editions failed", "editions", _editions("book.failed", "stage")),
        "stage_runs": Metric("Runs of stages", "runs", _count("stage.finished", "stage")),
        "stage_seconds": Metric("Seconds of stages", "s", _total_seconds),
        "stage_median": Metric("Median of a stage", "s", _seconds(0.5)),
        "stage_p95": Metric("95th percentile of a stage", "s", _seconds(_P95)),
        "findings": Metric("Findings", "findings", _findings),
        "reviews_asked": Metric("Reviews asked", "reviews", _count("review.asked")),
        "approved": Metric("Approved", "reviews", _count("review.decided", approved=True)),
        "disapproved": Metric(
            "Rejected by a person", "reviews", _count("review.decided", approved=False)
        ),
        "review_hours": Metric("Median wait for a review", "h", _review_hours),
        "released": Metric("Releases on sale", "releases", _count("release.live")),
        "withdrawn": Metric("Taken off sale", "releases", _count("release.withdrawn")),
        "licences": Metric("Licences issued", "licences", _count("license.issued")),
        "returned": Metric("Loans returned", "licences", _count("license.returned")),
        "revoked": Metric("Licences revoked", "licences", _count("license.revoked")),
        "devices": Metric("Licences opened", "devices", _count("license.registered")),
        "copies": Metric("Buyers' copies made", "copies", _count("copy.made")),
        "downloads": Metric(
            "Books fetched from the edge", "downloads", _sum("times", "book.downloaded", "book")
        ),
        "previews": Metric(
            "Excerpts and previews fetched",
            "downloads",
            _sum("times", "book.downloaded", "excerpt", "preview"),
        ),
        "sent": Metric(
            "Bytes that the edge sent",
            "bytes",
            _sum("length", "book.downloaded", "book", "excerpt", "preview"),
        ),
        "edge_broken": Metric("Incidents at the edge", "incidents", _count("edge.broken")),
        "edge_down": Metric("Seconds broken at the edge", "s", _down),
    }
)
"""Every metric, by the name under which its figures are kept: names never change."""
