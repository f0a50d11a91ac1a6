"""The planner: a plot chosen and filled for a brief, its state carried from page to page.

    opening, want, obstacle, start, tries (3 to 5), low, help, together, change, rest

A page's changes are applied to the state first; each sentence is then checked on it. The same
brief and seed give the same story.
"""

import math
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.story.cast import Character, cast
from ebook_pipeline.books.picture_books.story.facts import require
from ebook_pipeline.books.picture_books.story.plots import Plot, PlotPage, plots
from ebook_pipeline.books.picture_books.story.scene import Scene, Story, StoryPage, staged
from ebook_pipeline.books.picture_books.story.wording import Words

_FIXED_SPREADS = 8
_FRAME_PAGES = 4
"""Title, credits, opening and ending stand outside the spreads."""


def write_story(brief: Brief) -> Story:
    """The whole story. Raises StoryContradiction where a plot is at fault, never for a brief."""
    random = Random(f"story {brief.seed}")
    plot = _plot_for(brief, random)
    actors = cast(brief, random)
    home = brief.setting if brief.setting in plot.homes else random.choice(plot.homes)
    by_seed = random.choice(plot.things)
    thing = brief.thing if brief.thing in plot.things else by_seed
    words = Words(brief.language, {one.role: one for one in actors}, thing, home)
    teller = _Teller(plot, brief, words, random)
    pages = tuple(teller.pages())
    return Story(
        plot=plot.name,
        title=brief.title or words.fill(random.choice(plot.text("title", brief.language))),
        subtitle=words.fill(plot.text("subtitle", brief.language)[0]),
        cast=actors,
        thing=thing,
        pages=pages,
        blurb=words.fill(plot.text("blurb", brief.language)[0]),
        questions=tuple(words.fill(one) for one in plot.text("questions", brief.language)),
        keywords=tuple(plot.text("keywords", brief.language)),
    )


def _plot_for(brief: Brief, random: Random) -> Plot:
    """The plot whose name or theme the brief asks for, else one by the seed."""
    known = plots()
    chosen = random.choice(list(known.values()))
    wanted = " ".join((brief.theme, brief.moral, brief.focus)).lower()
    for plot in known.values():
        if brief.theme.lower() == plot.name or any(theme in wanted for theme in plot.themes):
            return plot
    return chosen


class _Teller(NamedTuple):
    plot: Plot
    brief: Brief
    words: Words
    random: Random

    def pages(self) -> Iterator[StoryPage]:
        scene = Scene(place=self.words.home)
        for page in self._plan():
            scene = staged(scene, page.change, self.words.thing, self.words.home)
            yield StoryPage(beat=page.beat, paragraphs=self._told(page, scene), scene=scene)

    def _plan(self) -> list[PlotPage]:
        steps = self.plot.steps
        planned = [self.plot.opening, *steps["want"]]
        spreads = (self.brief.pages - _FRAME_PAGES) // 2
        room = spreads - _FIXED_SPREADS
        if room >= 3:
            planned += (*steps["obstacle"], *steps["start"])
        else:  # what goes wrong and what is done about it share a spread
            planned += (steps["obstacle"][0], steps["start"][0])
            room += 1
        planned += self._tries(room)
        for step in ("low", "help", "together", "change", "rest"):
            planned += steps[step]
        return planned

    def _tries(self, room: int) -> list[PlotPage]:
        """Three tries or more in `room` spreads, the first of them told at length."""
        count = min(max(3, math.ceil(room / 2)), len(self.plot.tries))
        chosen = self.random.sample(sorted(self.plot.tries), count)
        long = room - count
        pages: list[PlotPage] = []
        for index, name in enumerate(chosen):
            told = self.plot.tries[name]
            pages += told if index < long else (told[0], told[-1])
        return pages

    def _told(self, page: PlotPage, scene: Scene) -> tuple[str, ...]:
        """The page's paragraphs for the brief's age: sentences joined, refrains on their own."""
        paragraphs: list[str] = []
        joined: list[str] = []
        for line in page.lines[self.brief.language]:
            text = self.random.choice(line.variants)
            if not line.is_for(self.brief.age_group):
                continue
            require(text, line.facts, scene, self.words.thing)
            if line.refrain:
                paragraphs += [" ".join(joined)] if joined else []
                paragraphs.append(self.words.fill(text))
                joined = []
            else:
                joined.append(self.words.fill(text))
        return tuple(paragraphs + ([" ".join(joined)] if joined else []))


def character(story: Story, role: str) -> Character:
    return next(one for one in story.cast if one.role == role)
