"""Cost: processor seconds per 100,000 words of each step, models loaded once, and memory.

Models answer in a child process, whose seconds and memory count.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.frame import Cell, Options, Table, measured
from benchmarks.metadata_tables.books import novels
from benchmarks.process_clock import ProcessClock
from ebook_pipeline.books.describing.enrich import (
    audience,
    finer,
    front_matter,
    keywords,
    names,
    set_in,
)
from ebook_pipeline.books.describing.enrich.form import form_of
from ebook_pipeline.books.describing.enrich.genre import GenreEvidence, GenreModel, word_rates
from ebook_pipeline.books.describing.enrich.passages import author_parts, passages
from ebook_pipeline.books.describing.enrich.summary import summary
from ebook_pipeline.books.describing.enrich.text_facts import _NAMED_WORDS, _READ_FOR_NAMES
from ebook_pipeline.books.describing.enrich.vocabulary import vocabulary
from ebook_pipeline.books.describing.product import DescriptionSources, describe
from ebook_pipeline.resources.models.text_models import LocalModels

T = TypeVar("T")
LOADING = "loading the models, once"


def table(options: Options) -> Table:
    """A row per step over all novels, read one after the other in one process."""
    sources = [book.sources for book in novels(options)]
    seconds, words, megabytes = measured(_work, sources, options.folder("home")).result
    steps = [step for step in seconds if step != LOADING]
    rows: list[list[Cell]] = [
        [step, seconds[step], seconds[step] * 100_000 / words if step != LOADING else None]
        for step in seconds
    ]
    total = sum(seconds[step] for step in steps)
    said = (
        f"{len(sources)} novels of {words:,} words: {total * 100_000 / words:.2f} CPU seconds per "
        f"100,000 words, {total / len(sources):.2f} per book; {megabytes:,.0f} MB at the end."
    )
    columns = ("step", "CPU seconds", "per 100,000 words")
    return Table("Cost of a description", columns, rows, said)


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.tree = ProcessClock(os.getpid())

    def of(self, step: str, work: Callable[..., T], *args: Any) -> T:
        start = self.tree.seconds()
        done = work(*args)
        self.seconds[step] += self.tree.seconds() - start
        return done


def _work(sources: list[DescriptionSources], home: Path) -> tuple[dict[str, float], int, float]:
    """CPU seconds by step, words read, and what all processes hold at the end in megabytes."""
    clock, models = _Clock(), LocalModels(home)
    genres = GenreModel(models)
    clock.of(LOADING, _load, models, genres)
    words = sum(_read(one, clock, models, genres) for one in sources)
    return dict(clock.seconds), words, clock.tree.megabytes()


def _load(models: LocalModels, genres: GenreModel) -> None:
    models.embed(["a"])
    models.language("a word")
    models.entities(["a word"], "en")
    keywords.frequencies("en")
    _ = genres._prompts


def _read(
    sources: DescriptionSources, clock: _Clock, models: LocalModels, genres: GenreModel
) -> int:
    product = clock.of("describe: what is stated and counted", describe, sources)
    text = sources.text.read_text(encoding="utf-8")
    clock.of("front matter (a part of describe)", front_matter.read, text)
    parts = clock.of("passages", author_parts, text)
    read = clock.of("passages", passages, parts)
    known = clock.of("vocabulary", vocabulary, parts)
    vectors = np.array(clock.of("vectors of passages", models.embed, [one.text for one in read]))
    evidence = GenreEvidence(product, word_rates(known), clock.of("form", form_of, parts), vectors)
    found = clock.of("genre", genres.genres, evidence)
    clock.of("keywords", keywords.candidates, parts, known, "en")
    clock.of("people and places by cues", names.from_cues, parts, known)
    named = [piece.text for piece in passages(parts, _READ_FOR_NAMES, _NAMED_WORDS)]
    clock.of("people and places by the model", models.entities, named, "en")
    clock.of("finer subjects", finer.subject_uses, known)
    clock.of("where and when", set_in.setting_uses, parts, known)
    clock.of("audience", audience.guess_audience, product, found, 15.0)
    clock.of("summary", summary, read, vectors, models)
    return product.word_count
