"""``ebooks analytics``: events into the lake, figures of days, and both to take away."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.terminal import as_json, console, print_json
from ebook_pipeline.settings import Settings

_DAY = click.DateTime(["%Y-%m-%d"])
_WAIT_SECONDS = 60.0


@click.group()
def analytics() -> None:
    """What all books together did: the lake, its figures, and both to take away."""


@analytics.command()
@click.option("--since", type=_DAY, help="Reckon anew from this day on (UTC); new events' days.")
@as_json
def update(since: datetime | None, as_json: bool) -> None:
    """Take new events into the lake and reckon the figures of their days."""
    from ebook_pipeline.services.measuring.downloads import take_downloads
    from ebook_pipeline.services.measuring.figures import Figures
    from ebook_pipeline.services.measuring.lake import Lake

    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        take_downloads(resources.database, resources.download_log)
        lake = Lake(resources.database, resources.object_store, _WAIT_SECONDS)
        days = [since.date(), _today()] if since else lake.new_days()
        loaded = lake.load()
        lake.compact()
        made = Figures(resources.database, lake, resources.lake_engine)
        done = made.reckon(days[0], days[-1]) if days else None
    if as_json:
        print_json([{"events": loaded.events, **(done.model_dump() if done else {})}])
        return
    figures = f", {done.figures} figures of {done.days} days" if done else ""
    console().print(f"{loaded.events} new events{figures}")


@analytics.command("export")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--since", type=_DAY, help="From this day on (UTC); 30 days if unset.")
@click.option("--metric", "metrics", multiple=True, help="Only this one; may be repeated.")
@click.option("--account", "accounts", multiple=True, help="Only of this account.")
def export_figures(
    target: Path, since: datetime | None, metrics: tuple[str, ...], accounts: tuple[str, ...]
) -> None:
    """Write daily figures to TARGET, a .csv or .parquet file that pandas reads."""
    from ebook_pipeline.services.measuring import frames

    settings = Settings()
    first = since.date() if since else _today() - timedelta(days=30)
    with Stack(settings).borrowed():
        resources = opened(settings)
        frame = frames.figures_frame(
            resources.database, first, _today(), metrics=metrics, accounts=accounts
        )
    frames.write(frame, target)
    console().print(f"{len(frame)} figures in {target}")


@analytics.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366))
@click.option("--account", "accounts", multiple=True, help="Only of this account.")
def dashboard(target: Path, days: int, accounts: tuple[str, ...]) -> None:
    """Write the last days' figures to TARGET: one HTML page that needs nothing else."""
    from ebook_pipeline.services.measuring.pages import figures_page

    settings = Settings()
    with Stack(settings).borrowed():
        page = figures_page(opened(settings).database, days, accounts=accounts or None)
    target.write_text(page, encoding="utf-8")
    console().print(f"{days} days in {target}")


def _today() -> date:
    return datetime.now(UTC).date()
