"""One package of a picture book: its files, the sheet for KDP, what preflight says of them."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ebook_pipeline.books.converting.to_epub.container import write_zip
from ebook_pipeline.books.picture_books.brief import BookKind, Paper
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.printing.preflight import (
    Part,
    PreflightReport,
    PrintJob,
    preflight,
)
from ebook_pipeline.books.printing.print_rules import (
    CoverTemplate,
    PaperKind,
    Printer,
    rules_of,
)
from ebook_pipeline.books.producing.cover import cover_of, cover_pdf, pages_of
from ebook_pipeline.books.producing.fixed_layout_epub import write_fixed_layout
from ebook_pipeline.books.producing.interior import colouring_pdf, interior_pdf, trim_of
from ebook_pipeline.books.producing.kdp_sheet import as_markdown, kdp_sheet
from ebook_pipeline.books.producing.reflowable_epub import write_reflowable
from ebook_pipeline.books.producing.workbook import workbook_pdf
from ebook_pipeline.foundation.record import Record

PRINTER = Printer.KDP_PAPERBACK


class JudgedFile(Record):
    """A PDF of the package and what preflight found in it."""

    name: str
    report: PreflightReport


def make_files(book: PictureBook) -> dict[str, bytes]:
    """Every file of the package by its name, the sheet for KDP among them; the same each time."""
    lines = colouring_edition(book)
    interior = main_interior(book)
    colouring, workbook = colouring_files(lines)
    with tempfile.TemporaryDirectory(prefix="ebooks-epub-") as folder:
        fixed, flowing = (path.read_bytes() for path in epubs(book, Path(folder)))
    return {
        "interior.pdf": interior,
        "cover.pdf": main_cover(book, interior),
        "colouring/interior.pdf": colouring,
        "colouring/cover.pdf": main_cover(lines, colouring),
        "workbook.pdf": workbook,
        "fixed-layout.epub": fixed,
        "reflowable.epub": flowing,
        **sheets(book, pages_of(interior)),
    }


def edition_files(
    book: PictureBook, printer: Printer, template: CoverTemplate | None
) -> dict[str, bytes]:
    """Inside and cover for another printer, whose spine its own template says."""
    interior = main_interior(book, printer)
    cover = cover_pdf(book, interior, rules_of(printer), template)
    return {"interior.pdf": interior, "cover.pdf": cover}


def main_interior(book: PictureBook, printer: Printer = PRINTER) -> bytes:
    """The inside: in four inks, of a colouring book in black."""
    make = colouring_pdf if book.kind is BookKind.COLOURING else interior_pdf
    return make(book, rules_of(printer))


def colouring_files(lines: PictureBook) -> tuple[bytes, bytes]:
    """The colouring edition's inside and the workbook."""
    rules = rules_of(PRINTER)
    return colouring_pdf(lines, rules), workbook_pdf(lines, rules)


def main_cover(book: PictureBook, interior: bytes) -> bytes:
    """The cover of an interior as it was built."""
    return cover_pdf(book, interior, rules_of(PRINTER))


def epubs(book: PictureBook, folder: Path) -> tuple[Path, Path]:
    """The EPUBs in `folder`: fixed layout, reflowable."""
    fixed, flowing = folder / "fixed-layout.epub", folder / "reflowable.epub"
    write_fixed_layout(book, fixed)
    write_reflowable(book, flowing)
    return fixed, flowing


def sheets(book: PictureBook, pages: int) -> dict[str, bytes]:
    """What KDP's form asks, for people and for programs."""
    sheet = kdp_sheet(book, pages, rules_of(PRINTER))
    document = _json(sheet.model_dump(mode="json"))
    return {"kdp.md": as_markdown(sheet).encode(), "kdp.json": document}


def spine_inches(book: PictureBook, pages: int) -> float:
    """The width of the spine of so many pages."""
    return cover_of(book, pages, rules_of(PRINTER)).spine.width


def colouring_edition(book: PictureBook) -> PictureBook:
    """The book on white paper in black ink: its spine is another."""
    return book.model_copy(update={"paper": Paper.WHITE})


def judge_files(
    book: PictureBook,
    files: Mapping[str, bytes],
    printer: Printer = PRINTER,
    template: CoverTemplate | None = None,
) -> tuple[JudgedFile, ...]:
    """Preflight of each PDF, in its sandbox, as of a stranger's."""
    judged = []
    with tempfile.TemporaryDirectory(prefix="ebooks-preflight-") as folder:
        for name, data in files.items():
            if name.endswith(".pdf"):
                path = Path(folder) / name.replace("/", "-")
                path.write_bytes(data)
                asked = job(book, files, name, printer, template)
                judged.append(JudgedFile(name=name, report=preflight(path, asked)))
    return tuple(judged)


def job(
    book: PictureBook,
    files: Mapping[str, bytes],
    name: str,
    printer: Printer = PRINTER,
    template: CoverTemplate | None = None,
) -> PrintJob:
    """What the file of that name is for."""
    black = name not in ("interior.pdf", "cover.pdf") or book.kind is BookKind.COLOURING
    cover = name.endswith("cover.pdf")
    inside = name.replace("cover", "interior")
    return PrintJob(
        printer=printer,
        part=Part.COVER if cover else Part.INTERIOR,
        trim=trim_of(book),
        paper=PaperKind.WHITE if black else PaperKind(book.paper),
        pages=pages_of(files[inside]) if cover else None,
        template=template,
    )


def write_package(files: Mapping[str, bytes], judged: tuple[JudgedFile, ...], target: Path) -> None:
    """Write the package to `target`, a ZIP; the same files give the same bytes."""
    said = [
        {
            "file": file.name,
            "passes": file.report.passes,
            "pages": file.report.pages,
            "heaviest_ink": file.report.heaviest_ink,
            "ink_known": file.report.ink_known,
            "findings": [found.model_dump(mode="json") for found in file.report.plain_findings],
        }
        for file in judged
    ]
    every = {**files, "preflight.json": _json(said)}
    write_zip(target, sorted(every.items()))


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
