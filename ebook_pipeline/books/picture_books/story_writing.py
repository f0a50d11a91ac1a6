"""Who writes the words: the planner, or a model that keeps to the planner's pages and scenes.

A model's words pass the same checks as the planner's; names that nobody in the cast has are an
error in English (in German every noun has a capital).
"""

import json
import re
from collections.abc import Iterator
from typing import Protocol

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.production import judged
from ebook_pipeline.books.picture_books.readability import GATES
from ebook_pipeline.books.picture_books.stage_records import WrittenStory
from ebook_pipeline.books.picture_books.story.planner import write_story
from ebook_pipeline.books.picture_books.story.scene import Story, StoryPage
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.findings import Finding, Severity

MOST_PARAGRAPHS = 4
MOST_LETTERS = 1200
"""Of a page."""
_NAME = re.compile(r"(?<=[a-z,;] )([A-Z][a-z]{2,})\b")
_NO_NAMES = frozenset({"Grandma", "Grandpa", "Mum", "Mummy", "Dad", "Daddy", "Mama", "Papa"})


class UnusableStory(ServiceError):
    """What was answered is no story page by page."""


class StoryWriter(Protocol):
    """`version` tells writers apart in fingerprints: another one writes every story again."""

    @property
    def version(self) -> str: ...

    def write(self, brief: Brief) -> WrittenStory:
        """The story of a brief, judged. Raises ServiceError where the writer does not answer."""
        ...


class PlannedStories:
    """The planner's own words: no model, no network."""

    version = "planner-1"

    def write(self, brief: Brief) -> WrittenStory:
        return judged(write_story(brief), brief)


def plan_of(brief: Brief, story: Story) -> str:
    """The plan that a model writes to, as JSON: cast, limits, and each page's scene and sense."""
    gate = GATES[brief.age_group]
    cast = [
        {"name": one.name, "species": one.looks.species, "gender": one.gender, "role": one.role}
        for one in story.cast
    ]
    pages = [
        {
            "page": number,
            "beat": page.beat,
            "place": page.scene.place,
            "time": page.scene.time.value,
            "weather": page.scene.weather.value,
            "there": [
                {"role": actor.role, "feels": actor.mood.value, "holds": actor.holding}
                for actor in page.scene.actors
            ],
            "sense": " ".join(page.paragraphs),
        }
        for number, page in enumerate(story.pages, 1)
    ]
    limits = {
        "words_of_a_sentence": gate.words_of_sentence,
        "words_of_a_page": gate.words_of_page,
    }
    plan = {"language": brief.language, "readers": brief.age_group.value, "limits": limits}
    return json.dumps({**plan, "cast": cast, "pages": pages}, ensure_ascii=False)


def retold(story: Story, answer: str) -> Story:
    """`story` with the words of a model's answer, ``{"pages": [["paragraph", …], …]}``.

    Raises UnusableStory where it is not of that form or has another number of pages.
    """
    try:
        pages = json.loads(_bare(answer))["pages"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnusableStory("the model answered no pages") from error
    if not isinstance(pages, list) or len(pages) != len(story.pages):
        raise UnusableStory(f"the model answered another number of pages than {len(story.pages)}")
    told = [
        StoryPage(beat=page.beat, paragraphs=_paragraphs(words), scene=page.scene)
        for page, words in zip(story.pages, pages, strict=True)
    ]
    return story.model_copy(update={"pages": tuple(told)})


def judged_answer(story: Story, brief: Brief, model: str) -> WrittenStory:
    """A model's story under all checks, that of names among them."""
    written = judged(story, brief, model)
    if brief.language != "en":
        return written
    return written.model_copy(update={"findings": (*written.findings, *_strangers(story))})


def complaints(written: WrittenStory) -> list[str]:
    """What a model is told to mend; empty for a story that may be drawn."""
    found = [f"{finding.place}: {finding.message}" for finding in written.findings]
    return [*found, *written.above_age, *written.contradictions]


def _bare(answer: str) -> str:
    """The JSON of an answer that has a fence of Markdown around it."""
    match = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", answer, re.DOTALL)
    return match[1] if match else answer


def _paragraphs(words: object) -> tuple[str, ...]:
    listed = [words] if isinstance(words, str) else words
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_PARAGRAPHS:
        raise UnusableStory("a page is a list of one to four paragraphs")
    if not all(isinstance(one, str) and one.strip() for one in listed):
        raise UnusableStory("a page has a paragraph without words")
    if sum(map(len, listed)) > MOST_LETTERS:
        raise UnusableStory(f"a page has more than {MOST_LETTERS} letters")
    return tuple(" ".join(one.split()) for one in listed)


def _strangers(story: Story) -> Iterator[Finding]:
    known = {part for one in story.cast for part in one.name.split()} | _NO_NAMES
    for number, page in enumerate(story.pages, 1):
        for name in dict.fromkeys(_NAME.findall(" ".join(page.paragraphs))):
            if name not in known:
                yield Finding(
                    rule="child.unknown-name",
                    severity=Severity.ERROR,
                    message=f"The text names “{name}”, who is not in the cast",
                    place=f"page {number}",
                    remedy="Only the cast has names.",
                )
