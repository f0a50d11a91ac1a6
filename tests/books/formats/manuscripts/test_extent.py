"""A manuscript of more text than any book has is refused before anything is made of it."""

from pathlib import Path

import pytest

from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.formats.manuscripts.extent import (
    MOST_BLOCKS,
    MOST_LETTERS,
    check_extent,
)
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.errors import BookError

LINE = "The quick brown fox jumps over the lazy dog. "
ROW = "\\trowd\\cellx2000\\cellx4000 a\\cell b\\cell\\row\n"


def refused(text: str) -> bool:
    try:
        check_extent({"": text.encode()})
    except BookError as error:
        return error.finding.rule == "manuscript.size"
    return False


@pytest.mark.parametrize("text", [LINE * (MOST_LETTERS // len(LINE) + 1), "a\n" * 500_000])
def test_more_letters_or_lines_than_books_have_are_refused(tmp_path: Path, text: str) -> None:
    source = tmp_path / "a.txt"
    source.write_text(text)
    (finding,) = manuscripts.inspect(source, BookFormat.TEXT).findings
    assert finding.rule == "manuscript.size"


def test_a_picture_in_the_text_is_no_text() -> None:
    data = "Ab0+" * (MOST_LETTERS // 3)
    assert not refused(f"# A\n\n![a](data:image/png;base64,{data})\n\n{LINE}")
    rows = ("89504e470d0a1a0a" * 8 + "\n") * (MOST_LETTERS // 120)
    assert not refused(f"{{\\rtf1 {{\\pict {rows}}}{LINE}\\par}}")


def test_rows_without_end_are_refused_and_a_bible_is_not() -> None:
    assert refused(f"{{\\rtf1 {ROW * (MOST_BLOCKS // 2 + 1)}}}")
    assert refused("<p>a" * (MOST_BLOCKS + 1))
    assert not refused(f"{{\\rtf1 {f'{LINE * 3}{chr(92)}par{chr(10)}' * 38_200}}}")


def test_a_long_russian_book_in_rtf_is_not_refused() -> None:
    letters = "".join(f"\\u{ord(letter)}\\'3f" for letter in "когда-то ") * 400
    assert not refused(f"{{\\rtf1 {(letters + chr(92) + 'par ') * 900}}}")
