"""Keywords: precision on thirteen novels labelled by hand (labelled_keywords.tsv).

The labels are nouns by which a reader might look for the book: things, places, people by what they
are, themes. They were written from the novels alone, before what is told was looked at; what is
told and no label is wrong, so the figures are lower bounds. One form of a word is as good as
another.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from wordfreq import top_n_list

from benchmarks.frame import Cell, Options, Table
from ebook_pipeline.books.describing.enrich import keywords
from ebook_pipeline.books.describing.enrich.passages import author_parts
from ebook_pipeline.books.describing.enrich.text_facts import text_facts
from ebook_pipeline.books.formats.epub.content import texts
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.text import words
from ebook_pipeline.resources.models.language_analysis import LanguageAnalyzer

LABELS = Path(__file__).with_name("labelled_keywords.tsv")
COMMON = 2000
"""The commonest words of English, which whoever counts words leaves out."""
_AT = (3, 5, 10)


def table(options: Options) -> Table:
    """A row for each way of telling; precision among the first three, five and ten."""
    with LABELS.open(encoding="utf-8") as file:
        labels = {
            row["book"]: row["topics"].split() for row in csv.DictReader(file, delimiter="\t")
        }
    told: dict[str, dict[str, Sequence[str]]] = {}
    for book in labels:
        for way, topics in _told(options.corpus / "novels" / f"{book}.epub"):
            told.setdefault(way, {})[book] = topics
    rows: list[list[Cell]] = []
    for way, by_book in told.items():
        shares = [_precision(by_book, labels, most) for most in _AT]
        rows.append([way, sum(len(topics) for topics in by_book.values()), *shares])
    wrong = [
        f"{book.rpartition('_')[2]}: {', '.join(missed)}"
        for book, topics in told["articles and parts of speech"].items()
        if (missed := [word for word in topics if not _is_right(word, labels[book])])
    ]
    columns = ("by", "told", *(f"right of {most}" for most in _AT))
    return Table("Keywords", columns, rows, f"No label: {'; '.join(wrong)}.")


def _told(book: Path) -> Iterator[tuple[str, Sequence[str]]]:
    text = "\n".join(text for _, text in texts(book, read_package(book)))
    found = text_facts(text, "en").topics
    tagged = LanguageAnalyzer().parts_of_speech(keywords.uses(found), "en")
    yield "words counted, the commonest left out", _counted(author_parts(text))
    yield "articles alone", keywords.topics(found)
    yield "articles and parts of speech", keywords.topics(found, tagged)


def _counted(parts: Iterable[str]) -> list[str]:
    common = set(top_n_list("en", COMMON))
    times = Counter(word for part in parts for word in words(part) if word.islower())
    return [word for word, _ in times.most_common() if word not in common][: keywords.TOPICS]


def _precision(told: dict[str, Sequence[str]], labels: dict[str, list[str]], most: int) -> float:
    judged = [
        _is_right(word, labels[book]) for book, topics in told.items() for word in topics[:most]
    ]
    return sum(judged) / max(1, len(judged))


def _is_right(word: str, labels: Iterable[str]) -> bool:
    return bool(_forms(word) & {form for label in labels for form in _forms(label)})


def _forms(word: str) -> set[str]:
    """The word and what it may be the plural of."""
    forms = {word.lower(), word.lower().removesuffix("s"), word.lower().removesuffix("es")}
    return forms | {f"{word[:-3]}y" for _ in range(word.endswith("ies"))}
