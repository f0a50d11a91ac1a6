"""Stories by age and language: how many are inside their age gate, and how far from it.

PYTHONPATH=. python benchmarks/picture_books.py --seeds 1000
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import get_args

from benchmarks import language_texts
from ebook_pipeline.books.picture_books.brief import AgeGroup, Brief, Language
from ebook_pipeline.books.picture_books.readability import Readability, outside, readability
from ebook_pipeline.books.picture_books.story.planner import write_story


def measured(language: Language, age: AgeGroup, seeds: Sequence[int]) -> Iterator[Readability]:
    """The story of each seed."""
    for seed in seeds:
        story = write_story(Brief(seed=seed, language=language, age_group=age))
        names = frozenset(one.name for one in story.cast)
        yield readability([page.paragraphs for page in story.pages], language, names)


def inside(stories: Sequence[Readability], age: AgeGroup) -> float:
    """The share (0 to 1) of stories within their age's gate."""
    return sum(not outside(story, age) for story in stories) / len(stories)


def _row(language: Language, age: AgeGroup, seeds: Sequence[int]) -> str:
    stories = list(measured(language, age, seeds))
    share = [story.unfamiliar for story in stories]
    sentence = [story.words_of_sentence for story in stories]
    grades = [story.grade for story in stories if story.grade is not None]
    return (
        f"{language}  {age.value:<5} {inside(stories, age):7.1%} "
        f"{statistics.mean(share):8.1%} {max(share):6.1%} "
        f"{statistics.mean(sentence):9.1f} {max(sentence):6.1f} "
        + (f"{statistics.mean(grades):7.2f} {max(grades):6.2f}" if grades else f"{'–':>7} {'–':>6}")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=200)
    seeds = range(parser.parse_args().seeds)
    began = time.process_time()
    print("        inside  unknown   most  sentence   most   grade   most")
    for language in get_args(Language):
        for age in AgeGroup:
            print(_row(language, age, seeds))
    novel = readability([[language_texts.text("novel", "de")]], "de")
    print(f"a novel for adults begins, de: {novel.unfamiliar:.1%} unknown")
    print(f"{time.process_time() - began:.1f} CPU s")


if __name__ == "__main__":
    main()
