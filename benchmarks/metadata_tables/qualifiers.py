"""Finer subjects and qualifiers: what is told of the novels against labels written by hand.

The labels (labelled_qualifiers.tsv) say where a novel is set and when, and which subjects below its
own it has; a code below a label's is right too, and what is told where a label has a dash is wrong.
Finer subjects are asked for given the right one above them. Recall counts books with a label.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.frame import Cell, Options, Table
from benchmarks.metadata_tables.books import COPIES, Book, novels
from benchmarks.metadata_tables.genre import TAGS
from ebook_pipeline.books.describing.enrich import finer, set_in
from ebook_pipeline.books.describing.enrich.text_facts import text_facts
from ebook_pipeline.books.records import Genre

LABELS = Path(__file__).with_name("labelled_qualifiers.tsv")
KINDS = ("finer", "places", "times")


def table(options: Options) -> Table:
    """A row per novel; the sums are precision and recall of each kind."""
    with LABELS.open(encoding="utf-8") as file:
        labels = {row["book"]: row for row in csv.DictReader(file, delimiter="\t")}
    rows: list[list[Cell]] = []
    judged: dict[str, list[tuple[Sequence[Genre], list[str]]]] = {kind: [] for kind in KINDS}
    for book in novels(options):
        if book.entry["name"] in COPIES:
            continue
        told = dict(_told(book))
        for kind in KINDS:
            judged[kind].append((told[kind], labels[book.name][kind].strip("-").split()))
        rows.append([book.name, *(_listed(told[kind]) for kind in KINDS)])
    said = "; ".join(_measured(kind, judged[kind]) for kind in KINDS)
    return Table("Finer subjects and qualifiers", ("book", *KINDS), rows, f"{said}.")


def _told(book: Book) -> Iterator[tuple[str, tuple[Genre, ...]]]:
    facts, product = text_facts(book.text, "en"), book.product()
    tags = (case.removeprefix("genre:") for case in book.entry["case"] if "genre:" in case)
    right = [Genre(code=TAGS[tag], term=tag, confidence=1) for tag in tags if tag in TAGS]
    below = finer.refined(right, product, facts.subjects)
    yield "finer", tuple(genre for genre in below if genre not in right)
    yield "places", set_in.places(facts.setting)
    yield "times", set_in.times(facts.setting)


def _measured(kind: str, judged: Iterable[tuple[Sequence[Genre], list[str]]]) -> str:
    """*places: precision .90 of 20 told (1.00 of 11 sure ones), recall .85 of 13*"""
    listed = [(genre, wanted) for told, wanted in judged for genre in told]
    sure = [(genre, wanted) for genre, wanted in listed if genre.assigned]
    asked = [(told, wanted) for told, wanted in judged if wanted]
    found = sum(any(_is_right(genre, wanted) for genre in told) for told, wanted in asked)
    return (
        f"{kind}: precision {_share(listed)} of {len(listed)} told ({_share(sure)} of {len(sure)} "
        f"sure ones), recall {found / max(1, len(asked)):.2f} of {len(asked)} books"
    )


def _share(told: Sequence[tuple[Genre, list[str]]]) -> str:
    right = sum(_is_right(genre, wanted) for genre, wanted in told)
    return f"{right / max(1, len(told)):.2f}"


def _is_right(genre: Genre, wanted: Iterable[str]) -> bool:
    return any(genre.code.startswith(code) for code in wanted)


def _listed(told: Iterable[Genre]) -> str:
    return "; ".join(f"{one.code} {one.confidence:.2f} ({one.evidence})" for one in told)
