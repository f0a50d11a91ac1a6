"""``ebooks audit``: who did what, to which book, when, and what caused it."""

import json
from typing import Any

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import Moment, as_json, console, messages, print_json, safe
from ebook_pipeline.services import audit_heads
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
@click.option("--head", default="", help="With --verify: a head that it named earlier.")
@click.option("--accept-end", metavar="REASON", help="Go on from here, though more was noted.")
@as_json
def audit(
    most: int, as_json: bool, verify: bool, head: str, accept_end: str | None, **filters: Any
) -> None:
    """Who did what: the last deeds, the oldest of them first.

    Rows are chained by keyed hashes, and the chain's end is noted in the object store every hour.
    --verify ends with 1 where a row was changed, put in or taken out by another way than an
    erasure, a purge or its age, and where the chain does not reach the end that was noted.
    --accept-end is for a database that was restored as of an earlier moment: what it has lost
    stands in the audit then, with the reason.
    """
    settings = Settings()
    if accept_end is not None:
        _accept_end(settings, accept_end)
        return
    if verify or head:
        with Stack(settings).borrowed():
            resources, kept = opened(settings), settings.audit_kept_days
            places = resources.database, resources.object_store
            _tell(audit_heads.verify(*places, kept_days=kept, head=head))
        return
    wanted = AuditFilter.model_validate(filters)
    with Stack(settings).borrowed():
        found = audit_log.newest(opened(settings).database, wanted, most=most)
    if as_json:
        print_json(reversed(found))
        return
    if not found:
        messages().print("nothing of this was done")
    for row in reversed(found):
        console().print(_line(row), soft_wrap=True)


def _accept_end(settings: Settings, reason: str) -> None:
    if not reason.strip():
        raise click.UsageError("say why: it stands in the audit for good")
    with changing(settings) as resources:
        places = resources.database, resources.object_store
        noted = audit_heads.accept_end(*places, reason.strip(), actor=actor())
    click.echo(noted.head)


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
