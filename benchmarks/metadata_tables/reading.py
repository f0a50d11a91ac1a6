"""Reading ease: Flesch's figure as the publisher prints it against ours."""

from statistics import median

from benchmarks.frame import Cell, Options, Table
from benchmarks.metadata_tables.books import COPIES, Book, novels
from ebook_pipeline.books.formats.epub.package import read_package

PRINTED = ("se:reading-ease.flesch", "schema:educationalLevel")


def table(options: Options) -> Table:
    """A row per novel that states its reading ease; copies are left out."""
    rows: list[list[Cell]] = []
    for book in novels(options):
        stated = None if book.entry["name"] in COPIES else _stated(book)
        reading = book.product().reading
        if stated is not None and reading is not None and reading.ease is not None:
            rows.append([book.name, stated, reading.ease, abs(reading.ease - stated)])
    differences = [float(row[3] or 0) for row in rows]
    said = (
        f"The median of {len(rows)} differences is {median(differences):.2f} points, the greatest "
        f"{max(differences):.2f}; {sum(one <= 3 for one in differences)} are at most 3."
    )
    return Table("Reading ease (Flesch)", ("book", "published", "ours", "difference"), rows, said)


def _stated(book: Book) -> float | None:
    package = read_package(book.sources.epub)
    figures = (one.value for one in package.meta if one.property in PRINTED)
    return next((float(value) for value in figures if value.replace(".", "").isdigit()), None)
