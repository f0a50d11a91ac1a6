"""What verification saw, kept: requests over time, whose turn it is, and incidents with their ends.

An incident begins with the first fault after a success and ends with the recovery; each end is one
event, written in the transaction of the requests that showed it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, edge_tables, tables
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.releasing.releases import BookRelease
from ebook_pipeline.services.verifying.edge_check import EXPIRED, UNSIGNED, EdgeFault, PointCheck

KEPT = timedelta(days=90)
_CHECK = edge_tables.edge_check.c
_TURN = edge_tables.edge_turn.c
_INCIDENT = edge_tables.edge_incident.c
_CATALOG = tables.catalog.c
_WHOLE_POINT = ""
_MOST_TOLD = 10
_STEP = 0.01


class PointFigures(Record):
    """One point in the last `hours`: requests, the share answered rightly, and how fast (ms)."""

    point: str
    hours: int
    requests: int
    availability: float
    p50: float
    p95: float


class Incident(Record):
    """Something that is broken; `book` stands for all where the whole point is away."""

    point: str
    book: str
    everything: bool
    faults: tuple[EdgeFault, ...]
    began_at: datetime


def next_books(database: Database, number: int) -> list[str]:
    """The books to verify next: up to half of them broken ones, then the least recently verified.

    Books that were never verified come before all others.
    """
    broken = (
        select(_INCIDENT.book)
        .join(edge_tables.edge_turn, _TURN.book == _INCIDENT.book)
        .join(tables.catalog, _CATALOG.book == _INCIDENT.book)
        .where(_INCIDENT.ended_at.is_(None), _INCIDENT.scope != _WHOLE_POINT)
        .where(_CATALOG.state == "live")
        .order_by(_TURN.checked_at, _TURN.book)
    )
    seen = select(_TURN.book).where(_TURN.book == _CATALOG.book)
    never = select(_CATALOG.book).where(_CATALOG.state == "live", ~seen.exists())
    oldest = (
        select(_TURN.book)
        .join(tables.catalog, _CATALOG.book == _TURN.book)
        .where(_CATALOG.state == "live")
        .order_by(_TURN.checked_at, _TURN.book)
    )
    with database.begin() as connection:
        chosen: dict[str, None] = {}
        for query, most in (
            (broken, max(1, number // 2)),
            (never.order_by(_CATALOG.book), number),
            (oldest, number),
        ):
            if len(chosen) < number:
                chosen |= dict.fromkeys(connection.execute(query.limit(most)).scalars())
        return list(chosen)[:number]


def save_checks(
    database: Database, run: str, live: BookRelease, checks: Sequence[PointCheck]
) -> None:
    """Keep what came of a release at some points, with incidents and their events."""
    book, release = live.book, live.release
    with database.begin() as connection:
        rows = [
            {"run": run, "book": book, "release": release, **request.model_dump()}
            for check in checks
            for request in check.requests
        ]
        if rows:
            connection.execute(insert(edge_tables.edge_check), rows)
        if any(not check.away for check in checks):
            turned = upsert(edge_tables.edge_turn).values(book=book)
            now = {"checked_at": func.now()}
            connection.execute(turned.on_conflict_do_update(index_elements=["book"], set_=now))
        for check in checks:
            _judge(connection, book, release, check)


def open_incidents(database: Database) -> list[Incident]:
    """What is broken now, the oldest first."""
    query = select(edge_tables.edge_incident).where(_INCIDENT.ended_at.is_(None))
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_INCIDENT.id)).mappings().all()
    return [
        Incident(
            point=row["point"],
            book=row["book"],
            everything=row["scope"] == _WHOLE_POINT,
            faults=row["faults"],
            began_at=row["began_at"],
        )
        for row in rows
    ]


def tidy(database: Database, points: Iterable[str]) -> None:
    """End incidents of books off sale and of points not asked any more; forget old requests."""
    on_sale = select(_CATALOG.book).where(_CATALOG.state == "live")
    gone = _INCIDENT.point.not_in(list(points)) | (
        (_INCIDENT.scope != _WHOLE_POINT) & _INCIDENT.book.not_in(on_sale)
    )
    ended = update(edge_tables.edge_incident).values(ended_at=func.now())
    with database.begin() as connection:
        connection.execute(ended.where(_INCIDENT.ended_at.is_(None), gone))
        connection.execute(
            delete(edge_tables.edge_check).where(_CHECK.at < datetime.now(UTC) - KEPT)
        )


def figures(database: Database, hours: int) -> list[PointFigures]:
    """Availability (%) and latency of each point in the last `hours`; refusals do not count.

    Latencies are counted in steps of 1 %, for sorting a month of them takes seconds.
    """
    step = case((_CHECK.status == 200, func.round(func.ln(_CHECK.milliseconds + 0.01) / _STEP)))
    query = (
        select(_CHECK.point, _CHECK.whole, step.label("step"), func.count().label("requests"))
        .where(_CHECK.asked.not_in([UNSIGNED, EXPIRED]))
        .where(_CHECK.at > datetime.now(UTC) - timedelta(hours=hours))
        .group_by(_CHECK.point, _CHECK.whole, step)
    )
    rows: dict[str, list[Any]] = {}
    with database.begin() as connection:
        for row in connection.execute(query):
            rows.setdefault(row.point, []).append(row)
    return [_figures(point, hours, counted) for point, counted in sorted(rows.items())]


def _figures(point: str, hours: int, counted: Sequence[Any]) -> PointFigures:
    requests = sum(row.requests for row in counted)
    whole = sum(row.requests for row in counted if row.whole)
    steps: dict[float, int] = {}
    for row in counted:
        if row.step is not None:
            steps[row.step] = steps.get(row.step, 0) + row.requests
    return PointFigures(
        point=point,
        hours=hours,
        requests=requests,
        availability=round(100 * whole / requests, 3),
        p50=_quantile(steps, 0.5),
        p95=_quantile(steps, 0.95),
    )


def _quantile(steps: Mapping[float, int], share: float) -> float:
    """The milliseconds that so large a share of the requests did not exceed."""
    wanted, seen = share * sum(steps.values()), 0
    for step, requests in sorted(steps.items()):
        seen += requests
        if seen >= wanted:
            return round(math.exp(step * _STEP), 1)
    return 0.0


def latencies(database: Database, hours: int) -> dict[str, list[tuple[datetime, float]]]:
    """By point: the median milliseconds of each of 96 equal spans of the last `hours`."""
    seconds = hours * 3600 / 96
    span = func.date_bin(timedelta(seconds=seconds), _CHECK.at, datetime(2026, 1, 1, tzinfo=UTC))
    query = (
        select(_CHECK.point, span.label("begun"), _percentile(0.5).label("median"))
        .where(_CHECK.status == 200, _CHECK.at > datetime.now(UTC) - timedelta(hours=hours))
        .group_by(_CHECK.point, span)
        .order_by(_CHECK.point, span)
    )
    medians: dict[str, list[tuple[datetime, float]]] = {}
    with database.begin() as connection:
        for row in connection.execute(query):
            medians.setdefault(row.point, []).append((row.begun, row.median))
    return medians


def _percentile(share: float) -> Any:
    return func.percentile_cont(share).within_group(_CHECK.milliseconds)


def _judge(connection: Connection, book: str, release: str, checks: PointCheck) -> None:
    point = checks.requests[0].point
    grave = [fault for fault in checks.faults if fault.grave]
    if checks.away:
        _begin(connection, (point, _WHOLE_POINT), (book, release), grave)
        return
    _end(connection, (point, _WHOLE_POINT))
    if grave:
        _begin(connection, (point, book), (book, release), grave)
    else:
        _end(connection, (point, book))


def _begin(
    connection: Connection,
    key: tuple[str, str],
    named: tuple[str, str],
    faults: Sequence[EdgeFault],
) -> None:
    """The first of all who see it tells; those who come later only say what is wrong by now."""
    point, scope = key
    book, release = named
    documents = [fault.model_dump(mode="json") for fault in faults[:_MOST_TOLD]]
    row = {"point": point, "scope": scope, "book": book, "faults": documents}
    begun = upsert(edge_tables.edge_incident).values(row)
    is_open = _INCIDENT.ended_at.is_(None)
    new = begun.on_conflict_do_nothing(
        index_elements=["point", "scope"], index_where=is_open
    ).returning(_INCIDENT.id)
    if connection.execute(new).scalar() is None:
        known = update(edge_tables.edge_incident).where(
            _INCIDENT.point == point, _INCIDENT.scope == scope, is_open
        )
        connection.execute(known.values(faults=documents))
        return
    everything = scope == _WHOLE_POINT
    facts = {"point": point, "release": release, "everything": everything, "faults": documents}
    emit(connection, "edge.broken", book, facts)


def _end(connection: Connection, key: tuple[str, str]) -> None:
    point, scope = key
    ended = (
        update(edge_tables.edge_incident)
        .where(_INCIDENT.point == point, _INCIDENT.scope == scope, _INCIDENT.ended_at.is_(None))
        .values(ended_at=func.now())
        .returning(_INCIDENT.book, _INCIDENT.began_at, _INCIDENT.ended_at)
    )
    row = connection.execute(ended).first()
    if row is None:
        return
    seconds = round((row.ended_at - row.began_at).total_seconds(), 1)
    facts = {"point": point, "everything": scope == _WHOLE_POINT, "seconds": seconds}
    emit(connection, "edge.restored", row.book, facts)
