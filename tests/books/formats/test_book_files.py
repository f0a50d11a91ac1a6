"""Which files are taken for books, and by which keys."""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from ebook_pipeline.books.formats.book_files import book_files, by_key, links_among


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    for name in ("emma.epub", "emma.epub.json", "old/emma.epub", ".hidden/x.epub", "notes.xyz"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def test_of_a_folder_books_are_taken_and_sidecars_hidden_files_and_others_are_not(
    shelf: Path,
) -> None:
    assert set(by_key([shelf])) == {"emma.epub", "old/emma.epub"}


def test_two_files_of_one_name_are_two_books(shelf: Path) -> None:
    files = by_key([shelf / "emma.epub", shelf / "old" / "emma.epub"])
    assert len(files) == 2


def test_a_file_named_outright_is_taken_whatever_it_is_called(shelf: Path) -> None:
    assert list(by_key([shelf / "notes.xyz"])) == ["notes.xyz"]


def test_books_come_in_the_order_they_were_named_and_folders_in_theirs(shelf: Path) -> None:
    named = [shelf / "notes.xyz", shelf]
    names = [path.relative_to(shelf).as_posix() for path in book_files(named)]
    assert names == ["notes.xyz", "emma.epub", "old/emma.epub"]


def test_links_of_a_folder_are_not_followed_but_one_that_is_named_is(
    shelf: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.epub").write_bytes(b"x")
    (shelf / "file.epub").symlink_to(outside / "secret.epub")
    (shelf / "folder").symlink_to(outside)
    assert set(by_key([shelf])) == {"emma.epub", "old/emma.epub"}
    assert links_among([shelf]) == [shelf / "file.epub"]
    assert list(book_files([shelf / "file.epub"])) == [shelf / "file.epub"]


def test_pipes_and_devices_of_a_folder_are_no_books(shelf: Path) -> None:
    os.mkfifo(shelf / "pipe.epub")
    assert set(by_key([shelf])) == {"emma.epub", "old/emma.epub"}


def test_folders_may_nest_deeper_than_a_stack(shelf: Path) -> None:
    with contextlib.chdir(shelf):
        for _ in range(1500):
            Path("a").mkdir()
            os.chdir("a")
        Path("deep.epub").write_bytes(b"x")
    try:
        assert set(by_key([shelf])) >= {"emma.epub", "old/emma.epub"}
    finally:
        subprocess.run(["rm", "-rf", shelf], check=True)
