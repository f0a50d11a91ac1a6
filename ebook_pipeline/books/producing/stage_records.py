"""What the print stages of the chain `briefs` return: files by reference, and what was judged."""

from ebook_pipeline.books.producing.print_package import JudgedFile
from ebook_pipeline.foundation.findings import Finding, worst_first
from ebook_pipeline.foundation.record import BlobRef, Record


class PrintInterior(Record):
    """interior_pdf: the inside of the book as it is printed; the cover counts its pages."""

    pdf: BlobRef
    pages: int


class ColouringEdition(Record):
    """colouring_pdf: the same pages as lines, and the workbook."""

    pdf: BlobRef
    pages: int
    workbook: BlobRef


class PictureBookEpubs(Record):
    """fixed_layout_epub: the book in fixed layout, and flowing."""

    fixed_layout: BlobRef
    reflowable: BlobRef


class PrintCovers(Record):
    """cover_pdf: full-wrap covers of the interior and of the colouring edition as built."""

    cover: BlobRef
    colouring_cover: BlobRef
    spine_inches: float


class PrintPackage(Record):
    """print_package: everything in one ZIP, and what preflight said of each PDF in it."""

    package: BlobRef
    judged: tuple[JudgedFile, ...]

    @property
    def passes(self) -> bool:
        """Whether the printer would take every file."""
        return all(file.report.passes for file in self.judged)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all files, the worst first; each says in which file."""
        placed = [
            finding.model_copy(update={"place": f"{file.name} {finding.place}".strip()})
            for file in self.judged
            for finding in file.report.plain_findings
        ]
        return tuple(worst_first(placed))
