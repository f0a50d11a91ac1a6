"""HTML, Markdown and plain text against the books made of them: what is lost is told."""

from pathlib import Path

import pytest

from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.corpus import CASES, needs_cases

SOURCES = {
    BookFormat.TEXT: (
        "The House\n\nby Ann Low\n\nChapter 1\n\nThe keeper lit the lamp, and lis-\ntened to the "
        "sea.\n\n1. oil\n2. wick\n\n* * *\n\nIt was 7. and late.\n\nChapter 2\n\nThe "
        "bell rang thrice.\n"
    ),
    BookFormat.MARKDOWN: (
        "---\ntitle: The House\nauthor: Ann Low\n---\n\n# One {#one .x}\n\nThe keeper lit the "
        "*lamp*, un*believ*able[^1] H~2~O $x^2$ [text](http://x.y/z \"t\").\n\n[^1]: A "
        "note, late.\n\n"
        "1. oil\n2. wick\n   - deep\n\n| A | B |\n|---|---|\n| c | d |\n\n: Captioned here\n\n"
        "```python\nif a < b: pass\n```\n\n# Two\n\nThe bell rang thrice, &amp; once.\n"
    ),
    BookFormat.HTML: (
        "<html><head><title>The House</title></head><body><h1>One</h1><p>The keeper lit the "
        "<b>lamp</b> un<i>believ</i>able.<sup><a href='#n1' "
        "id='m1'>1</a></sup><p>Second<br>line<ul>"
        "<li>oil<li>wick</ul><h1>Two</h1><p>The bell rang thrice.<p id='n1'><a "
        "href='#m1'>1</a> A note,"
        " late.</body></html>"
    ),
}  # fmt: skip


def compared(folder: Path, format_: BookFormat, source: str, book_of: str) -> list[Finding]:
    """What differs between `source` and the book that was made of `book_of`."""
    (folder / "source").write_text(source, "utf-8")
    (folder / "book").write_text(book_of, "utf-8")
    said = epub_from_manuscript(
        folder / "book", format_, folder / "made.epub", Claims(), Typesetter()
    )
    return list(compare_texts(folder / "source", format_, folder / "made.epub", said))


@pytest.mark.parametrize("format_", SOURCES)
def test_a_book_has_every_word_of_its_manuscript(tmp_path: Path, format_: BookFormat) -> None:
    assert compared(tmp_path, format_, SOURCES[format_], SOURCES[format_]) == []


@pytest.mark.parametrize("format_", SOURCES)
@pytest.mark.parametrize("word", ["keeper", "lamp", "bell", "thrice"])
def test_a_word_that_the_book_lost_is_told(tmp_path: Path, format_: BookFormat, word: str) -> None:
    without = SOURCES[format_].replace(word, "")
    found = compared(tmp_path, format_, SOURCES[format_], without)
    assert [(one.rule, word in one.passage) for one in found] == [("convert.text-lost", True)]
    found = compared(tmp_path, format_, without, SOURCES[format_])
    assert [(one.rule, word in one.passage) for one in found] == [("convert.text-invented", True)]


def kind_of(name: str) -> BookFormat:
    return media_types.sniff(CASES / name)


@needs_cases
@pytest.mark.parametrize(
    "name",
    sorted(path.name for path in CASES.glob("*.*") if path.suffix in (".md", ".txt", ".html")),
)
def test_a_case_of_prose_loses_nothing(tmp_path: Path, name: str) -> None:
    target, format_ = tmp_path / "made.epub", kind_of(name)
    said = epub_from_manuscript(CASES / name, format_, target, Claims(), Typesetter())
    found = compare_texts(CASES / name, format_, target, said)
    assert {finding.rule for finding in found} <= {"convert.left-out"}
