"""What is told as odd, and what is chance, habit or too little to say."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ebook_pipeline.books.measuring.anomalies import EdgeFigure, find_anomalies

DAY = date(2026, 11, 29)


def figure(metric: str, value: float, ago: int = 0, **dimensions: str) -> Any:
    facts = {"account": "press", "stage": "qa_report", **dimensions}
    return SimpleNamespace(day=DAY - timedelta(ago), metric=metric, value=value, **facts)


def editions(now: tuple[int, int], before: tuple[int, int]) -> list[Any]:
    """Rejected and taken, of the day and of each of four days before."""
    found = [figure("rejected", now[0]), figure("editions", now[1])]
    for ago in (1, 5, 9, 20):
        found += [figure("rejected", before[0], ago), figure("editions", before[1], ago)]
    return found


@pytest.mark.parametrize(
    ("now", "before", "odd"),
    [
        ((12, 20), (1, 20), True),
        ((1, 20), (1, 20), False),
        ((6, 9), (1, 20), False),  # too few editions
        ((3, 20), (1, 20), False),  # chance
        ((19, 20), (18, 20), False),  # as bad as ever
        ((10, 20), (0, 0), False),  # nothing to compare with
        ((30, 20), (40, 20), False),  # rejected of an earlier day
    ],
)
def test_a_publisher_whose_rejections_jump_is_odd(
    now: tuple[int, int], before: tuple[int, int], odd: bool
) -> None:
    found = find_anomalies(editions(now, before), (), DAY)
    assert [(one.kind, one.subject) for one in found] == [("rejection_rate", "press")] * odd
    if odd:
        assert found[0].message == "press: 12 of 20 editions rejected (60 %), usually 5 %"


@pytest.mark.parametrize(
    ("runs", "seconds", "odd"), [(30, 300, True), (30, 70, False), (10, 300, False)]
)
def test_a_stage_that_takes_twice_as_long_is_odd(runs: int, seconds: int, odd: bool) -> None:
    figures = [
        *(figure("stage_runs", runs), figure("stage_seconds", seconds)),
        *(figure("stage_runs", 100, 3), figure("stage_seconds", 200, 3)),
    ]
    assert bool(find_anomalies(figures, (), DAY)) is odd


def test_what_lies_longer_ago_than_four_weeks_is_no_habit() -> None:
    figures = [
        *(figure("stage_runs", 30), figure("stage_seconds", 300)),
        *(figure("stage_runs", 100, 29), figure("stage_seconds", 200, 29)),
    ]
    assert find_anomalies(figures, (), DAY) == ()


@pytest.mark.parametrize(
    ("available", "requests", "odd"), [(98.0, 50, 1), (99.5, 50, 0), (0, 5, 0)]
)
def test_a_point_that_does_not_answer_is_odd(available: float, requests: int, odd: int) -> None:
    assert len(find_anomalies([], [EdgeFigure("fra", available, requests)], DAY)) == odd
