"""Reprocessings as people see them: the list, and what became of the books of one."""

from rich.table import Table

from ebook_pipeline.cli.terminal import console, print_json, print_rows, safe
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reprocessing import reprocessings, summary
from ebook_pipeline.services.reprocessing.reprocessings import Reprocessing

_BAD_ENDS = ("rejected", "failed")


def print_reprocessings(database: Database, *, as_json: bool) -> None:
    """The newest, each with how far it is."""
    found = reprocessings.list_newest(database)
    seen = summary.progress_of(database, found)
    if as_json:
        print_json(one.model_dump(mode="json") | _facts(seen[one.id]) for one in found)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("number", "stage", "of", "state", "books", "left", "about"):
        table.add_column(name, overflow="fold")
    for one in found:
        progress = seen[one.id]
        table.add_row(
            str(one.id),
            one.stage,
            safe(one.condition or one.cause),
            one.state.value,
            f"{progress.ended} of {one.books}",
            str(progress.left + progress.out),
            summary.duration(progress.seconds_left),
        )
    print_rows(table, "nothing was reprocessed yet")


def print_summary(database: Database, one: Reprocessing, *, as_json: bool) -> bool:
    """Its books by outcome and why; whether some were rejected or failed."""
    seen, why = summary.progress(database, one), summary.reasons(database, one.id)
    bad = any(seen.counts.get(name) for name in _BAD_ENDS)
    if as_json:
        reasons = [reason.model_dump() for reason in why]
        print_json([one.model_dump(mode="json") | _facts(seen) | {"reasons": reasons}])
        return bad
    console().print(
        f"reprocessing {one.id}, {one.stage}: {one.state}, {seen.ended} of {one.books} books"
        f"{', about ' + summary.duration(seen.seconds_left) if seen.seconds_left else ''}"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("outcome", "books", "stage", "why", "such as"):
        table.add_column(name, overflow="fold")
    for name, books in seen.counts.items():
        table.add_row(name, f"{books:,}", "", "", "")
    for reason in why:
        words = (reason.outcome, f"{reason.books:,}", reason.stage, reason.reason, reason.example)
        table.add_row(*map(safe, words))
    console().print(table)
    return bad


def _facts(seen: summary.Progress) -> dict[str, object]:
    return seen.model_dump(mode="json")
