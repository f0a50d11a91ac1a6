"""What a book is about as a direction: like books point alike, of one model only."""

import math

import numpy as np
import pytest

from ebook_pipeline.books.describing.enrich.book_embedding import RECIPE, book_embedding
from ebook_pipeline.books.describing.enrich.enrichment import Enricher
from ebook_pipeline.books.records import Embedding, Product
from tests.support.fake_models import Copywriter, Models, story

NOTHING = np.zeros((0, 0))


def likeness(one: Embedding | None, other: Embedding | None) -> float:
    assert one is not None
    assert other is not None
    return float(np.dot(one.figures, other.figures))


def test_half_floats_come_back_as_they_were() -> None:
    kept = Embedding.of("m", (0.5, -0.25, 1.0))
    assert Embedding.model_validate_json(kept.model_dump_json()).figures == (0.5, -0.25, 1.0)


def test_a_description_has_the_direction_of_its_text_and_of_what_is_said() -> None:
    text = story()
    sea = Enricher(Models(), Copywriter()).enriched(Product(title="The Island"), text).meaning
    assert sea is not None
    assert sea.model == f"{RECIPE}+fake-vectors"
    assert math.hypot(*sea.figures) == pytest.approx(1, abs=1e-3)


def test_books_about_like_things_point_alike() -> None:
    models = Models()
    said = ("ships and storms at sea", "storms and ships at sea", "the theory of cooking rice")
    ships, storms, rice = (
        book_embedding(Product(title="A", description=one), NOTHING, models) for one in said
    )
    assert likeness(ships, storms) == pytest.approx(1, abs=1e-2)
    assert likeness(ships, rice) < likeness(ships, storms)


def test_of_a_title_alone_nothing_is_made() -> None:
    assert book_embedding(Product(title="Untold"), NOTHING, Models()) is None
