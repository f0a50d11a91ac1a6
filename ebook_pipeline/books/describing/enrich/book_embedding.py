"""What a book is about as one direction, from its passages and from what is said of it."""

from collections.abc import Iterator

import numpy as np

from ebook_pipeline.books.describing.enrich.background import FloatArray
from ebook_pipeline.books.describing.enrich.encoder import Encoder
from ebook_pipeline.books.records import Embedding, Product

RECIPE = "meaning-1"
"""Part of the model's name: grows when the same book and encoder would give another direction."""
_SAID_WORDS = 120
_MOST_TERMS = 12


def book_embedding(product: Product, passages: FloatArray, encoder: Encoder) -> Embedding | None:
    """The sum of what the passages mean on average and what is said of the book; length 1.

    `passages` are the vectors of the book's passages, none where the encoder does not understand
    its language. None for a book of which nothing is known but its title.
    """
    parts = [_unit(passages.mean(axis=0))] if len(passages) else []
    about_words = [*_terms(product), *_words(product.description)]
    if about_words:
        about = f"{product.title}. {' '.join(about_words)}"
        parts.append(_unit(np.array(encoder.embed([about])[0])))
    if not parts:
        return None
    figures: list[float] = _unit(np.sum(parts, axis=0)).tolist()
    return Embedding.of(f"{RECIPE}+{encoder.encoder}", figures)


def _terms(product: Product) -> Iterator[str]:
    """What the book is sorted under, then what it speaks of."""
    sure = (genre.term for genre in product.genres if genre.assigned)
    terms = (*(subject.term for subject in product.subjects), *sure, *product.keywords)
    yield from (f"{term}." for term in tuple(dict.fromkeys(terms))[:_MOST_TERMS])


def _words(text: str) -> list[str]:
    return text.split()[:_SAID_WORDS]


def _unit(figures: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(figures))
    return figures / length if length else figures
