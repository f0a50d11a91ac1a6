"""The steps of a picture book one after the other, as the chain's stages call them."""

from ebook_pipeline.books.picture_books.book_maker import (
    assembled,
    colouring_pages,
    story_pages,
)
from ebook_pipeline.books.picture_books.brief import BookKind, Brief
from ebook_pipeline.books.picture_books.character_sheet import parts_hash, sheet_svg
from ebook_pipeline.books.picture_books.finished_book import Credit, Page, PictureBook
from ebook_pipeline.books.picture_books.moderation import unsafe
from ebook_pipeline.books.picture_books.prompts import character_prompt, page_prompt
from ebook_pipeline.books.picture_books.readability import outside, readability
from ebook_pipeline.books.picture_books.stage_records import SheetCharacter, WrittenStory
from ebook_pipeline.books.picture_books.story.facts import contradictions
from ebook_pipeline.books.picture_books.story.scene import Story


def judged(story: Story, brief: Brief, model: str = "") -> WrittenStory:
    """A story whoever wrote it, with what its age gate, our rules and its own scenes say of it."""
    pages = [page.paragraphs for page in story.pages]
    names = frozenset(one.name for one in story.cast)
    measured = readability(pages, brief.language, names)
    against = [
        said
        for page in story.pages
        for said in contradictions(page.paragraphs, page.scene, brief.language)
    ]
    return WrittenStory(
        story=story,
        model=model,
        words=measured.words,
        words_of_sentence=measured.words_of_sentence,
        grade=measured.grade,
        above_age=tuple(outside(measured, brief.age_group)),
        findings=tuple(unsafe(pages, brief.language)),
        contradictions=tuple(against),
    )


def sheet(story: Story) -> tuple[tuple[SheetCharacter, ...], str]:
    """The characters, and an SVG of them in a row."""
    characters = tuple(
        SheetCharacter(
            role=one.role, name=one.name, prompt=character_prompt(one), parts=parts_hash(one)
        )
        for one in story.cast
    )
    return characters, sheet_svg(story.cast)


def illustrated(brief: Brief, story: Story, attempts: dict[int, int]) -> list[tuple[Page, str]]:
    """Each page between credits and ending with its prompt; an attempt draws one page anew."""
    if brief.kind is BookKind.COLOURING:
        pages = colouring_pages(brief, story, attempts)
        return [(page, page.alt) for page in pages]
    pages = story_pages(brief, story, attempts)
    prompts = [page_prompt(told.scene, story) for told in story.pages]
    return list(zip(pages, prompts, strict=True))


def bound(
    brief: Brief,
    written_story: WrittenStory,
    pages: list[Page],
    others: tuple[Credit | None, ...] = (None,),
) -> PictureBook:
    """The finished book around pages that were illustrated before, by us or by others."""
    return assembled(brief, written_story.story, pages, written_story.model, others)
