"""What is odd about a day, against the four weeks before it: for people, who judge it."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from ebook_pipeline.foundation.record import Record

BASELINE = timedelta(days=28)
LEAST_EDITIONS = 10
"""Editions of a day below which a share of them says nothing."""
LEAST_RUNS = 20
"""Runs of a stage in a day below which their mean says nothing."""
TIMES = 2.0
"""So many times the usual rate or duration is odd, if it is no chance either."""
DEVIATIONS = 3.0
"""Standard deviations between two shares that chance does not explain: once in 700 days."""
LEAST_AVAILABLE = 99.0
"""Per cent of the edge's answers in a day."""
LEAST_REQUESTS = 20


class DayFigure(Protocol):
    """A figure as it is kept."""

    @property
    def day(self) -> date: ...
    @property
    def metric(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def value(self) -> float: ...


class EdgeFigure(NamedTuple):
    """What a point of the edge answered in a day: per cent rightly, of so many requests."""

    point: str
    available: float
    requests: int


class Anomaly(Record):
    """Something odd: of which kind, about whom or what, on which day, in a sentence."""

    kind: str
    subject: str
    day: date
    message: str


def find_anomalies(
    figures: Iterable[DayFigure], edge: Sequence[EdgeFigure], day: date
) -> tuple[Anomaly, ...]:
    """Publishers who are refused more, stages that are slower, points of the edge that fail."""
    known = list(figures)
    return (*_rejections(known, day), *_slow_stages(known, day), *_edge(edge, day))


def _rejections(figures: Sequence[DayFigure], day: date) -> Iterable[Anomaly]:
    taken = _sums(figures, "editions", lambda figure: figure.account, day)
    refused = _sums(figures, "rejected", lambda figure: figure.account, day)
    for account, (editions, before) in sorted(taken.items()):
        bad, bad_before = refused.get(account, (0.0, 0.0))
        if editions < LEAST_EDITIONS or not _jumped(bad, editions, bad_before, before):
            continue
        share, usual = _share(bad, editions), _share(bad_before, before)
        message = (
            f"{account or 'nobody'}: {bad:.0f} of {editions:.0f} editions rejected ({share}),"
            f" usually {usual}"
        )
        yield Anomaly(kind="rejection_rate", subject=account, day=day, message=message)


def _jumped(bad: float, of: float, bad_before: float, of_before: float) -> bool:
    """Whether a share is twice the usual one, and not by chance (two-proportion z-test)."""
    if not of_before:
        return False
    now, usual = min(bad / of, 1.0), min(bad_before / of_before, 1.0)
    pooled = (bad + bad_before + 1) / (of + of_before + 2)
    spread = math.sqrt(pooled * (1 - min(pooled, 0.999)) * (1 / of + 1 / of_before))
    return now >= TIMES * usual and now - usual > DEVIATIONS * spread


def _slow_stages(figures: Sequence[DayFigure], day: date) -> Iterable[Anomaly]:
    runs = _sums(figures, "stage_runs", lambda figure: figure.stage, day)
    seconds = _sums(figures, "stage_seconds", lambda figure: figure.stage, day)
    for stage, (count, before) in sorted(runs.items()):
        took, took_before = seconds.get(stage, (0.0, 0.0))
        if count < LEAST_RUNS or before < LEAST_RUNS:
            continue
        mean, usual = took / count, took_before / before
        if mean > TIMES * usual and mean > 1:
            message = f"{stage}: {mean:.1f} s a book, usually {usual:.1f} s"
            yield Anomaly(kind="slow_stage", subject=stage, day=day, message=message)


def _edge(edge: Sequence[EdgeFigure], day: date) -> Iterable[Anomaly]:
    for seen in edge:
        if seen.requests >= LEAST_REQUESTS and seen.available < LEAST_AVAILABLE:
            message = f"{seen.point}: {seen.available:.1f} % of {seen.requests} requests answered"
            yield Anomaly(kind="edge", subject=seen.point, day=day, message=message)


def _sums(
    figures: Sequence[DayFigure], metric: str, key: Callable[[DayFigure], str], day: date
) -> dict[str, tuple[float, float]]:
    """By key: what the day has of the metric, and what the four weeks before it have."""
    now: dict[str, float] = defaultdict(float)
    before: dict[str, float] = defaultdict(float)
    for figure in figures:
        if figure.metric == metric and day - BASELINE <= figure.day <= day:
            (now if figure.day == day else before)[key(figure)] += figure.value
    return {name: (value, before.get(name, 0.0)) for name, value in now.items()}


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "unknown"
