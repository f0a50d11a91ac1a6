"""Books in other scripts come back from the PDF that a browser made of them, word by word."""

from pathlib import Path

import pytest

from ebook_pipeline.books.converting.from_pdf.epub import epub_from_pdf
from ebook_pipeline.books.converting.to_pdf.reading_pdf import print_epub
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import Claims
from ebook_pipeline.tools.browser import Browser
from tests.support.books.script_samples import as_epub, sample

pytestmark = [
    pytest.mark.prove,
    pytest.mark.browser,
    pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome on this machine"),
]


def text_of(epub: Path) -> list[str]:
    """The words of an EPUB's documents, but for its navigation."""
    return " ".join(text for _, text in content.texts(epub, read_package(epub))).split()


@pytest.mark.parametrize("language", ["ar", "el", "he", "hi", "ru", "th"])
def test_every_word_comes_back(tmp_path: Path, language: str) -> None:
    source, pdf = tmp_path / "book.epub", tmp_path / "book.pdf"
    print_epub(as_epub(sample(language), source), pdf, Browser(), tmp_path / "scratch")
    epub_from_pdf(pdf, tmp_path / "back.epub", Claims())
    before, after = text_of(source), text_of(tmp_path / "back.epub")
    if language == "th":  # the space at a line's end is not in the PDF
        before, after = ["".join(before)], ["".join(after)]
    lost = [word for word in before if word not in after]
    assert len(lost) <= (2 if language in ("ar", "he") else 0), lost
    assert len(after) == pytest.approx(len(before), abs=1)
