"""Elements that no book has, in HTML."""

import pytest

from ebook_pipeline.books.formats.manuscripts.html import parse_html
from ebook_pipeline.foundation.errors import BookError


def test_an_element_of_countless_attributes_is_refused_before_it_is_parsed() -> None:
    attributes = " ".join(f"a{number}=1" for number in range(20_000))
    with pytest.raises(BookError) as caught:
        parse_html(f"<html><body><p {attributes}>a")
    assert caught.value.finding.rule == "xml.attributes"


def test_a_long_drawing_in_an_attribute_is_none_of_that() -> None:
    path = " ".join(f"L {number} {number}" for number in range(40_000))
    assert parse_html(f"<html><body><svg><path d='{path}'/></svg></body></html>") is not None
