"""The files of a picture book: for the press, for readers, and all of them in one package.

picture_book → interior_pdf, colouring_pdf, fixed_layout_epub → cover_pdf → print_package
"""

from typing import Any

from ebook_pipeline.assets.ui_metadata import findings_table
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.picture_books.stage_records import MadeBook
from ebook_pipeline.books.producing.stage_records import (
    ColouringEdition,
    PictureBookEpubs,
    PrintCovers,
    PrintInterior,
    PrintPackage,
)
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files

_GROUP = "picture_books"
_OWNERS = ("team:children",)
_PDF, _EPUB, _ZIP = "application/pdf", "application/epub+zip", "application/zip"


def is_printable(print_package: PrintPackage) -> bool:
    """The printer would take every file of the package, by our preflight."""
    return print_package.passes


def show_package(print_package: PrintPackage) -> dict[str, Any]:
    return {
        "files": ", ".join(file.name for file in print_package.judged),
        "heaviest_ink": max(file.report.heaviest_ink for file in print_package.judged),
        "preflight": findings_table(print_package.findings),
    }


def show_covers(cover_pdf: PrintCovers) -> dict[str, Any]:
    return {"spine_inches": cover_pdf.spine_inches}


@stage(group=_GROUP, owners=_OWNERS, version="1", kinds=frozenset({"pdf"}))
def interior_pdf(picture_book: MadeBook, files: Files) -> PrintInterior:
    """The inside in native inks with its boxes; a colouring book's in black."""
    from ebook_pipeline.books.producing import print_package as package
    from ebook_pipeline.books.producing.cover import pages_of

    pdf = package.main_interior(_book(picture_book, files))
    return PrintInterior(pdf=files.keep(pdf, _PDF), pages=pages_of(pdf))


@stage(group=_GROUP, owners=_OWNERS, version="1", kinds=frozenset({"pdf"}))
def colouring_pdf(picture_book: MadeBook, files: Files) -> ColouringEdition:
    """The pages as line drawings, and a workbook of activities that a solver has solved."""
    from ebook_pipeline.books.producing import print_package as package
    from ebook_pipeline.books.producing.cover import pages_of

    book = package.colouring_edition(_book(picture_book, files))
    pdf, workbook = package.colouring_files(book)
    return ColouringEdition(
        pdf=files.keep(pdf, _PDF),
        pages=pages_of(pdf),
        workbook=files.keep(workbook, _PDF),
    )


@stage(group=_GROUP, owners=_OWNERS, version="1", kinds=frozenset({"epub"}))
def fixed_layout_epub(picture_book: MadeBook, files: Files) -> PictureBookEpubs:
    """EPUB 3 in fixed layout, words as text over the pictures, and one whose text flows."""
    from ebook_pipeline.books.producing import print_package as package

    fixed, flowing = package.epubs(_book(picture_book, files), files.folder())
    return PictureBookEpubs(
        fixed_layout=files.keep(fixed, _EPUB), reflowable=files.keep(flowing, _EPUB)
    )


@stage(group=_GROUP, owners=_OWNERS, version="1", kinds=frozenset({"pdf"}), show=show_covers)
def cover_pdf(
    picture_book: MadeBook,
    interior_pdf: PrintInterior,
    colouring_pdf: ColouringEdition,
    files: Files,
) -> PrintCovers:
    """Full-wrap covers, their spines as wide as the interiors that were built."""
    from ebook_pipeline.books.producing import print_package as package

    book = _book(picture_book, files)
    inside, lines = (files.path(ref).read_bytes() for ref in (interior_pdf.pdf, colouring_pdf.pdf))
    return PrintCovers(
        cover=files.keep(package.main_cover(book, inside), _PDF),
        colouring_cover=files.keep(
            package.main_cover(package.colouring_edition(book), lines), _PDF
        ),
        spine_inches=package.spine_inches(book, interior_pdf.pages),
    )


@stage(
    group=_GROUP,
    owners=_OWNERS,
    version="1",
    kinds=frozenset({"zip"}),
    checks=(is_printable,),
    show=show_package,
)
def print_package(
    picture_book: MadeBook,
    interior_pdf: PrintInterior,
    colouring_pdf: ColouringEdition,
    fixed_layout_epub: PictureBookEpubs,
    cover_pdf: PrintCovers,
    files: Files,
) -> PrintPackage:
    """All files with the sheet for KDP in one ZIP, each PDF judged by preflight as a stranger's."""
    from ebook_pipeline.books.producing import print_package as package

    book = _book(picture_book, files)
    made = {
        "interior.pdf": interior_pdf.pdf,
        "cover.pdf": cover_pdf.cover,
        "colouring/interior.pdf": colouring_pdf.pdf,
        "colouring/cover.pdf": cover_pdf.colouring_cover,
        "workbook.pdf": colouring_pdf.workbook,
        "fixed-layout.epub": fixed_layout_epub.fixed_layout,
        "reflowable.epub": fixed_layout_epub.reflowable,
    }
    contents = {name: files.path(ref).read_bytes() for name, ref in made.items()}
    contents |= package.sheets(book, interior_pdf.pages)
    judged = package.judge_files(book, contents)
    target = files.folder() / "package.zip"
    package.write_package(contents, judged, target)
    return PrintPackage(package=files.keep(target, _ZIP), judged=judged)


def _book(made: MadeBook, files: Files) -> PictureBook:
    return PictureBook.model_validate_json(files.path(made.book).read_bytes())


STAGES = (interior_pdf, colouring_pdf, fixed_layout_epub, cover_pdf, print_package)
"""In their order, after `picture_book`."""
