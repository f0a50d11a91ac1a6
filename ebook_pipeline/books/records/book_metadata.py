"""A book described, as an ONIX Product would."""

from typing import Any, Self

from pydantic import Field

from ebook_pipeline.books.records.description import (
    Accessibility,
    Audience,
    Contributor,
    Embedding,
    Extent,
    Genre,
    Identifier,
    Origin,
    Price,
    Provenance,
    Readability,
    RelatedBook,
    Series,
    Subject,
    TocEntry,
)
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import Record


class Product(Record):
    """book_metadata: the book described, as an ONIX Product would; `provenance` by field name."""

    schema_version = 2

    title: str
    subtitle: str | None = None
    creators: tuple[Contributor, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    languages: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    subjects: tuple[Subject, ...] = ()
    publishers: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    description: str = ""
    rights: str = ""
    series: tuple[Series, ...] = ()
    price: Price | None = None
    edition: str = ""
    """The statement of edition as printed, such as *Second, revised edition*."""
    original_title: str = ""
    first_published: str = ""
    copyright_year: str = ""
    printed_isbns: tuple[str, ...] = ()
    """Valid ISBNs that the book's own pages print, of other editions too, as thirteen digits."""
    toc: tuple[TocEntry, ...] = ()
    accessibility: Accessibility = Accessibility()
    layout: str = "reflowable"
    page_progression: str = "default"
    word_count: int = Field(default=0, ge=0)
    pages: int = Field(default=0, ge=0)
    genres: tuple[Genre, ...] = ()
    keywords: tuple[str, ...] = ()
    audience: Audience | None = None
    summary: tuple[str, ...] = ()
    """Passages of the book itself that tell what it is about."""
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    reading: Readability | None = None
    extent: Extent = Extent()
    meaning: Embedding | None = None
    kin: tuple[RelatedBook, ...] = ()
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def generated(self) -> tuple[str, ...]:
        """The fields that a model made: shown as such wherever they are shown."""
        made = (name for name, said in self.provenance.items() if said.origin is Origin.MODEL)
        return tuple(sorted(made))

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> Self:
        """Version 1 had the origin alone as provenance."""
        if version == 1:
            told = {name: {"origin": origin} for name, origin in document["provenance"].items()}
            return cls.model_validate(document | {"provenance": told})
        return super().upgrade(document, version)
