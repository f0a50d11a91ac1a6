"""One HTML page of figures that needs nothing else: no script, no font, no address; light or dark.

Pictures are SVG within it. Colours follow the reader's system, and nothing is told by colour alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from typing import NamedTuple, Protocol

from jinja2 import Environment, StrictUndefined, Template

from ebook_pipeline.books.measuring.anomalies import DayFigure
from ebook_pipeline.books.measuring.metrics import METRICS
from ebook_pipeline.foundation.toml_files import toml_beside

PER_DAY = (
    "submissions", "released", "rejected", "failed", "reviews_asked", "licences", "copies",
    "downloads", "previews", "edge_broken",
)  # fmt: skip
"""Metrics of which a picture shows each day."""
WIDTH, HEIGHT = 320, 90
_MOST_ROWS = 15


class Measured(DayFigure, Protocol):
    """A figure as it is kept, with all that it is of."""

    @property
    def format(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def events(self) -> int: ...


class Bar(NamedTuple):
    """A bar of a picture, in its units (px), and what it says when one points at it."""

    x: float
    y: float
    width: float
    height: float
    says: str


class Picture(NamedTuple):
    """A metric day by day: its total, its largest day, its bars."""

    title: str
    total: str
    most: str
    bars: Sequence[Bar]


class ShownDays(NamedTuple):
    """The days that a page shows, both included, and when it was made.

    `waiting`: when the first event happened that no figure counts yet; None where all are.
    """

    first: date
    last: date
    made_at: datetime
    waiting: datetime | None = None


def dashboard_html(
    figures: Iterable[Measured],
    span: ShownDays,
    alarms: Sequence[str] = (),
    *,
    language: str = "en",
    back: str = "",
) -> str:
    """The page of these figures, in English or German; `back`: where a link leads to, if anywhere.

    What is odd is told in English, as findings are.
    """
    known = [figure for figure in figures if span.first <= figure.day <= span.last]
    return _template().render(
        span=span,
        language=language,
        say=partial(_said, language),
        back=back,
        alarms=alarms,
        pictures=[_picture(name, known, span) for name in PER_DAY],
        width=WIDTH,
        height=HEIGHT,
        publishers=_publishers(known),
        stages=_stages(known),
        rules=_rules(known),
        kinds=_kinds(known),
    )


def _picture(name: str, figures: Sequence[Measured], span: ShownDays) -> Picture:
    by_day: dict[date, float] = defaultdict(float)
    for figure in figures:
        if figure.metric == name:
            by_day[figure.day] += figure.value
    days = [span.first + timedelta(n) for n in range((span.last - span.first).days + 1)]
    most = max(by_day.values(), default=0.0)
    step = WIDTH / len(days)
    bars = [
        Bar(
            round(number * step, 2),
            round(HEIGHT * (1 - by_day[day] / most), 2),
            round(step * 0.8, 2),
            round(HEIGHT * by_day[day] / most, 2),
            f"{day}: {by_day[day]:,.0f}",
        )
        for number, day in enumerate(days)
        if by_day.get(day)
    ]
    total = sum(by_day.values())
    return Picture(METRICS[name].title, f"{total:,.0f}", f"{most:,.0f}", bars)


def _publishers(figures: Sequence[Measured]) -> list[dict[str, str]]:
    """Of each publisher: editions, how many were rejected, on sale, sold."""
    sums = _sums(figures, "account")
    named = [(name, of) for name, of in sums.items() if name]
    rows = sorted(named, key=lambda item: (-item[1].get("editions", 0), item[0]))
    return [
        {
            "name": name,
            "editions": f"{of.get('editions', 0):,.0f}",
            "rejected": f"{of.get('rejected', 0):,.0f}",
            "share": _percent(of.get("rejected", 0), of.get("editions", 0)),
            "released": f"{of.get('released', 0):,.0f}",
            "sold": f"{of.get('licences', 0) + of.get('copies', 0):,.0f}",
        }
        for name, of in rows[:_MOST_ROWS]
    ]


def _kinds(figures: Sequence[Measured]) -> list[dict[str, str]]:
    """Formats and languages of editions taken."""
    counts: dict[tuple[str, str], float] = defaultdict(float)
    for figure in figures:
        if figure.metric == "editions":
            counts[figure.format or "–", figure.language or "–"] += figure.value
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"format": format, "language": language, "editions": f"{count:,.0f}"}
        for (format, language), count in rows[:_MOST_ROWS]
    ]


def _stages(figures: Sequence[Measured]) -> list[dict[str, str]]:
    """Of each stage: runs, seconds, the worst day's 95th percentile, rejections, failures."""
    sums = _sums(figures, "stage")
    slowest: dict[str, float] = defaultdict(float)
    for figure in figures:
        if figure.metric == "stage_p95":
            slowest[figure.stage] = max(slowest[figure.stage], figure.value)
    return [
        {
            "name": name,
            "runs": f"{of.get('stage_runs', 0):,.0f}",
            "mean": f"{of.get('stage_seconds', 0) / max(of.get('stage_runs', 0), 1):,.2f}",
            "p95": f"{slowest[name]:,.2f}",
            "rejected": f"{of.get('rejected', 0):,.0f}",
            "failed": f"{of.get('failed', 0):,.0f}",
        }
        for name, of in sums.items()
        if name
    ]


def _rules(figures: Sequence[Measured]) -> list[dict[str, str]]:
    counts: dict[str, float] = defaultdict(float)
    for figure in figures:
        if figure.metric == "findings":
            counts[figure.rule] += figure.value
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"rule": rule, "findings": f"{count:,.0f}"} for rule, count in rows[:_MOST_ROWS]]


def _sums(figures: Sequence[Measured], dimension: str) -> Mapping[str, Mapping[str, float]]:
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for figure in figures:
        sums[getattr(figure, dimension)][figure.metric] += figure.value
    return sums


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _said(language: str, words: str) -> str:
    """`words` of the page in this language: ``dashboard.<language>.toml`` has them by the English
    ones."""
    return words if language == "en" else _words(language)[words]


@cache
def _words(language: str) -> dict[str, str]:
    return toml_beside(__file__, f"dashboard.{language}.toml")


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _template() -> Template:
    source = files(__package__).joinpath("dashboard.html.j2").read_text(encoding="utf-8")
    return _environment().from_string(source)
