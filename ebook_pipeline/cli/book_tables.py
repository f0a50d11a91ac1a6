"""Books as people see them: the table of many, one in full."""

import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from rich.markup import escape
from rich.table import Table

from ebook_pipeline.cli.terminal import console, print_finding, print_plain, print_rows
from ebook_pipeline.services.reporting.status import BookState, BookStatus
from ebook_pipeline.services.reporting.status_lines import StatusLine

_AT_A_TIME = 1000
_TEXTS, _NUMBERS = ("book", "state", "findings", "stage"), ("pages", "words", "seconds")
_NONE = "no such book: `ebooks ingest` and the landing folder bring some"

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
    print_table([(book, findings_in_short(book)) for book in books])


def print_lines(lines: Iterable[StatusLine]) -> None:
    """The same of very many books, a table for each thousand: none waits for the last."""
    empty = True
    while part := list(itertools.islice(lines, _AT_A_TIME)):
        print_table([(line, _counted(line.findings)) for line in part])
        empty = False
    if empty:
        print_table([])


def print_table(rows: Sequence[tuple[BookStatus | StatusLine, str]]) -> None:
    """A table of books, each with its findings in short."""
    cells = [_cells(book, findings) for book, findings in rows]
    if cells and not sys.stdout.isatty():
        print_plain((*_TEXTS, *_NUMBERS), cells, texts=len(_TEXTS))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _TEXTS:
        table.add_column(name, overflow="fold")
    for name in _NUMBERS:
        table.add_column(name, justify="right")
    for (book, _), (name, state, *others) in zip(rows, cells, strict=True):
        table.add_row(escape(name), f"[{_COLOURS[book.state]}]{state}[/]", *others)
    print_rows(table, _NONE)


def _cells(book: BookStatus | StatusLine, findings: str) -> tuple[str, ...]:
    return (
        book.book,
        book.state.value,
        findings,
        book.stage,
        f"{book.pages:,}" if book.pages else "",
        f"{book.words:,}" if book.words else "",
        f"{sum(book.seconds.values()):.1f}",
    )


def findings_in_short(book: BookStatus) -> str:
    """``2 errors, 1 warning``: what matters of a book's findings."""
    return _counted(Counter(finding.severity.value for finding in book.findings))


def _counted(counts: Mapping[str, int]) -> str:
    found = ((counts.get(name, 0), name) for name in ("fatal", "error", "warning"))
    return ", ".join(f"{n} {name}{'s' * (n > 1)}" for n, name in found if n)


def print_book(book: BookStatus) -> None:
    """One book in full: what was found, where, and what to do about it."""
    out = console()
    name = f"{book.book}, edition {book.edition}"
    called = book.title or PurePath(book.source).name or book.book
    out.print(f"[bold]{escape(called)}[/]  ({escape(name)})")
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
