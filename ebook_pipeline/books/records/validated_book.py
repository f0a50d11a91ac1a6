"""A manuscript against its format's standard."""

from enum import StrEnum

from pydantic import Field

from ebook_pipeline.books.records.raw_file import BookFormat
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import Record


class ConformanceStatus(StrEnum):
    """What automatic checks and the metadata together allow to say; none proves conformance."""

    CLAIMED = "claimed-and-no-fault-found"
    NOT_CLAIMED = "not-claimed-and-no-fault-found"
    INCOMPLETE_METADATA = "incomplete-metadata"
    FAULTS_FOUND = "faults-found"
    NOT_FULLY_CHECKED = "not-fully-checked"


class Conformance(Record):
    """A book against the accessibility `standard`; `statement` is what readers are told.

    `claimed` is what the package says (``dcterms:conformsTo``), `unmet` the criteria that automatic
    checks found faults in. EPUB Accessibility 1.1 §4, https://www.w3.org/TR/epub-a11y-11/
    """

    standard: str
    claimed: tuple[str, ...] = ()
    status: ConformanceStatus
    statement: str
    unmet: tuple[str, ...] = ()


class ValidationReport(Record):
    """validated_book: the manuscript against its standard; the findings are the product.

    `accessibility` is None for what was not checked: other formats, and books that can't be read.
    `facts` are what was measured of the file, by a name that a person understands.
    """

    format: BookFormat
    format_version: str = ""
    checker: str
    findings: tuple[Finding, ...] = ()
    pages: int | None = None
    entries: int | None = None
    uncompressed_bytes: int | None = None
    facts: dict[str, bool | int | float | str] = Field(default_factory=dict)
    accessibility: Conformance | None = None
