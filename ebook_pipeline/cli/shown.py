"""What commands print: tables for people, one JSON object per line for programs."""

import json
import sys
from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ebook_pipeline.books.findings import Finding, Severity
from ebook_pipeline.books.records import Record
from ebook_pipeline.services.status import BookStatus, State

_COLOURS = {
    State.RELEASED: "green",
    State.NEEDS_REVIEW: "yellow",
    State.IN_PROGRESS: "cyan",
    State.REJECTED: "red",
    State.FAILED: "bold red",
    State.WITHDRAWN: "dim",
}

_WIDE = 200

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


def console() -> Console:
    """Standard output; where that is no terminal, wide enough that a row stays a line."""
    width = None if sys.stdout.isatty() else _WIDE
    return Console(highlight=False, width=width)


def messages() -> Console:
    """For everything that is no result: standard output is the result's alone."""
    return Console(stderr=True, highlight=False)


def print_json(records: Iterable[Record | dict[str, object]]) -> None:
    for record in records:
        facts = record.model_dump(mode="json") if isinstance(record, Record) else record
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_books(books: Sequence[BookStatus]) -> None:
    """The table of books: how each ended, what was found, how big it is, what it took."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("book", "state", "findings", "stage"):
        table.add_column(name, overflow="fold")
    for name in ("pages", "words", "seconds"):
        table.add_column(name, justify="right")
    for book in books:
        table.add_row(
            escape(book.book),
            f"[{_COLOURS[book.state]}]{book.state}[/]",
            findings_in_short(book),
            book.stage,
            f"{book.pages:,}" if book.pages else "",
            f"{book.words:,}" if book.words else "",
            f"{sum(book.seconds.values()):.1f}",
        )
    console().print(table)


def findings_in_short(book: BookStatus) -> str:
    """``2 errors, 1 warning``: what matters of a book's findings."""
    counts = {
        name: sum(finding.severity is severity for finding in book.findings)
        for severity, name in (
            (Severity.FATAL, "fatal"),
            (Severity.ERROR, "error"),
            (Severity.WARNING, "warning"),
        )
    }
    return ", ".join(f"{n} {name}{'s' * (n > 1)}" for name, n in counts.items() if n)


def print_book(book: BookStatus) -> None:
    """One book in full: what was found, where, and what to do about it."""
    out = console()
    name = f"{book.book}, edition {book.edition}"
    out.print(f"[bold]{escape(book.title or book.book)}[/]  ({escape(name)})")
    state = f"[{_COLOURS[book.state]}]{book.state}[/]"
    out.print(f"{state} at {book.stage or 'the door'}  {escape(book.reason)}")
    out.print(f"source: {escape(book.source)}")
    if book.live_edition:
        out.print(f"on sale: edition {book.live_edition}")
    for name, url in book.links.items():
        out.print(f"{name}: {url}", soft_wrap=True)
    for finding in book.findings:
        _print_finding(out, finding)
    for stage, seconds in book.seconds.items():
        out.print(f"{stage:22} {seconds:8.2f} s")


def _print_finding(out: Console, finding: Finding) -> None:
    place = f" at {escape(finding.place)}" if finding.place else ""
    what = f"{escape(finding.rule)}{place}: {escape(finding.message)}"
    out.print(f"- [bold]{finding.severity}[/] {what}")
    if finding.remedy:
        out.print(f"  → {escape(finding.remedy)}")
