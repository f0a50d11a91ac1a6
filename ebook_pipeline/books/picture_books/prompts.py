"""Prompts of pages for whoever paints: an images endpoint or a person; the cast is in each."""

from ebook_pipeline.books.picture_books.layout.alt_text import alt_text, worn
from ebook_pipeline.books.picture_books.story.cast import Character
from ebook_pipeline.books.picture_books.story.scene import Scene, Story

STYLE = (
    "Picture book illustration for small children: flat friendly shapes, soft colours, thick "
    "outlines, large eyes, no text, no letters, no logos."
)


def character_prompt(one: Character) -> str:
    """A character in words that leave nothing to choose."""
    dressed = worn(one, "en")
    looks = one.looks
    return f"{one.name}: a little {looks.colour} {looks.species}" + (
        f", always wearing {dressed}" if dressed else ""
    )


def page_prompt(scene: Scene, story: Story) -> str:
    """Style, the sheet of all who are on the page, and what happens there."""
    cast = story.by_role
    there = [character_prompt(cast[actor.role]) for actor in scene.actors]
    shot = {"close": "Close-up.", "medium": "Medium view.", "wide": "Wide view."}[scene.shot]
    return " ".join((STYLE, *(f"{line}." for line in there), shot, alt_text(scene, cast, "en")))
