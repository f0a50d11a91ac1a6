"""The chain of a picture book; a brief is a key of partition `briefs`.

    book_brief → story → character_sheet → illustrations → picture_book
      → interior_pdf, colouring_pdf, fixed_layout_epub → cover_pdf → print_package
      → book_submission

It ends where the other begins: what it submits passes the chain of books, and a person approves.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import dagster as dg

from ebook_pipeline.assets import picture_book_files
from ebook_pipeline.assets.brief_context import BriefContext, brief_batch
from ebook_pipeline.assets.illustrating import Illustrator, illustrated_pages
from ebook_pipeline.assets.ui_metadata import escaped, findings_table, in_place, small_picture
from ebook_pipeline.books.picture_books import brief_check, production
from ebook_pipeline.books.picture_books.brief import Brief, EbookLayout
from ebook_pipeline.books.picture_books.contact_sheet import contact_sheet, svg_png
from ebook_pipeline.books.picture_books.finished_book import Page, PictureBook
from ebook_pipeline.books.picture_books.painting import PagePainter
from ebook_pipeline.books.picture_books.reading_pdf import reading_pdf
from ebook_pipeline.books.picture_books.reflowable_epub import reflowable_epub
from ebook_pipeline.books.picture_books.stage_records import (
    BookBrief,
    BookSubmission,
    CharacterSheet,
    Illustrations,
    MadeBook,
    PageAttempts,
    WrittenStory,
)
from ebook_pipeline.books.picture_books.story_writing import StoryWriter
from ebook_pipeline.books.producing.stage_records import PictureBookEpubs
from ebook_pipeline.execution import Chain, Event, stage
from ebook_pipeline.execution.dagster_assets import chain_assets, chain_job
from ebook_pipeline.execution.files import Files
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.picture_books.briefs import OrderedBy
from ebook_pipeline.services.picture_books.submitting import submit_picture_book

PARTITION = "briefs"
BRIEFS = dg.DynamicPartitionsDefinition(name=PARTITION)
JOB = "make_picture_books"
_GROUP = "picture_books"
_OWNERS = ("team:children",)


def is_makeable(book_brief: BookBrief) -> bool:
    """Nothing is against the brief."""
    return not book_brief.findings


def is_safe_for_children(story: WrittenStory) -> bool:
    """No words that a children's book may not have."""
    return not story.findings


def is_within_its_age(story: WrittenStory) -> bool:
    """Sentences, words and pages are not above the readers' age."""
    return not story.above_age


def tells_what_is_so(story: WrittenStory) -> bool:
    """No sentence says what its page's scene rules out."""
    return not story.contradictions


def is_fit_for_print(illustrations: Illustrations) -> bool:
    """Pictures of others fill their pages at 300 pixels an inch."""
    return not illustrations.findings


def show_brief(book_brief: BookBrief) -> dict[str, Any]:
    brief = book_brief.brief
    return {
        "kind": f"{brief.kind.value}, {brief.language}, {brief.age_group.value}",
        "pages": brief.pages,
        "seed": brief.seed,
        "findings": findings_table(book_brief.findings),
    }


def show_story(story: WrittenStory) -> dict[str, Any]:
    pages = [" ".join(page.paragraphs) for page in story.story.pages]
    return {
        "title": escaped(story.story.title),
        "words": story.words,
        "written_by": story.model or "templates, no AI",
        "text": in_place([escaped(page) for page in pages], "\n\n"),
        "findings": findings_table(story.findings),
    }


def show_sheet(character_sheet: CharacterSheet, files: Files) -> dict[str, Any]:
    picture = files.path(character_sheet.picture).read_bytes()
    return {
        "cast": small_picture(picture, "The characters"),
        "characters": in_place([escaped(one.prompt) for one in character_sheet.characters], "\n\n"),
    }


def show_illustrations(illustrations: Illustrations) -> dict[str, Any]:
    anew = [str(page.number) for page in illustrations.pages if page.attempt]
    others = sum(page.credit is not None for page in illustrations.pages)
    return {
        "pages": len(illustrations.pages),
        "drawn_again": ", ".join(anew) or "none",
        "by_others": others,
        "findings": findings_table(illustrations.findings),
    }


def show_book(picture_book: MadeBook, files: Files) -> dict[str, Any]:
    return {
        "title": escaped(picture_book.title),
        "pages": picture_book.pages,
        "all_pages": small_picture(
            files.path(picture_book.contact_sheet).read_bytes(), "All pages"
        ),
        "line_art": small_picture(files.path(picture_book.line_art_sheet).read_bytes(), "Lines"),
    }


def show_submission(book_submission: BookSubmission) -> dict[str, Any]:
    return {"book": book_submission.book, "release": "waits for a person"}


@stage(group=_GROUP, owners=_OWNERS, version="1", checks=(is_makeable,), show=show_brief)
def book_brief(brief: Brief) -> BookBrief:
    """The order as it stands. One that cannot be made is refused with what to do."""
    return BookBrief(brief=brief, findings=tuple(brief_check.refusals(brief)))


@stage(
    group=_GROUP,
    owners=_OWNERS,
    version="3",
    pools=frozenset({"models"}),
    checks=(is_safe_for_children, is_within_its_age, tells_what_is_so),
    show=show_story,
)
def story(book_brief: BookBrief, story_writer: StoryWriter) -> WrittenStory:
    """The story page by page, by the planner or by a model to its plan; both pass one check."""
    return story_writer.write(book_brief.brief)


@stage(group=_GROUP, owners=_OWNERS, version="1", kinds=frozenset({"svg"}), show=show_sheet)
def character_sheet(story: WrittenStory, files: Files) -> CharacterSheet:
    """The cast in a row, with the words that every prompt has and the hash of their parts."""
    characters, svg = production.sheet(story.story)
    return CharacterSheet(characters=characters, picture=files.keep(svg_png(svg), "image/png"))


@stage(
    group=_GROUP,
    owners=_OWNERS,
    version="4",
    pools=frozenset({"models"}),
    kinds=frozenset({"svg"}),
    checks=(is_fit_for_print,),
    show=show_illustrations,
)
def illustrations(
    book_brief: BookBrief,
    story: WrittenStory,
    character_sheet: CharacterSheet,  # noqa: ARG001 - who plays is settled before pages are drawn
    attempts: PageAttempts,
    painter: PagePainter,
    files: Files,
) -> Illustrations:
    """Every page in colour and as lines, by us, a painter or whoever gave a picture for it."""
    drawn = production.illustrated(book_brief.brief, story.story, attempts.attempts)
    return illustrated_pages(Illustrator(book_brief.brief, attempts, painter, files), drawn)


@stage(group=_GROUP, owners=_OWNERS, version="3", kinds=frozenset({"epub", "pdf"}), show=show_book)
def picture_book(
    book_brief: BookBrief, story: WrittenStory, illustrations: Illustrations, files: Files
) -> MadeBook:
    """The finished book: pages, cover, credits; EPUB and PDF to read; all pages at a glance."""
    pages = [
        Page.model_validate_json(files.path(one.page).read_bytes()) for one in illustrations.pages
    ]
    others = tuple(one.credit for one in illustrations.pages)
    book = production.bound(book_brief.brief, story, pages, others)
    return MadeBook(
        title=book.title,
        pages=len(book.pages),
        book=files.keep(book.model_dump_json().encode(), "application/json"),
        epub=files.keep(reflowable_epub(book), "application/epub+zip"),
        reading_pdf=files.keep(reading_pdf(book), "application/pdf"),
        contact_sheet=files.keep(contact_sheet(book), "image/png"),
        line_art_sheet=files.keep(contact_sheet(book, line_art=True), "image/png"),
    )


@stage(group=_GROUP, owners=_OWNERS, version="1", show=show_submission)
def book_submission(
    picture_book: MadeBook,
    fixed_layout_epub: PictureBookEpubs,
    ordered_by: OrderedBy,
    database: Database,
    files: Files,
) -> BookSubmission:
    """The book as a submission of its account: from here on it is a book like any other."""
    book = PictureBook.model_validate_json(files.path(picture_book.book).read_bytes())
    fixed = ordered_by.ebook is EbookLayout.FIXED
    epub = fixed_layout_epub.fixed_layout if fixed else picture_book.epub
    receipt = submit_picture_book(database, ordered_by, book, epub)
    return BookSubmission(book=receipt.book, submission=receipt.submission)


BRIEF_CHAIN = Chain(
    "briefs",
    BriefContext,
    [
        book_brief,
        story,
        character_sheet,
        illustrations,
        picture_book,
        *picture_book_files.STAGES,
        book_submission,
    ],
)


def picture_book_assets(
    resources: Resources, observe: Callable[[Event], object]
) -> dg.AssetsDefinition:
    """The chain as Dagster sees it."""
    return chain_assets(
        BRIEF_CHAIN,
        BRIEFS,
        partial(brief_batch, resources, observe),
        per_run=resources.settings.books_per_run,
    )


def picture_book_job(resources: Resources, observe: Callable[[Event], object]) -> dg.JobDefinition:
    """The job whose config lists briefs."""
    return chain_job(
        BRIEF_CHAIN,
        JOB,
        partial(brief_batch, resources, observe),
        description="Named briefs through the chain of picture books.",
    )
