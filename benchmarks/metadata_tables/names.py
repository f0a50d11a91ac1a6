"""Names: precision and recall on twenty passages labelled by hand (labelled_names.tsv).

A name of a passage is right where its kind is. The whole novel tells the kinds, as in a
description, but of all its names and not of the ten most frequent ones alone.
"""

import csv
import time
from pathlib import Path

from benchmarks.frame import Cell, Options, Table
from ebook_pipeline.books.describing.enrich import names
from ebook_pipeline.books.describing.enrich.text_facts import TextFacts, text_facts
from ebook_pipeline.books.formats.epub.content import texts
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.resources.models.language_analysis import LanguageAnalyzer

LABELS = Path(__file__).with_name("labelled_names.tsv")
_KINDS = {"person": "people", "place": "places", "organisation": "organisations"}
Labelled = set[tuple[str, str]]
Told = dict[str, str]


def table(options: Options) -> Table:
    """A row for each way of telling."""
    with LABELS.open(encoding="utf-8") as file:
        passages = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    model = LanguageAnalyzer()
    ways: dict[str, list[Cell]] = {}
    counts: dict[str, list[int]] = {}
    seconds = 0.0
    for book in dict.fromkeys(row["book"] for row in passages):
        facts = _facts(options.corpus / "novels" / f"{book}.epub")
        before = time.perf_counter()
        entities = model.entities(facts.read_for_names, "en")
        seconds += time.perf_counter() - before
        told = {
            "cues": _told(facts, []),
            "model": {name: _most(entities, name) for name, _ in names.plain(entities)},
            "both": _told(facts, entities),
        }
        for row in (row for row in passages if row["book"] == book):
            for way, known in told.items():
                _count(counts.setdefault(way, [0, 0, 0]), row, known)
    for way, (right, wrong, missed) in counts.items():
        precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        ways[way] = [way, right, wrong, missed, precision, recall, f1]
    columns = ("by", "right", "wrong", "missed", "precision", "recall", "F1")
    said = f"{len(passages)} passages; the model took {seconds:.1f} s in all."
    return Table("Names", columns, list(ways.values()), said)


def _facts(book: Path) -> TextFacts:
    text = "\n".join(text for _, text in texts(book, read_package(book)))
    return text_facts(text, "en")


def _told(facts: TextFacts, entities: list[tuple[str, str]]) -> Told:
    return {use.name: kind for use, kind in names.kinds(facts.names, entities)}


def _most(entities: list[tuple[str, str]], name: str) -> str:
    kinds = [kind for other, kind in names.plain(entities) if other == name]
    return max(sorted(set(kinds)), key=kinds.count)


def _count(sums: list[int], row: dict[str, str], told: Told) -> None:
    """Adds what is right, wrong and missed; the longest name at a place counts."""
    passage = row["passage"]
    wanted: Labelled = {
        (_KINDS[kind], _bare(name.replace("_", " ")))
        for kind, _, name in (label.partition(":") for label in row["labels"].split())
    }
    given: Labelled = set()
    for name in sorted(told, key=len, reverse=True):
        if names.stands_in(name, passage):
            given.add((told[name], name))
            passage = passage.replace(name, "_")
    right = wanted & given
    sums[0] += len(right)
    sums[1] += len(given - right)
    sums[2] += len(wanted - right)


def _bare(name: str) -> str:
    """Without a title, as names are told."""
    return names.without_title(name)
