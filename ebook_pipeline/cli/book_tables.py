"""Books as people see them: the table of many, one in full."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from ebook_pipeline.cli.terminal import console, print_finding
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.services.reporting.status import BookState, BookStatus

_COLOURS = {
    BookState.RELEASED: "green",
    BookState.NEEDS_REVIEW: "yellow",
    BookState.IN_PROGRESS: "cyan",
    BookState.REJECTED: "red",
    BookState.FAILED: "bold red",
    BookState.WITHDRAWN: "dim",
}


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
        since = f", sold from {book.sold_from} on" if book.sold_from else ""
        out.print(f"on sale: edition {book.live_edition}{since}")
    if book.other_editions:
        out.print(f"other editions of the work: {escape(', '.join(book.other_editions))}")
    for name, url in book.links.items():
        out.print(f"{name}: {url}", soft_wrap=True)
    for finding in book.findings:
        print_finding(out, finding)
    for stage, seconds in book.seconds.items():
        out.print(f"{stage:22} {seconds:8.2f} s")
