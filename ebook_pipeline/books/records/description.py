"""What a book is described with, field by field, and who says so."""

import base64
import struct
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field

from ebook_pipeline.foundation.record import Record


class Origin(StrEnum):
    """Who says what a field holds, in the order of precedence: the first that speaks wins."""

    PERSON = "person"
    SUBMITTER = "submitter"
    FILE = "file"
    TEXT = "text"
    MODEL = "model"


class Provenance(Record):
    """Where a field comes from; `model` with its version and `confidence` where one made it."""

    origin: Origin
    model: str = ""
    confidence: float | None = Field(default=None, ge=0, le=1)


class Price(Record):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class Contributor(Record):
    """A person or body and what they did: MARC relators as the package document prints them.

    `also` is the name in other scripts (EPUB 3.3 §D.3.1 ``alternate-script``).
    """

    name: str
    roles: tuple[str, ...] = ()
    file_as: str | None = None
    also: tuple[str, ...] = Field(default=(), exclude_if=lambda names: not names)


class Identifier(Record):
    """An identifier as printed; `isbn13` where it is a valid ISBN."""

    value: str
    scheme: str | None = None
    unique: bool = False
    isbn13: str | None = None


class Subject(Record):
    """A term, and where it comes from: ``thema``, ``bisac``, or None for free text."""

    term: str
    scheme: str | None = None
    code: str | None = None


ASSIGNED = 0.5
"""The confidence from which a genre is assigned; below it is suggested."""


class Genre(Record):
    """A subject of Thema (EDItEUR) that a model gave, with its `confidence` from 0 to 1.

    https://www.editeur.org/151/Thema. `scheme` is ``bisac`` for the heading that a licensed mapping
    gives beside it. One with little confidence is a suggestion to people, and goes to no shop.
    """

    code: str
    term: str
    confidence: float = Field(ge=0, le=1)
    scheme: str = "thema"
    evidence: str = Field(default="", exclude_if=lambda words: not words)
    """What told it, for whoever confirms it: headings, words, names, years with their numbers."""

    @property
    def assigned(self) -> bool:
        """Sure enough to be told to others."""
        return self.confidence >= ASSIGNED


class Series(Record):
    """A series or set that the book belongs to, with its position as printed."""

    name: str
    position: str | None = None


class TocEntry(Record):
    """One line of the table of contents; `level` 1 is the outermost."""

    title: str
    href: str = ""
    level: int = Field(default=1, ge=1)


class Accessibility(Record):
    """EPUB Accessibility 1.1 §2, https://www.w3.org/TR/epub-a11y-11/#sec-discovery"""

    access_modes: tuple[str, ...] = ()
    access_modes_sufficient: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()
    summary: str = ""
    conforms_to: tuple[str, ...] = ()


EVERYONE = 99
"""The oldest reader, in years, of a book that is for everybody."""
_OLDEST = {"02": 12, "03": 17, "09": 6}
"""The oldest reader, in years, of an audience without ages, by code of ONIX list 28."""
_YEARS = 4
"""How much older than its youngest the oldest reader is, where only the youngest is declared."""


class Audience(Record):
    """For whom: `code` of ONIX list 28 (01 general, 02 children, 03 young adult …), ages in years.

    https://ns.editeur.org/onix/en/28
    """

    code: str = Field(pattern=r"^\d\d$")
    age_from: int | None = Field(default=None, ge=0, le=99)
    age_to: int | None = Field(default=None, ge=0, le=99)

    @property
    def oldest(self) -> int:
        """The age of its oldest reader in years; 99 where it is for everybody."""
        if self.age_to is not None:
            return self.age_to
        if self.age_from is not None and self.code in _OLDEST:
            return min(EVERYONE, self.age_from + _YEARS)
        return _OLDEST.get(self.code, EVERYONE)


class Extent(Record):
    """How much of it there is: what the text and the package document count."""

    characters: int = Field(default=0, ge=0)
    documents: int = Field(default=0, ge=0)
    resources: int = Field(default=0, ge=0)
    images: int = Field(default=0, ge=0)
    audio_video: int = Field(default=0, ge=0)
    fonts: int = Field(default=0, ge=0)
    media_overlays: int = Field(default=0, ge=0)
    page_list: int = Field(default=0, ge=0)


class Readability(Record):
    """How long and how hard: `minutes` of silent reading, Flesch `ease` where it can be told."""

    minutes: int = Field(ge=1)
    ease: float | None = None


class RelatedBook(Record):
    """A book of the catalogue that this one is like: the same file, work, or nearly its text."""

    book: str
    relation: str = Field(pattern=r"^(same-file|same-work|near-duplicate)$")
    likeness: float = Field(ge=0, le=1)


class Embedding(Record):
    """What a book is about, as a direction: books about like things point alike.

    Only directions of one `model` can be compared. `vector` is base64 of IEEE 754 half floats,
    little-endian: a tenth of what JSON would need.
    """

    model: str
    vector: str

    @classmethod
    def of(cls, model: str, figures: Sequence[float]) -> Self:
        """The direction `figures`, of any length, as `model` gave it."""
        packed = struct.pack(f"<{len(figures)}e", *figures)
        return cls(model=model, vector=base64.b64encode(packed).decode())

    @property
    def figures(self) -> tuple[float, ...]:
        """The direction's numbers."""
        packed = base64.b64decode(self.vector)
        return struct.unpack(f"<{len(packed) // 2}e", packed)


class BibliographicFields(Record):
    """What a package document, a statement and a product alike may hold of a book.

    Names, identifiers and subjects as printed, in the order of their source; BCP 47 tags.
    """

    creators: tuple[Contributor, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    languages: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    subjects: tuple[Subject, ...] = ()
    publishers: tuple[str, ...] = ()
    modified: str | None = None


class BookDescription(BibliographicFields):
    """A book described by one source, or by all of them together; empty fields say nothing."""

    title: str = ""
    subtitle: str | None = None
    published: str | None = None
    description: str = ""
    rights: str = ""
    series: tuple[Series, ...] = ()
    price: Price | None = None
    audience: Audience | None = None
    edition: str = ""
    """The statement of edition as printed, such as *Second, revised edition*."""
    original_title: str = ""
    first_published: str = ""
    copyright_year: str = ""
    printed_isbns: tuple[str, ...] = ()
    """Valid ISBNs that the book's own pages print, of other editions too, as thirteen digits."""
