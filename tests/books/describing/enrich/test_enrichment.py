"""Enrichment fills what nobody states, says that a model did, and changes nothing else."""

from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.describing.enrich.composed import ComposedCopywriter
from ebook_pipeline.books.describing.enrich.enrichment import Enricher
from ebook_pipeline.books.describing.overrides import OVERRIDABLE, Overrides, apply_overrides
from ebook_pipeline.books.describing.product import DescriptionSources, describe
from ebook_pipeline.books.formats.epub.content import write_plain_text
from ebook_pipeline.books.records import (
    Audience,
    Claims,
    Genre,
    Origin,
    Product,
    Provenance,
    Subject,
)
from tests.support import in_process
from tests.support.corpus import named, needs_corpus
from tests.support.fake_models import Copywriter, Models, story

pytestmark = pytest.mark.xdist_group("models")

FILE = Provenance(origin=Origin.FILE)
ENGLISH = {"title": "The Cave", "languages": ("en",), "provenance": {"languages": FILE}}
BLURB = "A captain looks for a treasure that somebody else has found long before him, in a cave."
STATED = {
    "languages": ("en-GB",),
    "genres": (Genre(code="FU", term="Humour", confidence=1),),
    "qualifiers": (Genre(code="1DDF", term="France", confidence=1),),
    "keywords": ("mine",),
    "people": ("Me",),
    "places": ("Here",),
    "audience": Audience(code="06"),
    "summary": ("A passage.",),
    "description": "Mine.",
}


@pytest.fixture(scope="module")
def text() -> str:
    return story()


def enriched(
    text: str, *, models: Models | None = None, copywriter: Any = None, **said: Any
) -> Product:
    enricher = Enricher(models or Models(), copywriter or ComposedCopywriter())
    return enricher.enriched(Product(**(ENGLISH | said)), text)


def test_every_open_field_is_filled_and_says_that_a_model_did(text: str) -> None:
    subjects = (Subject(term="Adventure stories"),)
    product = enriched(text, subjects=subjects)
    assert product.genres[0].code == "FJN"
    assert "treasure" in product.keywords
    assert (product.people, product.places) == (("Flint", "Ben Gunn"), ("Bristol",))
    assert product.audience is not None
    assert 0 < len(product.summary) <= 4
    assert product.description.startswith("The Cave begins: “Captain Flint walked the deck")
    assert "Its people: Flint, Ben Gunn. Its places: Bristol." in product.description
    assert set(product.generated) == set(STATED) - {"languages"}
    assert all(product.provenance[field].model for field in product.generated)
    assert product.subjects == subjects


@pytest.mark.parametrize("field", sorted(STATED))
def test_what_is_stated_or_locked_is_never_changed(field: str) -> None:
    text = story(8)
    stated = Product(**(ENGLISH | {field: STATED[field], "provenance": {field: FILE}}))
    locked = apply_overrides(
        Product(**ENGLISH), Overrides(values=stated.model_dump(include={field}))
    )
    for product in (stated, locked):
        done = Enricher(Models(), Copywriter(BLURB)).enriched(product, text)
        assert getattr(done, field) == STATED[field]
        assert done.provenance[field] == product.provenance[field]
        assert field not in done.generated


def test_a_field_that_a_person_has_emptied_stays_empty(text: str) -> None:
    empty = Overrides(values={"keywords": [], "description": "", "summary": []})
    done = Enricher(Models(), Copywriter(BLURB)).enriched(
        apply_overrides(Product(**ENGLISH), empty), text
    )
    assert (done.keywords, done.description, done.summary) == ((), "", ())


def test_what_can_not_be_generated_stays_as_it_was(text: str) -> None:
    made = {"genres", "qualifiers", "keywords", "people", "places", "audience"}
    made |= {"summary", "description"}
    before, after = Product(**ENGLISH), enriched(text)
    kept = set(Product.model_fields) - made - {"provenance", "meaning"}
    assert before.model_dump(include=kept) == after.model_dump(include=kept)
    assert made <= OVERRIDABLE


def test_the_same_book_and_models_make_the_same_product(text: str) -> None:
    assert enriched(text) == enriched(text)


def test_a_missing_language_is_heard(text: str) -> None:
    product = enriched(text, languages=(), provenance={}, models=Models("fr"))
    assert product.languages == ("fr",)
    assert product.provenance["languages"].confidence == 1


def test_a_foreign_book_gets_only_what_is_known_of_its_language(text: str) -> None:
    product = enriched(text, languages=("tlh",), models=Models("tlh"))
    assert (product.summary, product.people, product.keywords) == ((), (), ())


def test_an_empty_book_is_described_by_nobody() -> None:
    assert enriched("").generated == ()


def test_names_in_another_language_come_from_its_installed_model(text: str) -> None:
    named = Models("fr", names=[("Jim Hawkins", "PER"), ("Hull", "LOC")])
    product = enriched(text, languages=("fr",), models=named)
    assert (product.people, product.places) == (("Jim Hawkins",), ("Hull",))
    assert product.provenance["people"].model.endswith("fake-namer")


def test_in_english_cues_and_model_tell_names_together(text: str) -> None:
    product = enriched(text, models=Models(names=[("Gunn", "GPE"), ("Hull", "GPE")]))
    assert (product.people, product.places) == (("Flint", "Ben Gunn"), ("Bristol",))
    assert product.provenance["people"].model.endswith("cues+fake-namer")


def test_a_copywriter_gets_passages_from_before_the_end(text: str) -> None:
    writer = Copywriter(BLURB)
    end = "\n\nThe butler did it, at the very end of this long tale of the sea and the cave." * 40
    product = enriched(text + end, copywriter=writer)
    assert product.description == BLURB
    assert product.provenance["description"].model.endswith("fake-copy")
    (brief,) = writer.briefs
    assert (brief.title, brief.language) == ("The Cave", "en")
    assert not any("butler" in passage for passage in brief.passages)


def test_a_described_book_asks_no_copywriter(text: str) -> None:
    writer = Copywriter(BLURB)
    enriched(text, copywriter=writer, description="Mine.", provenance={"description": FILE})
    assert writer.briefs == []


def test_a_refused_answer_is_a_finding_and_no_description(text: str) -> None:
    product = enriched(text, copywriter=Copywriter(refuse="it holds markup"))
    assert product.description == ""
    assert [one.rule for one in product.findings] == ["metadata.description-refused"]


def test_a_version_names_all_that_can_change_an_answer() -> None:
    version = Enricher(Models(), Copywriter()).version
    assert "fake-1" in version
    assert "fake-copy" in version


@needs_corpus
@pytest.mark.corpus
def test_a_childrens_classic_is_recognised(tmp_path: Path) -> None:
    epub, text = named("novels/kenneth-grahame_the-wind-in-the-willows.epub"), tmp_path / "text"
    write_plain_text(epub, text)
    stated = describe(DescriptionSources(epub, text, Claims()))
    enricher = Enricher(in_process.tool("text_models"), ComposedCopywriter())
    product = enricher.enriched(stated, text.read_text())
    assert (product.genres[0].code, product.genres[0].assigned) == ("YFP", True)
    assert product.audience == Audience(code="02", age_from=8, age_to=12)
    assert {"Toad", "Badger"} <= set(product.people)
    assert product.first_published == "1908"
    assert product.description == stated.description
    assert 2 <= len(product.summary) <= 4
