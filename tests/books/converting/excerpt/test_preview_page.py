"""The excerpt as a page: readable, and nothing of a stranger's document acts in it."""

from pathlib import Path

import pytest
from lxml import html

from ebook_pipeline.books.converting.excerpt.epub import write_excerpt
from ebook_pipeline.books.converting.excerpt.preview_page import KEPT, POLICY, write_preview_page
from tests.support.books.epub import epub
from tests.support.books.script_samples import as_epub, sample
from tests.support.corpus import named, needs_corpus
from tests.support.existing import existing
from tests.support.markup import text_of

HOSTILE = """
<h1 onclick="alert(1)" style="background: url(https://evil.example/a.png)">Chapter &amp; verse</h1>
<script>alert(2)</script><style>@import "https://evil.example/a.css";</style>
<p dir="rtl" xml:lang="he">Words <a href="javascript:alert(3)">and a link</a> and
<img src="https://evil.example/b.png" alt="a &lt;b&gt; picture" onerror="alert(4)"/>.</p>
<iframe src="https://evil.example/"></iframe><form action="https://evil.example/"><input/></form>
<svg xmlns="http://www.w3.org/2000/svg"><script>alert(5)</script></svg>
<p>Once upon a time there was a word.</p>
<!-- a comment --><?php attack() ?>
"""


def page_of(source: Path, folder: Path) -> str:
    write_excerpt(source, folder / "excerpt.epub")
    write_preview_page(folder / "excerpt.epub", folder / "page.html")
    return (folder / "page.html").read_text(encoding="utf-8")


def test_nothing_of_a_hostile_document_acts(tmp_path: Path) -> None:
    written = page_of(epub(tmp_path / "a.epub", {"EPUB/one.xhtml": HOSTILE}), tmp_path)
    for word in ("script", "alert", "evil.example", "javascript", "onclick", "iframe", "attack"):
        assert word not in written
    body = existing(html.document_fromstring(written).find("body/main"))
    assert {element.tag for element in body.iter()} - {"main"} <= KEPT
    assert "Words and a link and\na <b> picture." in text_of(body)
    assert body.xpath("//p[@dir='rtl'][@lang='he']") != []
    assert POLICY in written


def test_the_words_of_the_excerpt_are_there_in_their_order(
    tmp_path: Path, three_chapters: Path
) -> None:
    written = html.fromstring(page_of(three_chapters, tmp_path))
    assert written.xpath("string(//h1)") == "One"
    assert written.xpath("//a | //script | //link") == []


@pytest.mark.parametrize(
    ("language", "runs"), [("he", ["rtl", None]), ("ja", [None, "vertical"]), ("ru", [None, None])]
)
def test_a_page_runs_as_the_book_does(
    tmp_path: Path, language: str, runs: list[str | None]
) -> None:
    book = as_epub(sample(language), tmp_path / "book.epub")
    main = existing(html.document_fromstring(page_of(book, tmp_path)).find("body/main"))
    assert [main.get("dir"), main.get("class")] == runs


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name", ["novels/edwin-a-abbott_flatland.epub", "samples/wasteland-otf-obf.epub"]
)
def test_a_real_books_page_is_whole_and_small(tmp_path: Path, name: str) -> None:
    written = page_of(named(name), tmp_path)
    assert 2_000 < len(written) < 2_000_000
    tree = html.document_fromstring(written)
    [body] = tree.iter("main")
    assert body.find("section") is not None
    sources = [picture.get("src", "") for picture in tree.iter("img")]
    assert [source[:40] for source in sources if not source.startswith("data:image/")] == []
    assert len(text_of(body).split()) > 300
