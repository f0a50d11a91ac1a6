"""No reader raises on a book that EPUBCheck finds valid."""

from pathlib import Path

import pytest

from ebook_pipeline.books.converting import covers
from ebook_pipeline.books.formats.epub import content, image_sizes, navigation
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.validating.accessibility import checking as accessibility
from ebook_pipeline.foundation.errors import BookError
from tests.support.corpus import entries, named, needs_corpus


@needs_corpus
@pytest.mark.prove
@pytest.mark.corpus
def test_every_reader_works_on_every_valid_book(tmp_path: Path) -> None:
    failed = {}
    valid = [one for one in entries("novel", "sample", "w3c-test", "epubcheck") if one["valid"]]
    for entry in valid:
        path = named(entry["name"])
        try:
            package = read_package(path)
            navigation.toc(path, package)
            navigation.page_list(path, package)
            navigation.landmarks(path, package)
            content.word_count(path, package)
            covers.find_cover(path, tmp_path)
            assert accessibility.check(path).conformance.statement
            assert image_sizes.oversized_images(path) == ()
        except BookError as error:
            failed[entry["name"]] = error.finding
    assert len(valid) > 110
    assert failed == {}
