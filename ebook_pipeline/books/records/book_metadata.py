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
    qualifiers: tuple[Genre, ...] = Field(default=(), exclude_if=lambda told: not told)
    """Thema's: where and when it is set, what it was translated from, from which age."""
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
        genres = tuple(map(_subject, self._sure_genres))
        qualifiers = map(_subject, filter(_is_sure, self.qualifiers))
        if self._origin("genres") is Origin.PERSON:
            return (*genres, *self.subjects, *qualifiers)
        return (*self.subjects, *genres, *qualifiers)

    @property
    def _sure_genres(self) -> tuple[Genre, ...]:
        """Without those above another one: Thema wants the most specific alone."""
        sure = tuple(filter(_is_sure, self.genres))
        codes = {genre.code for genre in sure}
        return tuple(
            genre
            for genre in sure
            if not any(code != genre.code and code.startswith(genre.code) for code in codes)
        )

    @property
    def subjects_made(self) -> frozenset[str]:
        """The codes of `subjects_told` that a model alone told: shown as such."""
        made = {
            genre.code
            for field in ("genres", "qualifiers")
            if self._origin(field) is Origin.MODEL
            for genre in filter(_is_sure, getattr(self, field))
        }
        return frozenset(made - {subject.code for subject in self.subjects})

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


def _is_sure(genre: Genre) -> bool:
    return genre.assigned


def _subject(genre: Genre) -> Subject:
    return Subject(term=genre.term, scheme=genre.scheme, code=genre.code)


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
