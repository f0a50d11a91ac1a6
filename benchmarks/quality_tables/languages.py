"""Spelling in the dictionaries' languages: slips put into short texts, and what the clean ones get.

One word in a hundred gets a slip in the letters of its language, by ten seeds; slips that make
another word of the language count too, and no dictionary can find them.
"""

import random
import re
import time

from benchmarks import language_texts
from benchmarks.frame import Cell, Options, Table
from benchmarks.quality_tables.spelling import Count
from ebook_pipeline.books.judging import spelling
from ebook_pipeline.books.judging.spelling_languages import spelling_language

SEEDS = 10
RATE = 0.01
LEAST_LETTERS = 3
_WORD = re.compile(r"[^\W\d_]+")
Slips = set[int]


def table(options: Options) -> Table:
    """A row per language, and their sum."""
    rows: list[list[Cell]] = []
    total = Count()
    for tag in language_texts.TAGS[: options.books]:
        clean = "\n".join(language_texts.text(kind, tag) for kind in language_texts.KINDS)
        before = time.process_time()
        alarms = spelling.typos(clean, tag, None)
        taken = time.process_time() - before
        count = Count(alarms=len(alarms.typos), words=alarms.words)
        for seed in range(SEEDS):
            count += tried(clean, tag, seed)
        total += count
        shown = ", ".join(typo.word for typo in alarms.typos)
        rows.append([tag, alarms.words, count.made, *count.figures, shown, taken])
    rows.append(["all", total.words, total.made, *total.figures, None, None])
    said = (
        f"F1 {total.figures[2]:.3f}, {total.figures[3]:.1f} false alarms in 10,000 clean words, "
        f"in {len(rows) - 1} languages besides English."
    )
    columns = (
        "language", "words", "slips", "recall", "precision", "F1", "false alarms", "which",
        "CPU s",
    )  # fmt: skip
    return Table("Slips in one word of a hundred, by language", columns, rows, said)


def tried(clean: str, tag: str, seed: int) -> Count:
    """What is found of the slips of one seed, and what else is told."""
    text, slips = misspelt(clean, tag, seed)
    told = spelling.typos(text, tag, None).typos
    right = sum(typo.start in slips for typo in told)
    return Count(made=len(slips), found=right, wrong=len(told) - right)


def misspelt(text: str, tag: str, seed: int) -> tuple[str, Slips]:
    """`text` with slips in a hundredth of its words, and where they begin."""
    language = spelling_language(tag)
    assert language is not None, tag
    choose = random.Random(seed)
    made: Slips = set()
    parts: list[str] = []
    length = last = 0
    for match in _WORD.finditer(text):
        if len(match[0]) < LEAST_LETTERS or choose.random() >= RATE:
            continue
        before, wrong = text[last : match.start()], _slip(match[0], language.letters, choose)
        made.add(length + len(before))
        parts += before, wrong
        length, last = length + len(before) + len(wrong), match.end()
    return "".join((*parts, text[last:])), made


def _slip(word: str, letters: str, choose: random.Random) -> str:
    while True:
        at, letter = choose.randrange(len(word)), choose.choice(letters)
        head, tail = word[:at], word[at:]
        swapped = head + tail[1:2] + tail[:1] + tail[2:]
        kinds = (head + tail[1:], head + letter + tail, head + letter + tail[1:], swapped)
        wrong = choose.choice(kinds)
        if wrong != word:
            return wrong
