"""``ebooks review``: what waits for a person, and what that person decides."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.table import Table

from ebook_pipeline.books.reviewing.routing import Priority, load_routing
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, print_rows, safe
from ebook_pipeline.foundation.findings import in_one_line
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.comparison import compared
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reviewing import reviews, routing
from ebook_pipeline.services.reviewing.reviews import ReviewTask, TaskFilter
from ebook_pipeline.services.reviewing.routing import AssignmentChange
from ebook_pipeline.settings import Settings

_PRIORITIES = click.Choice([one.value for one in Priority])
_COLOURS = {
    Priority.URGENT: "bold red",
    Priority.HIGH: "red",
    Priority.NORMAL: "none",
    Priority.LOW: "dim",
}


@click.group()
def review() -> None:
    """Books that wait for a person."""


@review.command("list")
@click.option(
    "--mine", is_flag=True, help="Only what was given to you (the name of this shell's operator)."
)
@click.option("--assignee", help="Only somebody's; empty for what nobody has.")
@click.option("--overdue", is_flag=True, help="Only what should have been answered by now.")
@click.option("--priority", type=_PRIORITIES, help="Only of this priority.")
@as_json
def list_tasks(
    mine: bool, assignee: str | None, overdue: bool, priority: str | None, as_json: bool
) -> None:
    """What waits, the most pressing first."""
    settings = Settings()
    with Stack(settings).borrowed():
        name = actor().removeprefix("cli:") if mine else assignee
        wanted = TaskFilter(
            assignees=None if name is None else frozenset({name}),
            overdue=overdue,
            priority=Priority(priority) if priority else None,
        )
        tasks = reviews.tasks(opened(settings).database, wanted=wanted)
    print_json(tasks) if as_json else _print(tasks)


@review.command("show")
@click.argument("book")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the editor's page, which opens at the passages, to this file.",
)
def show_task(book: str, page: Path | None) -> None:
    """One task with its evidence, and the books of other accounts beside it, as JSON."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        known_book(resources.database, book)
        task = reviews.task(resources.database, book)
        beside = compared(resources.database, book)
        if page is not None:
            from ebook_pipeline.books.judging.report_page import put_beside

            page.write_bytes(put_beside(reviews.page(task, resources.object_store), beside))
    shown = task.model_dump(mode="json")
    print_json([shown | {"beside": [other.model_dump(mode="json") for other in beside]}])


@review.command()
@click.argument("book")
@click.option("--note", default="", help="Why; the author may read it.")
@as_json
def approve(book: str, note: str, as_json: bool) -> None:
    """Let a book through the release gate."""
    _decide(book, note, approved=True, as_json=as_json)


@review.command()
@click.argument("book")
@click.option("--note", default="", help="Why; the author may read it.")
@as_json
def reject(book: str, note: str, as_json: bool) -> None:
    """Close the release gate for this edition of a book."""
    _decide(book, note, approved=False, as_json=as_json)


@review.command()
@click.argument("book")
@click.argument("assignee", required=False)
@click.option("--priority", type=_PRIORITIES, help="How pressing it is.")
@click.option("--days", type=click.FloatRange(0, 365, min_open=True), help="Due so many days on.")
@as_json
def assign(
    book: str, assignee: str | None, priority: str | None, days: float | None, as_json: bool
) -> None:
    """Give a review to ASSIGNEE, an address or a name; an empty one frees it."""
    settings = Settings()
    change = AssignmentChange(
        assignee=assignee, priority=Priority(priority) if priority else None, days=days
    )
    with changing(settings) as resources:
        known_book(resources.database, book)
        task = routing.assign(resources.database, book, change, actor=actor())
    print_json([task]) if as_json else _print((task,))


@review.command()
@click.argument("book")
@click.option("--reason", required=True, help="What should be looked at.")
@as_json
def flag(book: str, reason: str, as_json: bool) -> None:
    """Put a book to review whatever quality says; it stops at the release gate.

    What is on sale already stays on sale: `ebooks withdraw` takes it off.
    """
    settings = Settings()
    with changing(settings) as resources:
        database, records = resources.database, RecordStore(resources.object_store)
        known_book(database, book)
        flagged = routing.flag(
            database,
            book,
            reason=reason,
            actor=actor(),
            evidence=routing.evidence_of(database, records, book),
            routing=load_routing(settings.review_routing),
        )
    if as_json:
        print_json([flagged])
        return
    then = "waits for a review" if flagged.task else "will wait at the release gate"
    console().print(f"{book}: edition {flagged.edition} {then}", markup=False)


@review.command()
@click.argument("book")
@as_json
def history(book: str, as_json: bool) -> None:
    """Everything that happened to a book's reviews, oldest first."""
    settings = Settings()
    with Stack(settings).borrowed():
        database = opened(settings).database
        known_book(database, book)
        changes = routing.history(database, book)
    if as_json:
        print_json(changes)
        return
    if not changes:
        messages().print(f"no person was ever asked about {safe(book)}")
    for one in changes:
        told = ", ".join(f"{name}: {value}" for name, value in one.detail.items() if value)
        line = f"{one.at:%Y-%m-%d %H:%M}  {one.action:9} {one.actor}  {told}"
        console().print(safe(line), soft_wrap=True)


def _print(tasks: Sequence[ReviewTask]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("book", "name", "edition", "priority", "due", "assignee", "why"):
        table.add_column(name, overflow="fold")
    now = datetime.now(UTC)
    for task in tasks:
        reasons = task.evidence.get("reasons") or [str(task.evidence.get("reason", ""))]
        late = "bold red" if task.due < now else "none"
        table.add_row(
            task.book,
            safe(task.name),
            str(task.edition),
            f"[{_COLOURS[task.priority]}]{task.priority}[/]",
            f"[{late}]{task.due:%Y-%m-%d %H:%M}[/]",
            safe(task.assignee or "–"),
            safe(in_one_line(reasons)[:300]),
        )
    print_rows(table, "nothing waits for a person")


def _decide(book: str, note: str, *, approved: bool, as_json: bool) -> None:
    settings = Settings()
    stack = Stack(settings)
    with changing(settings) as resources:
        database = resources.database
        known_book(database, book)
        decision = reviews.decide(database, book, approved=approved, note=note, actor=actor())
        live = releases.current(database, book)
    on_sale = live is not None and live.state == "live"
    if as_json:
        print_json([decision])
        return
    if not approved and on_sale:
        console().print(f"{book} is on sale still; `ebooks withdraw {book}` takes it off")
    then = "is taken up within seconds" if stack.process("dagster") else f"`ebooks retry {book}`"
    console().print(f"{book}: {'approved' if approved else 'rejected'}; {then}", markup=False)
