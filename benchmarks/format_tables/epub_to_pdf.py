"""EPUB → PDF on all novels and samples: what it costs and what is kept, against Calibre.

Ours is measured as Calibre is: a fresh process per book, the browser included. What the pipeline
does, many books in one process, is measured beside it.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.format_tables import Options, Table, calibre, measured
from benchmarks.format_tables.pdf_fidelity import Fidelity, fidelity
from ebook_pipeline.books.converting.to_pdf.reading_pdf import print_epub
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.tools.browser import Browser

_COLUMNS = (
    "book",
    "printed by",
    "cpu s",
    "MB",
    "pages",
    "words",
    "links",
    "outline",
    "tagged",
    "findings",
)


@dataclass(frozen=True)
class Print:
    """A PDF, or nothing where it failed, its cost and its worth; `said` are rules of findings."""

    cpu_seconds: float
    size: int = 0
    kept: Fidelity | None = None
    said: str = ""


def table(options: Options) -> Table:
    entries = options.entries("novel", "sample")
    books = [options.corpus / entry["name"] for entry in entries if entry["format"] == "epub"]
    ours = [_ours(book, options) for book in books]
    theirs = [_theirs(book, options) for book in books] if calibre.available() else []
    rows = [_row(book.stem, "ours", made) for book, made in zip(books, ours, strict=True)]
    rows += [_row(book.stem, "calibre", made) for book, made in zip(books, theirs, strict=False)]
    batch = measured(_print_all, books, options.folder("ours-pdf")).cpu
    said = _said(ours, theirs, batch)
    return Table("EPUB → PDF", _COLUMNS, sorted(rows, key=lambda row: str(row[0])), said)


def _row(book: str, maker: str, made: Print) -> tuple[str | int | float | None, ...]:
    kept = made.kept
    if kept is None:
        return (book, maker, made.cpu_seconds, None, None, None, None, None, "failed", made.said)
    shares = (None if one is None else f"{one:.4f}" for one in (kept.words, kept.links))
    outline = None if kept.outline is None else f"{kept.outline:.3f}"
    tagged = "yes" if kept.tagged else "no"
    size = made.size / 1e6
    return (book, maker, made.cpu_seconds, size, kept.pages, *shares, outline, tagged, made.said)


def _said(ours: Sequence[Print], theirs: Sequence[Print], batch: float) -> str:
    spent = sum(made.cpu_seconds for made in ours)
    said = f"Ours: {_worth(ours)}; {spent:.0f} CPU s, {batch:.0f} in one process for all."
    if not theirs:
        return f"{said} Calibre is not installed: no comparison."
    other = sum(made.cpu_seconds for made in theirs)
    return (
        f"{said} Calibre: {_worth(theirs)}; {other:.0f} CPU s: "
        f"{other / spent:.1f} times ours, {other / batch:.1f} times those in one process."
    )


def _worth(prints: Sequence[Print]) -> str:
    kept = [made.kept for made in prints if made.kept is not None]
    words = [one.words for one in kept if one.words is not None]
    links = [one.links for one in kept if one.links is not None]
    outline = [one.outline for one in kept if one.outline is not None]
    low = [min(shares, default=1.0) for shares in (words, links, outline)]
    return (
        f"{len(kept)} of {len(prints)} books, at least {low[0]:.4f} of the words, "
        f"{low[1]:.3f} of the links, {low[2]:.3f} of the outline"
    )


def _ours(book: Path, options: Options) -> Print:
    folder = options.folder("ours-pdf")
    taken = measured(_print_all, [book], folder)
    target = folder / f"{book.stem}.pdf"
    if taken.result[0] is None:
        return Print(taken.cpu, said="failed")
    return Print(taken.cpu, target.stat().st_size, fidelity(book, target), taken.result[0])


def _theirs(book: Path, options: Options) -> Print:
    made = calibre.converted(book, options.folder("pdf") / f"{book.stem}.pdf")
    if made.returncode != 0:
        return Print(made.cpu_seconds, said=f"ended with {made.returncode}")
    return Print(made.cpu_seconds, made.path.stat().st_size, fidelity(book, made.path))


def _print_all(books: Sequence[Path], folder: Path) -> list[str | None]:
    """Print the books here; for each the rules of its findings, or None where it failed."""
    browser = Browser()
    return [_printed(book, folder / f"{book.stem}.pdf", browser) for book in books]


def _printed(book: Path, target: Path, browser: Browser) -> str | None:
    with tempfile.TemporaryDirectory() as scratch:
        try:
            printed = print_epub(book, target, browser, Path(scratch))
        except PipelineError:
            return None
    return " ".join(sorted(finding.rule for finding in printed.findings))
