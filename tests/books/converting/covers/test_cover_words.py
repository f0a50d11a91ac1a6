"""What a cover is called for those who can't see it: in the language of its book."""

import pytest

from ebook_pipeline.books.converting.covers.cover_words import cover_alt, cover_words
from ebook_pipeline.books.describing.enrich.composed import description_words


@pytest.mark.parametrize(
    ("title", "authors", "language", "alt"),
    [
        ("Emma", ("Jane Austen",), "en-GB", "Cover of Emma by Jane Austen"),
        ("Emma", (), "en", "Cover of Emma"),
        ("Faust", ("J. W. von Goethe",), "de", "Umschlag von „Faust“ von J. W. von Goethe"),
        ("", ("Anna", "Otto"), "de-AT", "Umschlag eines Buchs ohne Titel von Anna, Otto"),
        ("Candide", ("Voltaire",), "fr", "Couverture de « Candide », de Voltaire"),
        ("吾輩は猫である", ("夏目 漱石",), "ja", "吾輩は猫である, 夏目 漱石"),
        ("بوستان", (), "fa", "بوستان"),
        ("{names}", ("{0}",), "und", "{names}, {0}"),
        ("{names}", ("{0}",), "en", "Cover of {names} by {0}"),
        ("", (), "", "Cover of an untitled book"),
    ],
)
def test_a_cover_is_called_so(
    title: str, authors: tuple[str, ...], language: str, alt: str
) -> None:
    assert cover_alt(title, authors, language) == alt


def test_covers_have_words_in_each_language_that_descriptions_are_put_together_in() -> None:
    assert set(cover_words()) == set(description_words())


@pytest.mark.parametrize("language", cover_words())
def test_every_language_names_title_and_author(language: str) -> None:
    alt = cover_alt("Emma", ("Jane Austen",), language)
    assert "Emma" in alt
    assert "Jane Austen" in alt
