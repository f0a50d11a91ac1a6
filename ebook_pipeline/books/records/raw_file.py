"""The manuscript as received, and what its submitter says of it."""

from enum import StrEnum

from pydantic import Field

from ebook_pipeline.books.records.description import Contributor, Price
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import BlobRef, Record


class BookFormat(StrEnum):
    """What a submitted file really is, judged by its content."""

    EPUB = "epub"
    PDF = "pdf"
    MOBI = "mobi"
    DOCX = "docx"
    ODT = "odt"
    RTF = "rtf"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    UNKNOWN = "unknown"


MANUSCRIPT_FORMATS = frozenset(
    {
        BookFormat.DOCX,
        BookFormat.ODT,
        BookFormat.RTF,
        BookFormat.HTML,
        BookFormat.MARKDOWN,
        BookFormat.TEXT,
    }
)
"""The formats that manuscripts come in, before a book is made of them."""


def _is_unsaid(value: object) -> bool:
    return not value


class Claims(Record):
    """What the submitter says in the sidecar ``<file>.json``; every field may be left out.

    Fields that came later are written only where they say something: what was claimed before them
    is the same record as ever.
    """

    book: str | None = None
    title: str | None = None
    subtitle: str | None = Field(default=None, exclude_if=_is_unsaid)
    authors: tuple[str, ...] = ()
    contributors: tuple[Contributor, ...] = Field(default=(), exclude_if=_is_unsaid)
    """Roles by MARC or by ONIX list 17, as they were written."""
    isbn: str | None = None
    publisher: str | None = None
    language: str | None = None
    description: str | None = None
    subjects: tuple[str, ...] = ()
    price: Price | None = None
    rights: str | None = None
    contact: str | None = None
    audience: str | None = None
    profile: str = "default"
    defects: tuple[Finding, ...] = ()
    """What is wrong with the sidecar itself; said by us, never by the submitter."""


class Edition(Record):
    """The bytes of one submission as the database knows them: what `raw_file` starts from."""

    book: str
    number: int = Field(ge=1)
    source: str
    blob: BlobRef
    claims: Claims = Claims()


class Submission(Record):
    """raw_file: the manuscript as received, byte for byte."""

    blob: BlobRef
    format: BookFormat
    source: str
    claims: Claims = Claims()
    findings: tuple[Finding, ...] = ()
