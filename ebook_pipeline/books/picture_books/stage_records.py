"""What the stages of the chain `briefs` return: small records; pictures and pages are blobs."""

from pydantic import Field

from ebook_pipeline.books.picture_books.art import GivenArt
from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.finished_book import Credit
from ebook_pipeline.books.picture_books.story.scene import Story
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import BlobRef, Record


class PageAttempts(Record):
    """Which pages were asked for again, and how often; and pictures that were given for pages."""

    attempts: dict[int, int] = Field(default_factory=dict)
    art: dict[int, GivenArt] = Field(default_factory=dict)


class BookBrief(Record):
    """book_brief: the order as it stands, and every reason against it."""

    brief: Brief
    findings: tuple[Finding, ...] = ()


class WrittenStory(Record):
    """story: the text page by page, who wrote it, what is against it."""

    story: Story
    model: str = ""
    """Empty: the planner wrote it from templates."""
    words: int
    words_of_sentence: float
    grade: float | None = None
    above_age: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    contradictions: tuple[str, ...] = ()
    tokens: int = 0
    """What a model was paid for, by the endpoint's count or our estimate."""


class SheetCharacter(Record):
    """One of the cast: the words that every prompt has of it, and the SHA-256 of its parts."""

    role: str
    name: str
    prompt: str
    parts: str


class CharacterSheet(Record):
    """character_sheet: who plays, drawn in a row."""

    characters: tuple[SheetCharacter, ...]
    picture: BlobRef


class IllustratedPage(Record):
    """One page as it is drawn: its `Page` as JSON, and what a painter would be told."""

    number: int
    page: BlobRef
    prompt: str
    attempt: int = 0
    credit: Credit | None = None
    """Whose picture it is where it is not ours."""


class Illustrations(Record):
    """illustrations: every page in order, and what is against pictures of others."""

    pages: tuple[IllustratedPage, ...]
    findings: tuple[Finding, ...] = ()


class MadeBook(Record):
    """picture_book: the finished book's record, EPUB and PDF to read, all pages at a glance."""

    title: str
    pages: int
    book: BlobRef
    epub: BlobRef
    reading_pdf: BlobRef
    contact_sheet: BlobRef
    line_art_sheet: BlobRef


class MadeFiles(Record):
    """All that came of one version of an order: files by name, pages by number."""

    title: str
    files: dict[str, BlobRef]
    pages: dict[int, BlobRef]
    """The `Page` of each number between credits and ending, as JSON."""
    findings: tuple[Finding, ...] = ()
    """Of preflight."""


class BookSubmission(Record):
    """book_submission: which book of the first chain it became, and by which submission."""

    book: str
    submission: int
