"""The next book of a series: the same characters, part by part, in another story."""

from ebook_pipeline.books.picture_books.brief import Brief, CharacterBrief
from ebook_pipeline.books.picture_books.story.cast import Character
from ebook_pipeline.books.picture_books.story.planner import write_story
from ebook_pipeline.books.picture_books.story.plots import plots
from ebook_pipeline.books.picture_books.wording_of_books import said

_SEEDS = 2**31


def sequel(brief: Brief) -> Brief:
    """A brief for the book after this one, which can be made.

    Whom the seed had chosen stands in it with name and looks, so that no later seed changes them;
    the plot is the next one, with a title and a thing of its own.
    """
    story = write_story(brief)
    names = sorted(plots())
    hero, friend = (story.by_role[role].name for role in ("hero", "friend"))
    return brief.model_copy(
        update={
            "characters": tuple(_as_ordered(one) for one in story.cast),
            "theme": names[(names.index(story.plot) + 1) % len(names)],
            "moral": "",
            "focus": "",
            "title": "",
            "thing": "",
            "seed": (brief.seed + 1) % _SEEDS,
            "series": brief.series or said("series", brief.language, hero=hero, friend=friend),
            "volume": max(brief.volume, 1) + 1,
        }
    )


def _as_ordered(one: Character) -> CharacterBrief:
    looks = one.looks
    return CharacterBrief(
        name=one.name,
        species=looks.species,
        colour=looks.colour,
        garment=looks.garment.value,
        garment_colour=looks.garment_colour,
        gender=one.gender,
        role=one.role,
    )
