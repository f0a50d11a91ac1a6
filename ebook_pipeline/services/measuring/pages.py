"""The page of figures: of all accounts, or of somebody's own."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from ebook_pipeline.books.measuring.dashboard import ShownDays, dashboard_html
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.measuring.alarms import odd_things, oldest_waiting
from ebook_pipeline.services.measuring.figures import figures


def figures_page(
    database: Database,
    days: int = 30,
    *,
    accounts: Collection[str] | None = None,
    language: str = "en",
    back: str = "",
) -> str:
    """HTML of the last `days`, today included; only of `accounts` where these are given.

    What is odd about today and yesterday stands on the page of all accounts alone.
    """
    now = datetime.now(UTC)
    waiting = oldest_waiting(database)
    utc = waiting.astimezone(UTC) if waiting else None
    span = ShownDays(now.date() - timedelta(days=days - 1), now.date(), now, utc)
    known = figures(database, span.first, span.last, accounts=accounts)
    alarms = []
    if accounts is None:
        for day in (span.last, span.last - timedelta(days=1)):
            alarms += [f"{day}: {odd.message}" for odd in odd_things(database, day)]
    return dashboard_html(known, span, alarms, language=language, back=back)
