"""What is said to be a manuscript's format can be read, and nothing else is."""

from pathlib import Path

import pytest

from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.records import MANUSCRIPT_FORMATS, BookFormat


@pytest.mark.parametrize("format_", sorted(MANUSCRIPT_FORMATS))
def test_every_manuscript_format_has_its_reader(format_: BookFormat, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"<p>No document of an office.</p>")
    assert manuscripts.clean(file, format_) is not None


@pytest.mark.parametrize("format_", sorted(set(BookFormat) - MANUSCRIPT_FORMATS))
def test_no_other_format_has_one(format_: BookFormat, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        manuscripts.clean(tmp_path / "file", format_)
