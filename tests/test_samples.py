"""The sample books: they are what their README says, and their maker makes them again."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pypdf
import pytest

from ebook_pipeline.books.records import Claims
from tests.support.paths import SAMPLES

BOOKS = sorted([*SAMPLES.glob("*.epub"), *SAMPLES.glob("*.pdf")])


def test_there_are_four_small_books() -> None:
    assert [book.name for book in BOOKS] == [
        "broken-links.epub",
        "fables-choisies.epub",
        "flatland.pdf",
        "river-bank.epub",
    ]
    assert sum(book.stat().st_size for book in BOOKS) < 1_500_000


@pytest.mark.parametrize("sidecar", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.name)
def test_a_sidecar_is_a_submitters_claims_about_a_book_that_exists(sidecar: Path) -> None:
    assert Claims.model_validate(json.loads(sidecar.read_text(encoding="utf-8"))).isbn
    assert sidecar.with_suffix("").exists()


@pytest.mark.prove
def test_the_maker_makes_the_same_books_again(tmp_path: Path) -> None:
    for part in ("make.py", "drawing.py", "packing.py", "flatland.typ"):
        (tmp_path / part).write_bytes((SAMPLES / part).read_bytes())
    (tmp_path / "texts").symlink_to(SAMPLES / "texts")
    subprocess.run([sys.executable, tmp_path / "make.py"], check=True, timeout=120)
    assert {book.name: _content(tmp_path / book.name) for book in BOOKS} == {
        book.name: _content(book) for book in BOOKS
    }


def _content(book: Path) -> object:
    """The texts of a book: compressed bytes differ between versions of zlib and Pillow."""
    if book.suffix == ".pdf":
        return [page.extract_text() for page in pypdf.PdfReader(book).pages]
    with zipfile.ZipFile(book) as archive:
        return {
            name: None if name.endswith(".jpg") else archive.read(name)
            for name in archive.namelist()
        }


def test_the_english_sample_is_a_whole_small_book() -> None:
    with zipfile.ZipFile(SAMPLES / "river-bank.epub") as archive:
        chapters = [name for name in archive.namelist() if "chapter-" in name]
        words = [re.sub(r"<[^>]+>", " ", archive.read(name).decode()).split() for name in chapters]
    assert len(chapters) == 3
    assert sum(map(len, words)) > 12_000
