"""Genres: what people say of a book counts most, what is unusual in its text comes next."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.describing.enrich import background
from ebook_pipeline.books.describing.enrich.bisac import read_mapping, with_bisac
from ebook_pipeline.books.describing.enrich.form import TextForm
from ebook_pipeline.books.describing.enrich.genre import GenreEvidence, GenreModel, word_rates
from ebook_pipeline.books.describing.enrich.labels import labels
from ebook_pipeline.books.describing.enrich.prompt_vectors import kept_vectors, prompts
from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary, vocabulary
from ebook_pipeline.books.records import Genre, Product, Subject
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.models.text_models import LocalModels
from tests.support.fake_models import Models

NOTHING = Vocabulary(Counter(), Counter(), Counter())


@pytest.fixture(scope="module")
def genres() -> GenreModel:
    return GenreModel(Models())


def told(
    genres: GenreModel,
    *headings: str,
    form: Any = TextForm.PROSE,
    words: Any = NOTHING,
    **said: Any,
) -> list[str]:
    subjects = tuple(Subject(term=heading) for heading in headings)
    product = Product(title=said.pop("title", "A Tale"), subjects=subjects, **said)
    return [one.code for one in genres.genres(GenreEvidence(product, word_rates(words), form))]


@pytest.mark.parametrize(
    ("headings", "code"),
    [
        (["Love stories", "Sisters -- Fiction"], "FR"),
        (["Science fiction", "Martians -- Fiction"], "FL"),
        (["Detective and mystery stories, English", "Murder -- Fiction"], "FF"),
        (["Cooking", "Baking"], "WB"),
        (["Abolitionists -- United States -- Biography", "Memoirs"], "DNB"),
        (["Juvenile fiction", "Picture books"], "YF"),
    ],
)
def test_headings_name_genres(genres: GenreModel, headings: list[str], code: str) -> None:
    assert told(genres, *headings)[0] == code


def test_science_fiction_is_no_science_and_history_as_a_topic_no_history(
    genres: GenreModel,
) -> None:
    assert "PD" not in told(genres, "Science fiction")
    assert "NH" not in told(genres, "History -- Fiction", "World War, 1914-1918 -- Fiction")


def test_a_topic_alone_is_a_suggestion(genres: GenreModel) -> None:
    product = Product(title="A", subjects=(Subject(term="Vampires -- Fiction"),) * 2)
    found = genres.genres(GenreEvidence(product))
    assert [one.code for one in found if one.assigned] == []


def test_nothing_known_is_no_genre(genres: GenreModel) -> None:
    assert told(genres) == []


def test_printed_form_is_a_genre(genres: GenreModel) -> None:
    assert told(genres, form=TextForm.PLAY)[0] == "DD"
    assert told(genres, form=TextForm.VERSE)[0] == "DC"


def test_words_of_a_genre_tell_it(genres: GenreModel) -> None:
    kitchen = "Stir the butter, flour and sugar; bake in the oven; boil the onion sauce. " * 150
    assert told(genres, words=vocabulary([kitchen]))[0] == "WB"


def test_of_a_short_text_words_say_nothing(genres: GenreModel) -> None:
    assert told(genres, words=vocabulary(["Stir the butter, bake in the oven."])) == []


def test_the_background_was_made_with_todays_labels() -> None:
    known = background.background()
    assert {len(row.meaning) for row in known.rows.values()} == {len(labels())}
    assert len(known.rows) > 30
    assert len(known.without({"bram-stoker_dracula"}).rows) == len(known.rows) - 1


def test_the_prompts_vectors_were_made_with_todays_labels_and_the_bundled_encoder() -> None:
    vectors = kept_vectors(LocalModels(Path()).encoder)
    assert len(vectors) == len(prompts())
    assert all(abs(sum(x * x for x in vector) - 1) < 1e-3 for vector in vectors)
    assert kept_vectors("another-1.0") == []


def test_a_mapping_of_a_licensee_adds_bisac_headings(tmp_path: Path) -> None:
    path = tmp_path / "bisac.csv"
    path.write_text("# licensed\nFL,FIC028000,FICTION / Science Fiction / General\n")
    given = [Genre(code=code, term=code, confidence=0.9) for code in ("FL", "FK")]
    found = with_bisac(given, read_mapping(path))
    assert [(one.scheme, one.code) for one in found] == [
        ("thema", "FL"), ("bisac", "FIC028000"), ("thema", "FK"),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["FL,FIC28", "FL,not a code,X", "FL"])
def test_a_mapping_that_is_none_is_refused_by_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "m.csv").write_text(line)
    with pytest.raises(ServiceError, match=line):
        read_mapping(tmp_path / "m.csv")
