"""Manuscripts of every construct in six languages: each word is in the book, or said to be not."""

import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.media_types import sniff
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.generated_manuscripts import (
    WORDS,
    ManuscriptWriter,
    write_docx,
    write_odt,
    write_rtf,
)
from tests.support.books.generated_markup import write_html, write_markdown
from tests.support.corpus import THOROUGH

TYPESETTER = Typesetter()
WRITERS = {
    "docx": write_docx,
    "odt": write_odt,
    "rtf": write_rtf,
    "html": write_html,
    "md": write_markdown,
}
SEEDS = range(10 if THOROUGH else 1)
"""Times 5 formats and 6 languages: 300 manuscripts, or 30."""


def converted(folder: Path, kind: str, language: str, seed: int) -> tuple[ManuscriptWriter, str]:
    """What the manuscript says, and the book's text with its words one space apart."""
    source, target = folder / f"book.{kind}", folder / "made.epub"
    written = WRITERS[kind](source, language, seed)
    epub_from_manuscript(source, sniff(source), target, Claims(), TYPESETTER)
    with zipfile.ZipFile(target) as book:
        pages = (name for name in book.namelist() if "chapter-" in name or "title" in name)
        names = sorted(pages)  # the heading above all others may be the title
        text = " ".join(content.text_of(book.read(name)) for name in names)
    return written, " ".join(text.casefold().split())


def told(folder: Path, kind: str) -> list[Finding]:
    source = folder / f"book.{kind}"
    return list(compare_texts(source, sniff(source), folder / "made.epub"))


def shown_as(phrase: str) -> str:
    return " ".join(phrase.casefold().split())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_every_word_is_kept_or_said(tmp_path: Path, kind: str, language: str, seed: int) -> None:
    written, text = converted(tmp_path, kind, language, seed)
    missing = [phrase for phrase in written.shown if shown_as(phrase) not in text]
    twice = [phrase for phrase in written.shown if text.count(shown_as(phrase)) > 1]
    kept = [phrase for phrase in written.left_out if shown_as(phrase) in text]
    assert (missing, twice, kept) == ([], [], [])
    findings = told(tmp_path, kind)
    said = [finding for finding in findings if finding.rule == "convert.left-out"]
    assert [finding for finding in findings if finding not in said] == []
    assert bool(said) == bool(written.left_out)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_what_is_taken_out_of_a_generated_book_is_found(tmp_path: Path, kind: str) -> None:
    written, _ = converted(tmp_path, kind, "en", 1)
    phrase = written.shown[len(written.shown) // 2]
    book, cut = tmp_path / "made.epub", tmp_path / "cut.epub"
    with zipfile.ZipFile(book) as whole, zipfile.ZipFile(cut, "w") as less:
        for name in whole.namelist():
            less.writestr(name, whole.read(name).replace(phrase.encode(), b""))
    cut.replace(book)
    findings = [finding for finding in told(tmp_path, kind) if finding.rule != "convert.left-out"]
    assert [finding.rule for finding in findings] == ["convert.text-lost"]
    assert findings[0].passage.split()[-1] == phrase.split()[-1]
