"""A book described, as an ONIX Product would."""

from typing import Any, Self

from pydantic import Field

from ebook_pipeline.books.records.description import (
    Accessibility,
    BookDescription,
    Embedding,
    Extent,
    Genre,
    Origin,
    Provenance,
    Readability,
    RelatedBook,
    TocEntry,
)
from ebook_pipeline.foundation.findings import Finding


class Product(BookDescription):
    """book_metadata: the book described, as an ONIX Product would; `provenance` by field name."""

    schema_version = 2

    title: str
    toc: tuple[TocEntry, ...] = ()
    accessibility: Accessibility = Accessibility()
    layout: str = "reflowable"
    page_progression: str = "default"
    word_count: int = Field(default=0, ge=0)
    pages: int = Field(default=0, ge=0)
    genres: tuple[Genre, ...] = ()
    keywords: tuple[str, ...] = ()
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
        sources = self.provenance.items()
        return tuple(sorted(name for name, source in sources if source.origin is Origin.MODEL))

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> Self:
        """Version 1 had the origin alone as provenance."""
        if version == 1:
            provenance = {
                name: {"origin": origin} for name, origin in document["provenance"].items()
            }
            return cls.model_validate(document | {"provenance": provenance})
        return super().upgrade(document, version)
