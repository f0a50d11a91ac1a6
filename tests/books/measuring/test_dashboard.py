"""The page needs nothing else, is well-formed, and shows nobody's markup."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from lxml import html

from ebook_pipeline.books.measuring.dashboard import PER_DAY, ShownDays, dashboard_html

SPAN = ShownDays(date(2026, 11, 1), date(2026, 11, 30), datetime(2026, 11, 30, 12, tzinfo=UTC))


def figure(metric: str, value: float, **other: Any) -> Any:
    facts = {"day": SPAN.last, "account": "", "format": "", "language": "", "stage": "", "rule": ""}
    return SimpleNamespace(metric=metric, value=value, events=int(value), **{**facts, **other})


def found(page: str, path: str) -> list[str]:
    nodes: Any = html.fromstring(page).xpath(path)
    return list(nodes)


def cells(page: str, title: str) -> list[str]:
    return found(page, f"//section[h2='{title}']//tbody//td/text()")


def test_a_page_of_nothing_says_so() -> None:
    page = dashboard_html([], SPAN)
    assert "No stage ran." in page
    assert len(found(page, "//figure")) == len(PER_DAY)


def test_what_no_figure_counts_yet_is_said() -> None:
    waiting = SPAN._replace(waiting=datetime(2026, 11, 30, 11, 20, tzinfo=UTC))
    assert "what has happened since 2026-11-30 11:20 UTC" in dashboard_html([], waiting)
    assert "Noch nicht gezählt" in dashboard_html([], waiting, language="de")
    assert "Not counted yet" not in dashboard_html([], SPAN)


def test_it_asks_for_nothing_and_runs_nothing() -> None:
    page = dashboard_html([figure("released", 3)], SPAN)
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://|\son\w+=", page)


def test_what_somebody_called_themselves_is_text() -> None:
    rows = [figure("editions", 1, account="<script>x</script>"), figure("findings", 1, rule="<b>")]
    page = dashboard_html(rows, SPAN, ["<i>odd</i>"])
    assert "<script" not in page
    assert "&lt;i&gt;odd" in page


def test_days_are_bars_and_accounts_are_rows() -> None:
    rows = [
        figure("editions", 8, account="press"),
        figure("rejected", 2, account="press", stage="qa_report"),
        figure("editions", 2, account="press", day=SPAN.first),
        figure("released", 5, account="press", day=SPAN.first - timedelta(days=1)),
        figure("stage_runs", 4, stage="qa_report"),
        figure("stage_seconds", 6, stage="qa_report"),
        figure("stage_p95", 2.5, stage="qa_report"),
    ]
    page = dashboard_html(rows, SPAN)
    assert cells(page, "Publishers")[:5] == ["press", "10", "2", "20 %", "0"]
    assert cells(page, "Stages") == ["qa_report", "4", "1.50", "2.50", "2", "0"]
    says = found(page, "//rect/title/text()")
    assert says == ["2026-11-30: 2"]


def test_the_page_is_german_where_that_is_asked_for_and_leads_back() -> None:
    page = dashboard_html([], SPAN, language="de", back="/")
    for words in ('lang="de"', "Was alle Bücher taten", '<a href="/">Zurück</a>', "Keine Stufe"):
        assert words in page
    assert "Back" not in dashboard_html([], SPAN)
