"""Dedications, epigraphs and the like: their words, and where books have them."""

import pytest

from ebook_pipeline.books.writing.parts import Part, heading_of, part_of, place_of


@pytest.mark.parametrize("language", ["en-GB", "de", "fr", "xx", None])
def test_every_part_is_known_again_by_its_heading(language: str | None) -> None:
    assert [part_of(heading_of(part, language).upper()) for part in Part] == list(Part)


def test_a_part_stands_where_books_have_it() -> None:
    there = ["Dedication", "Preface", "One", "Two"]
    assert [place_of(part, there) for part in Part] == [1, 1, 1, 2, 4, 4]
    assert place_of(Part.DEDICATION, []) == 0
