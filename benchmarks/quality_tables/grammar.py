"""Grammar: classic errors put into the sample of each novel, and what is said of the clean one.

Each paragraph gets at most one error, of a kind drawn with a fixed seed among those it has room
for. An error counts as found where a fault that counts touches it. Errors within speech count too,
though agreement is not judged there. The checker is the pipeline's: Harper, what complements it,
and the parts of speech around words that are taken for others.
"""

import os
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.frame import Options, Table
from benchmarks.process_clock import ProcessClock
from benchmarks.quality_tables.novels import chapters_of, novels
from ebook_pipeline.books.judging import grammar
from ebook_pipeline.resources.models.grammar_checker import HarperChecker
from ebook_pipeline.resources.models.text_models import LocalModels

SEED = 5
LEAST_OF_A_KIND = 5
GOAL = 10
LANGUAGE = "en-GB"
Change = Callable[[re.Match[str]], str]


def _lower(match: re.Match[str]) -> str:
    return match[0][:-1] + match[0][-1].lower()


KINDS: dict[str, tuple[str, str | Change]] = {
    "its → it’s": (r"\bits\b", "it’s"),
    "it’s → its": (r"\bit’s\b", "its"),
    "their → there": (r"\btheir\b", "there"),
    "there → their": (r"\bthere(?= (?:is|was|were|are)\b)", "their"),
    "your → you’re": (r"\byour\b", "you’re"),
    "you’re → your": (r"\byou’re\b", "your"),
    "than → then": (r"(?<=er )than\b|(?<=more )than\b", "then"),
    "could have → could of": (r"(?<=ould )have(?= \w+ed\b)", "of"),
    "too → to": (r"\btoo(?= (?:much|many|late|far|long|great|well)\b)", "to"),
    "agreement: he were": (r"(?<=\bhe )was\b|(?<=\bshe )was\b", "were"),
    "agreement: they was": (r"(?<=\bthey )were\b", "was"),
    "agreement: he have": (r"(?<=\bhe )has\b|(?<=\bshe )has\b|(?<=\bit )has\b", "have"),
    "a → an": (r"\ba(?= [bcdfgklmnprstvw]\w+)", "an"),
    "an → a": (r"\ban(?= [aeio]\w+)", "a"),
    "word set twice": (
        r"\b(?:the|of|and|to|a|was|with|from|his)\b",
        lambda found: f"{found[0]} {found[0]}",
    ),
    "no capital": (
        r"(?<=[a-z]{3}\. )(?:The|He|She|It|They|We|But|There)\b",
        lambda found: found[0].lower(),
    ),
    "comma splice": (
        r"(?<=[a-z]{3})\. (?:He|She|It|They|We)\b",
        lambda found: f", {found[0][2:].lower()}",
    ),
}


@dataclass
class Tally:
    """Errors made and found by kind; faults and words of clean samples; CPU seconds."""

    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    alarms: int = 0
    words: int = 0
    cpu: float = 0


def injected(text: str, seed: int) -> tuple[str, list[tuple[int, int, str]]]:
    """`text` with an error in most paragraphs, and where in the new text each of which kind is."""
    choose = random.Random(seed)
    used: Counter[str] = Counter()
    made, parts, at = [], [], 0
    for paragraph in text.split("\n\n"):
        options = {
            kind: places
            for kind, (pattern, _) in KINDS.items()
            if (places := list(re.finditer(pattern, paragraph)))
        }
        if options:
            kind = min(options, key=lambda one: (used[one], choose.random()))
            used[kind] += 1
            place = choose.choice(options[kind])
            change = KINDS[kind][1]
            wrong = change if isinstance(change, str) else change(place)
            paragraph = paragraph[: place.start()] + wrong + paragraph[place.end() :]
            made.append((at + place.start(), at + place.start() + len(wrong), kind))
        parts.append(paragraph)
        at += len(paragraph) + 2
    return "\n\n".join(parts), made


def table(options: Options) -> Table:
    """Recall by kind over all novels, and the false alarms of each clean one."""
    tally, alarms = Tally(), dict[str, float]()
    checker = HarperChecker(LocalModels(options.folder("models")))
    checker.check("It is loaded once.", LANGUAGE)
    for name, book in novels(options).items():
        before = tally.alarms, tally.words
        _judge(grammar.sample_passages(chapters_of(book)).text, tally, checker)
        alarms[name] = 1e4 * (tally.alarms - before[0]) / max(1, tally.words - before[1])
    kinds = [kind for kind in KINDS if tally.made[kind] >= LEAST_OF_A_KIND]
    rows: list[list[str | int | float]] = [
        [kind, tally.made[kind], tally.found[kind], tally.found[kind] / tally.made[kind]]
        for kind in kinds
    ]
    made, found = sum(tally.made.values()), sum(tally.found.values())
    rows.append(["all kinds", made, found, found / max(1, made)])
    worst = max(alarms, key=alarms.__getitem__)
    said = (
        f"False alarms on the clean samples ({tally.words:,} words): {tally.alarms}, "
        f"{1e4 * tally.alarms / tally.words:.1f} in 10,000 words; the most {alarms[worst]:.1f} "
        f"({worst}), {GOAL} allowed. "
        f"{1e4 * tally.cpu / tally.words:.2f} CPU seconds for 10,000 words read."
    )
    return Table(
        "Grammar: classic errors found by kind", ("kind", "made", "found", "recall"), rows, said
    )


def _judge(text: str, tally: Tally, checker: HarperChecker) -> None:
    clock = ProcessClock(os.getpid())
    begun = clock.seconds()
    tally.alarms += len(_places(text, checker.check(text, LANGUAGE)))
    tally.words += len(text.split())
    tally.cpu += clock.seconds() - begun
    wrong, made = injected(text, SEED)
    told = _places(wrong, checker.check(wrong, LANGUAGE))
    for start, end, kind in made:
        tally.made[kind] += 1
        tally.found[kind] += any(begin <= end and start <= stop for begin, stop in told)


def _places(text: str, faults: list[grammar.GrammarFault]) -> list[tuple[int, int]]:
    counted = [(fault.start, fault.end) for fault in grammar.counting_faults(text, faults)]
    return [*counted, *grammar.doubled_words(text)]
