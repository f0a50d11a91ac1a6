"""A book described, as an ONIX Product would."""

from datetime import date
from typing import Any, Self

from pydantic import Field

from ebook_pipeline.books.records.description import (
    Accessibility,
    Audience,
    BookDescription,
    Embedding,
    Extent,
    Genre,
    Origin,
    Provenance,
    Readability,
    RelatedBook,
    Subject,
    TocEntry,
)
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import Record

OF_ANOTHER_ACCOUNT = "metadata.of-another-account"
"""The rule of a finding: another account sent this text first. Only the house may approve that."""


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
    models: tuple[str, ...] = Field(default=(), exclude_if=lambda names: not names)
    """Those that serve books of its language: with others the book is described anew."""
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def declared_audience(self) -> Audience | None:
        """For whom somebody says that it is: what a model guessed declares nothing."""
        source = self.provenance.get("audience")
        guessed = source is not None and source.origin is Origin.MODEL
        return None if guessed else self.audience

    @property
    def generated(self) -> tuple[str, ...]:
        """The fields that a model made: shown as such wherever they are shown."""
        sources = self.provenance.items()
        return tuple(sorted(name for name, source in sources if source.origin is Origin.MODEL))

    @property
    def subjects_told(self) -> tuple[Subject, ...]:
        """Stated subjects and sure genres, the main one first: what a person confirmed leads."""
        sure = (genre for genre in self.genres if genre.assigned)
        genres = (Subject(term=one.term, scheme=one.scheme, code=one.code) for one in sure)
        if self._origin("genres") is Origin.PERSON:
            return (*genres, *self.subjects)
        return (*self.subjects, *genres)

    @property
    def subjects_made(self) -> frozenset[str]:
        """The codes of `subjects_told` that a model alone told: shown as such."""
        if self._origin("genres") is not Origin.MODEL:
            return frozenset()
        stated = {subject.code for subject in self.subjects}
        return frozenset(one.code for one in self.genres if one.assigned) - stated

    def _origin(self, name: str) -> Origin | None:
        source = self.provenance.get(name)
        return source.origin if source else None

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> Self:
        """Version 1 had the origin alone as provenance."""
        if version == 1:
            provenance = {
                name: {"origin": origin} for name, origin in document["provenance"].items()
            }
            return cls.model_validate(document | {"provenance": provenance})
        return super().upgrade(document, version)


class ComparedBook(Record):
    """A book as it stands beside another of nearly the same text: for a person who must choose.

    `sent` is when the account first submitted it, `on_sale` what the catalogue says of it
    (``live``, ``withdrawn``, or nothing), `likeness` how much of its text the first of them has.
    """

    book: str
    account: str
    imprint: str = ""
    title: str
    creators: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    words: int = 0
    sent: date
    on_sale: str = ""
    likeness: float = Field(ge=0, le=1)
