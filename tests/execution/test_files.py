"""One book's files while a batch works on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebook_pipeline.execution.files import Files, files_of
from ebook_pipeline.resources.object_store import LocalObjectStore


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    with files_of(LocalObjectStore(tmp_path / "objects"), tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/in/shelf/The River.docx", "The River.docx"),
        ("s3://landing/2026/The River.docx", "The River.docx"),
        ("C:\\books\\The River.docx", "The River.docx"),
        ("../..", "file"),
        ("", "file"),
        ("Ж" * 300 + ".txt", "Ж" * 56 + ".txt"),
        ("a\0b.txt", "b.txt"),
    ],
)
def test_a_manuscript_keeps_the_name_it_came_with(files: Files, source: str, name: str) -> None:
    path = files.named(files.keep(b"text", "text/plain"), source)
    assert (path.name, path.read_bytes()) == (name, b"text")
    assert list(path.parent.iterdir()) == [path]


def test_a_blob_is_fetched_once(files: Files) -> None:
    ref = files.keep(b"text", "text/plain")
    assert files.path(ref) == files.path(ref)
    assert files.path(ref).read_bytes() == b"text"


def test_nothing_is_left_when_the_book_is_done(tmp_path: Path) -> None:
    with files_of(LocalObjectStore(tmp_path / "objects"), tmp_path) as files:
        files.named(files.keep(b"text", "text/plain"), "a.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["objects"]


def test_the_same_bytes_are_one_file_whatever_they_are_said_to_be(files: Files) -> None:
    kept = files.keep(b"text", "application/octet-stream")
    assert files.path(kept) == files.path(kept.model_copy(update={"media_type": "text/plain"}))
