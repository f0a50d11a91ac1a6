"""Small pictures of figures for the web UI: how all books ended, latency, counts by day."""

import io
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.records import Verdict

if TYPE_CHECKING:
    from PIL import Image

GOOD, DOUBTFUL, BAD = "#2f7d5b", "#d9a033", "#b8483f"
INK, PAPER, PALE = "#2b2b2b", "#ffffff", "#e8e6e1"
VERDICTS = {Verdict.PASS: GOOD, Verdict.NEEDS_REVIEW: DOUBTFUL, Verdict.REJECT: BAD}
OUTCOMES = {
    "released": GOOD,
    "waiting": DOUBTFUL,
    "needs_review": DOUBTFUL,
    "rejected": BAD,
    "failed": "#7a2e4d",
}
OTHER = "#8a8f98"
BAR = "#4a6fa5"
LINES = (BAR, GOOD, DOUBTFUL, BAD, OTHER)
_DPI = 100
_THICK = 0.62
_ONE_AT_A_TIME = threading.Lock()  # Matplotlib's font cache is shared by all figures


def report_png(ended: Mapping[str, int], seconds: Mapping[str, float]) -> bytes:
    """How many books ended how, beside the median seconds of each stage; PNG, 960 pixels wide."""
    colours = [OUTCOMES.get(outcome, OTHER) for outcome in ended]
    with _ONE_AT_A_TIME:
        rows = max(2, len(ended), len(seconds))
        figure = _figure(9.6, 1.0 + 0.36 * rows)
        left, right = figure.subplots(1, 2)
        _bars(left, ended, colours, [f"{books:,.0f}" for books in ended.values()])
        _bars(right, seconds, [BAR] * len(seconds), [_seconds(took) for took in seconds.values()])
        left.set_ylim(rows - 0.5, -0.5)
        right.set_ylim(rows - 0.5, -0.5)
        left.set_title("books by outcome", loc="left")
        right.set_title("median seconds by stage", loc="left")
        return _png(figure)


def latency_png(points: Mapping[str, Sequence[tuple[datetime, float]]]) -> bytes:
    """Milliseconds over time (UTC), a line for each point; PNG, 720 pixels wide."""
    with _ONE_AT_A_TIME:
        figure = _figure(7.2, 2.6)
        axes = figure.add_subplot()
        for (name, line), colour in zip(points.items(), cycle(LINES), strict=False):
            times, values = [at for at, _ in line], [value for _, value in line]
            axes.plot(times, values, color=colour, label=name, marker=".", linewidth=1.5)
        axes.set_ylim(bottom=0)
        axes.set_title("median milliseconds until an answer", loc="left", color=INK)
        axes.xaxis.set_major_formatter(_clock(axes))
        axes.tick_params(labelsize=9, colors=INK, length=0)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        if points:
            axes.legend(frameon=False, fontsize=9)
        return _png(figure)


def daily_png(lines: Mapping[str, Mapping[date, float]], first: date, last: date) -> bytes:
    """Counts day by day, a line each, days without a count as 0; PNG, 720 pixels wide."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    with _ONE_AT_A_TIME:
        figure = _figure(7.2, 2.6)
        axes = figure.add_subplot()
        for (name, line), colour in zip(lines.items(), cycle(LINES), strict=False):
            counts = [line.get(day, 0.0) for day in days]
            axes.plot(days, counts, color=colour, label=name, marker=".", linewidth=1.5)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter(_clock(axes))
        axes.tick_params(labelsize=9, colors=INK, length=0)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, fontsize=9)
        return _png(figure)


def _clock(axes: Any) -> Any:
    import matplotlib.dates

    dates: Any = matplotlib.dates
    locator = dates.AutoDateLocator(tz=UTC)
    axes.xaxis.set_major_locator(locator)
    return dates.ConciseDateFormatter(locator, tz=UTC)


def shade(value: float) -> str:
    """The colour of a score, 0 to 1."""
    if value >= 0.8:
        return GOOD
    return DOUBTFUL if value >= 0.5 else BAD


def _seconds(value: float) -> str:
    digits = 2 if value < 1 else 1 if value < 100 else 0
    return f"{value:,.{digits}f} s"


def _figure(width: float, height: float) -> Any:
    """A figure of its own canvas: pyplot's state is shared by all threads."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _bars(
    axes: Any, values: Mapping[str, float], colours: Sequence[str], shown: Sequence[str]
) -> None:
    """Horizontal bars in the order of `values`, first on top, each with what is `shown` of it."""
    places = range(len(values))
    bars = axes.barh(places, list(values.values()), color=colours, height=_THICK)
    axes.bar_label(bars, labels=[f" {figure}" for figure in shown], color=INK, fontsize=9)
    names = [name.replace("_", " ") for name in values]
    axes.set_yticks(places, names, color=INK, fontsize=10)
    axes.invert_yaxis()
    axes.margins(x=0.18)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(PALE)


def _png(figure: Any) -> bytes:
    """The same bytes for the same figures: no version of the library is written into it."""
    from PIL import Image

    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    with Image.open(stream) as picture:
        return fewer_colours(picture.convert("RGB"))


def fewer_colours(picture: "Image.Image") -> bytes:
    """`picture` as PNG: a palette is enough for bars, and half the size."""
    out = io.BytesIO()
    picture.quantize(64).save(out, format="PNG", optimize=True)
    return out.getvalue()
