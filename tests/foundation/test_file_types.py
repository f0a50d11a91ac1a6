"""Suffixes and media types, whatever the machine's own table says."""

import ast
import mimetypes
from collections.abc import Iterator
from pathlib import Path

import pytest

import ebook_pipeline
from ebook_pipeline.books.formats.media_types import MEDIA_TYPES
from ebook_pipeline.foundation.file_types import media_type_of, suffix_of

OURS = Path(ebook_pipeline.__file__).parent
NAMED_SINCE_THE_FIRST_RELEASE = {
    "application/epub+zip": ".epub",
    "application/pdf": ".pdf",
    "application/pdf+lcp": ".lcpdf",
    "text/html": ".html",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
}
"""Where Linux has its usual table, and what releases consist of."""


@pytest.mark.parametrize(("media_type", "suffix"), NAMED_SINCE_THE_FIRST_RELEASE.items())
def test_files_of_a_release_keep_the_suffixes_that_they_had(media_type: str, suffix: str) -> None:
    assert suffix_of(media_type) == suffix
    assert media_type_of(suffix) == media_type


@pytest.mark.parametrize("media_type", MEDIA_TYPES.values())
def test_every_format_of_a_manuscript_has_a_suffix(media_type: str) -> None:
    assert media_type_of(suffix_of(media_type)) == media_type


def test_a_suffix_is_read_whatever_its_case() -> None:
    assert media_type_of(".JPEG") == "image/jpeg"
    assert media_type_of(".exe") == media_type_of("") == "application/octet-stream"


def test_a_type_that_nobody_knows_names_no_file() -> None:
    with pytest.raises(ValueError, match="'application/x-odd' have no suffix"):
        suffix_of("application/x-odd")


def imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_nothing_of_ours_asks_the_machine() -> None:
    texts = {file: file.read_text(encoding="utf-8") for file in OURS.rglob("*.py")}
    named = {file: text for file, text in texts.items() if mimetypes.__name__ in text}
    assert [file for file, text in named.items() if mimetypes.__name__ in imports(text)] == []
