"""``ebooks audit``: who did what, to which book, when, and what caused it."""

import json
from typing import Any

import click

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.terminal import Moment, as_json, console, print_json, safe
from ebook_pipeline.services import audit_chain
from ebook_pipeline.services.audit_chain import ChainReport
from ebook_pipeline.services.reporting import audit_log
from ebook_pipeline.services.reporting.audit_log import AuditFilter, AuditRow
from ebook_pipeline.settings import Settings


@click.command()
@click.option("--book", help="Only what was done to this book.")
@click.option("--person", help="Only what this person or program did, by whatever door.")
@click.option("--action", help="Only this action, as book.retry; `book.` is all that begin so.")
@click.option("--since", type=Moment(), help="Only from this time on.")
@click.option("--until", type=Moment(), help="Only before this time.")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--verify", is_flag=True, help="Say whether every row is as it was written.")
@click.option("--head", default="", help="With --verify: the head that it named earlier.")
@as_json
def audit(most: int, as_json: bool, verify: bool, head: str, **filters: Any) -> None:
    """Who did what: the last deeds, the oldest of them first.

    Rows are chained by keyed hashes. --verify ends with 1 where one was changed, put in or taken
    out by another way than an erasure, a purge or its age; it names the chain's head, which is to
    be noted elsewhere.
    """
    settings = Settings()
    if verify or head:
        with Stack(settings).borrowed():
            database = opened(settings).database
            _tell(audit_chain.verify(database, kept_days=settings.audit_kept_days, head=head))
        return
    wanted = AuditFilter.model_validate(filters)
    with Stack(settings).borrowed():
        found = audit_log.newest(opened(settings).database, wanted, most=most)
    if as_json:
        print_json(reversed(found))
        return
    for row in reversed(found):
        console().print(_line(row), soft_wrap=True)


def _tell(report: ChainReport) -> None:
    """Raises `click.exceptions.Exit` with 1 where the chain is broken."""
    print_json([report])
    if report.broken:
        raise click.exceptions.Exit(1)


def _line(row: AuditRow) -> str:
    when = row.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    detail = json.dumps(row.detail, ensure_ascii=False) if row.detail else ""
    who, what = safe(row.actor), f"[bold]{safe(row.action)}[/]"
    return "  ".join(filter(None, (when, who, what, safe(row.book), safe(detail))))
