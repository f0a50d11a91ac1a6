"""Genre: the novels' tags against what is told from card and text, and from the text alone.

Nothing is learned from the novels, but they are part of the background: each is judged as if it and
its copies were not. Copies count as books of their own, as they are submitted.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.frame import Cell, Options, Table
from benchmarks.metadata_tables.books import COPIES, Book, novels
from ebook_pipeline.books.describing.enrich.background import background
from ebook_pipeline.books.describing.enrich.form import form_of
from ebook_pipeline.books.describing.enrich.genre import MOST, GenreEvidence, GenreModel, word_rates
from ebook_pipeline.books.describing.enrich.labels import labels
from ebook_pipeline.books.describing.enrich.passages import author_parts, passages
from ebook_pipeline.books.describing.enrich.vocabulary import vocabulary
from ebook_pipeline.resources.models.text_models import LocalModels

TAGS = {
    "romance": "FR", "science-fiction": "FL", "horror": "FK", "detective": "FF", "adventure": "FJ",
    "play": "DD", "philosophy": "QD", "poetry": "DC", "autobiography": "DNB", "children": "YF",
    "short-stories": "FYB",
}  # fmt: skip
"""The code of each tag; ``illustrated`` is no genre."""
COLUMNS = ("book", "tag", "wanted", "told", "confidence", "then", "text alone")


def table(options: Options) -> Table:
    """A row per novel; the sums are of books whose tag is a genre."""
    models = LocalModels(options.folder("home"))
    books = list(novels(options))
    tags = {book.entry["name"]: _tag(book) for book in books}
    rows: list[list[Cell]] = []
    ranks: list[tuple[int, int]] = []
    for book in books:
        tag = tags.get(COPIES.get(book.entry["name"], ""), tags[book.entry["name"]])
        wanted = TAGS.get(tag, "")
        ranked, alone, confidence = _told(book, models)
        rows.append(
            [book.name, tag, wanted, ranked[0], confidence, " ".join(ranked[1:MOST]), alone[0]]
        )
        if wanted:
            ranks.append((ranked.index(wanted), alone.index(wanted)))
    return Table("Genre of the novels", COLUMNS, rows, _said(ranks, rows))


def _tag(book: Book) -> str:
    tags = (case.removeprefix("genre:") for case in book.entry["case"] if "genre:" in case)
    return next(tags, "")


def _told(book: Book, models: LocalModels) -> tuple[list[str], list[str], float]:
    """All codes, best first; the same by the text alone; the confidence of the first."""
    genres = GenreModel(models, background().without({book.work}))
    parts = author_parts(book.text)
    vectors = np.array(models.embed([one.text for one in passages(parts)]))
    product, words, form = book.product(), vocabulary(parts), form_of(parts)
    blurb = " ".join(f"{product.title}. {product.description}".split()[:150])
    about = np.array(models.embed([blurb] if product.description else []))
    whole = GenreEvidence(product, word_rates(words), form, vectors, about)
    silent = {"title": "", "subtitle": None, "description": "", "subjects": ()}
    alone = GenreEvidence(product.model_copy(update=silent), word_rates(words), form, vectors)
    first = genres.genres(whole)
    ranked = list(_ranked(genres, whole))
    return ranked, list(_ranked(genres, alone)), first[0].confidence if first else 0.0


def _ranked(genres: GenreModel, evidence: GenreEvidence) -> Iterator[str]:
    scores = genres.scores(evidence)
    best = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    return (labels()[index].code for index in best)


def _said(ranks: list[tuple[int, int]], rows: list[list[Cell]]) -> str:
    number = len(ranks)
    first, three = (sum(rank[0] < most for rank in ranks) for most in (1, MOST))
    alone, alone_three = (sum(rank[1] < most for rank in ranks) for most in (1, MOST))
    sure = [row for row in rows if row[2] and float(row[4] or 0) >= 0.5]
    right = sum(row[2] == row[3] for row in sure)
    wrong = ", ".join(f"{row[0]} {row[2]} → {row[3]}" for row in rows if row[2] not in ("", row[3]))
    return (
        f"Of {number} novels with a genre {first} top-1 and {three} top-{MOST} "
        f"({len(labels())} labels); of the text alone {alone} and {alone_three}. "
        f"{len(sure)} were assigned, {right} of them rightly; the others are suggestions. "
        f"Confused: {wrong or 'none'}."
    )
