"""A document of a book beside its findings: their words are marked, nothing of it acts."""

import re
from pathlib import Path

import pytest

from ebook_pipeline.books.reviewing.reading_view import ReadingPlace, write_reading_view
from tests.support.books.epub import MANIFEST, epub, package

TWO = '<item id="two" href="two.xhtml" media-type="application/xhtml+xml"/>'
SPINE = '<itemref idref="one"/><itemref idref="two"/>'


def shown(folder: Path, body: str, **place: object) -> str:
    book = epub(
        folder / "book.epub",
        {
            "EPUB/package.opf": package(manifest=MANIFEST + TWO, spine=SPINE),
            "EPUB/one.xhtml": body,
            "EPUB/two.xhtml": "<p>The second.</p>",
        },
    )
    target = folder / "view.html"
    write_reading_view(book, target, ReadingPlace.model_validate(place))
    return target.read_text(encoding="utf-8")


def marks(page: str) -> list[str]:
    return re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.DOTALL)


def test_the_words_of_a_finding_are_marked_where_they_stand(tmp_path: Path) -> None:
    body = "<p>She had recieved it. She had recieved another.</p>"
    page = shown(tmp_path, body, passages=["She had recieved another"], here=0)
    assert '<mark class="here" id="here">She had recieved another</mark>.' in page


def test_words_run_on_through_markup_and_line_breaks(tmp_path: Path) -> None:
    body = "<p>The <em>very\n last</em> word<b>s</b> of it.</p>"
    page = shown(tmp_path, body, passages=["very last words of"], here=0)
    assert marks(page) == ["very\n last", " word", "s", " of"]
    assert page.count('id="here"') == 1
    plain = re.sub(r"<[^>]+>", "", page[page.index("<main>") :])
    assert "The very\n last words of it." in plain


def test_every_finding_is_marked_and_one_is_where_the_page_opens(tmp_path: Path) -> None:
    body = "<p>one two three</p><p>four five</p>"
    page = shown(tmp_path, body, passages=["five", "one two", "two three", "absent"], here=2)
    assert marks(page) == ["two three", "five"]
    assert page.count('id="here"') == 1


def test_neighbours_are_linked_and_an_unknown_document_is_the_first(tmp_path: Path) -> None:
    page = shown(tmp_path, "<p>x</p>", document="../../etc/passwd")
    assert 'href="?document=EPUB%2Ftwo.xhtml"' in page
    last = shown(tmp_path, "<p>x</p>", document="EPUB/two.xhtml")
    assert "The second." in last
    assert 'href="?document=EPUB%2Fone.xhtml"' in last


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src='x' onerror='alert(1)'/>",
        "<a href='javascript:alert(1)'>x</a>",
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>",
        "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>",
        "<p style='background:url(//evil.example)' onclick='alert(1)'>x</p>",
        "<meta http-equiv='refresh' content='0;url=//evil.example'/>",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    ],
)
def test_nothing_of_a_book_acts(tmp_path: Path, hostile: str) -> None:
    page = shown(tmp_path, f"{hostile}<p>words</p>", passages=["<script>", "words"], here=1)
    main = page[page.index("<main>") :]
    assert not re.search(r"<(script|iframe|svg|meta|a)\b", main)
    assert not re.search(r"\s(on\w+|style|href)=", main)
    assert "words</mark>" in main
