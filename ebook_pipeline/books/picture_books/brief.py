"""What somebody orders: a picture book in a few facts, from which all of it is made.

The same brief with the same seed is the same book, byte for byte.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from ebook_pipeline.books.picture_books.trim_sizes import TrimSize
from ebook_pipeline.foundation.record import Record

Language = Literal["en", "de"]


class AgeGroup(StrEnum):
    """Whom the book is for, in years."""

    BABIES = "0-2"
    PRESCHOOL = "3-5"
    EARLY_READERS = "6-8"
    MIDDLE = "9-12"


class BookKind(StrEnum):
    STORY = "story"
    COLOURING = "colouring"


class Paper(StrEnum):
    """KDP's ink and paper, as printing houses name them."""

    WHITE = "white"
    CREAM = "cream"
    STANDARD_COLOUR = "standard-colour"
    PREMIUM_COLOUR = "premium-colour"


class EbookLayout(StrEnum):
    """The form in which the book is sold as an EPUB: its text flows, or pages are as in print."""

    REFLOWABLE = "reflowable"
    FIXED = "fixed-layout"


class CharacterBrief(Record):
    """Somebody in the story; what is left out is chosen by the seed."""

    name: str = Field(min_length=1, max_length=20)
    species: str
    colour: str = ""
    garment: str = ""
    garment_colour: str = ""
    gender: Literal["female", "male"] = "female"
    role: Literal["hero", "friend", "helper"] = "hero"


class Brief(Record):
    """One book as it is ordered. `refusals` in `brief_check` says what is wrong with it.

    `pages` counts all pages, title and credits included; a theme is a key of the planner's plots,
    empty for whatever the seed chooses.
    """

    title: str = Field(default="", max_length=120)
    theme: str = Field(default="", max_length=60)
    kind: BookKind = BookKind.STORY
    language: Language = "en"
    age_group: AgeGroup = AgeGroup.PRESCHOOL
    moral: str = Field(default="", max_length=200)
    focus: str = Field(default="", max_length=60)
    setting: str = Field(default="", max_length=40)
    thing: str = Field(default="", max_length=40)
    """What the story is about, one of its plot's things: a lantern, a kite."""
    characters: tuple[CharacterBrief, ...] = Field(default=(), max_length=4)
    trim: TrimSize = TrimSize.SQUARE_8_5
    paper: Paper = Paper.PREMIUM_COLOUR
    pages: int = Field(default=32, ge=24, le=64)
    ebook: EbookLayout = EbookLayout.REFLOWABLE
    author: str = Field(default="", max_length=80)
    dedication: str = Field(default="", max_length=200)
    series: str = Field(default="", max_length=80)
    volume: int = Field(default=0, ge=0, le=999)
    """Its number in the series, 0 for none."""
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
