"""What people send by mistake is named, and what to send instead is said."""

import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.books.formats.foreign_files import named


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a WebP picture"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a sound file"),
        (b"\0\0\0\x18ftypheic", "a HEIF picture"),
        (b"\0\0\0\x18ftypisom", "a film or sound file"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"\x06\x06\xed\xf5\xd8", "an InDesign document"),
    ],
)
def test_a_file_is_named_by_its_first_bytes(tmp_path: Path, head: bytes, what: str) -> None:
    (tmp_path / "b").write_bytes(head + b"\0" * 60)
    told = named(tmp_path / "b")
    assert told is not None
    assert told[0] == what


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        (
            ["novel/one.txt", "novel/two.txt", "__MACOSX/._one.txt", ".DS_Store"],
            "a ZIP archive of 2 files (one.txt, two.txt)",
        ),
        (["a.txt", "b.txt", "c.txt", "d.txt"], "a ZIP archive of 4 files (a.txt, b.txt, c.txt, …)"),
        (["only.docx"], "a ZIP archive of 1 file (only.docx)"),
        (["Index/Document.iwa", "preview.jpg"], "an Apple Pages document"),
        (["xl/workbook.xml", "[Content_Types].xml"], "an Excel workbook"),
    ],
)
def test_an_archive_is_named_by_what_it_holds(
    tmp_path: Path, entries: list[str], what: str
) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as file:
        for entry in entries:
            file.writestr(entry, "x")
    told = named(tmp_path / "b.zip")
    assert told is not None
    assert told[0] == what


@pytest.mark.parametrize("head", [b"", b"\0\1\2", b"PK\x03\x04" + b"\0" * 40])
def test_what_nobody_knows_is_not_guessed(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "b").write_bytes(head)
    assert named(tmp_path / "b") is None
