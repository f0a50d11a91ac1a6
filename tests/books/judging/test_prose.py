"""Code, formulas, tables and verse are no prose: their words are neither judged nor counted."""

from pathlib import Path

import pytest

from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import chapters, grammar, spelling, typography
from ebook_pipeline.books.judging.assessor import examine_book
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.plausibility.language import language_finding
from tests.support.books.epub import epub
from tests.support.corpus import case, needs_cases

SENTENCE = "<p>The keeper lit the lamp and waited for the harbour bell to ring.</p>"


def read(tmp_path: Path, body: str) -> ParsedChapter:
    book = epub(tmp_path / "b.epub", {"EPUB/one.xhtml": SENTENCE + body})
    return next(chapters.read(book, read_package(book))).in_prose


@pytest.mark.parametrize(
    "other",
    [
        "<pre>for i in range(3):\n    prnt(i)</pre>",
        "<pre><code>prnt(i)</code></pre>",
        "<p><code>prnt(i)</code></p>",
        '<p class="code">prnt(i)</p>',
        '<p class="programlisting">prnt(i)</p>',
        '<p style="font-family: Courier, monospace">prnt(i)</p>',
        "<p><samp>prnt</samp>.</p>",
        "<table><tr><td>prnt i</td><td>is no sentense</td></tr></table>",
        '<div class="verse"><p>O prnt the sentense</p></div>',
        '<p xml:lang="fr" lang="fr">prnt</p>',
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>prnt</mi></math>',
    ],
)
def test_what_is_no_prose_is_not_judged(tmp_path: Path, other: str) -> None:
    chapter, plain = read(tmp_path, other), read(tmp_path, "")
    assert "prnt" not in chapter.text + chapter.source
    assert chapter.words == plain.words


def test_code_within_a_sentence_leaves_a_sentence(tmp_path: Path) -> None:
    chapter = read(tmp_path, "<p>Call <code>prnt(i)</code> inside the loop to see it.</p>")
    assert chapter.text.splitlines()[-1] == "Call 0 inside the loop to see it."


def test_a_table_that_lays_out_a_page_is_prose(tmp_path: Path) -> None:
    cell = "The keeper lit the lamp and waited for the bell. " * 8
    assert cell.strip() in read(tmp_path, f"<table><tr><td>{cell}</td></tr></table>").text


def test_a_document_of_prose_alone_is_judged_whole(tmp_path: Path) -> None:
    assert read(tmp_path, "<p class='zip postal'>Fog.</p>").prose is None


@needs_cases
@pytest.mark.parametrize(
    "name", ["301-quality-good-english.epub", "311-quality-programming-book.epub"]
)
def test_a_book_about_programs_is_no_book_of_faults(name: str, cache: Path) -> None:
    parts = [part.in_prose for part in chapters.read(case(name), read_package(case(name)))]
    assert spelling.check(parts, "en", cache).score.value == 1
    assert typography.check(parts).score.value == 1
    read_text = grammar.sample_passages(parts).text
    assert "print(" not in read_text
    assert "range(" not in read_text


BILINGUAL = '<p xml:lang="de" lang="de">Der alte Wärter zündete die Lampe an und wartete lange.</p>'


def test_a_bilingual_book_is_judged_in_the_language_of_its_documents(tmp_path: Path) -> None:
    whole = tmp_path / "b.epub"
    epub(whole, {"EPUB/one.xhtml": (SENTENCE + BILINGUAL) * 6})
    read_in = examine_book(whole, "de")
    assert (read_in.tongue, read_in.marked) == ("en", ("de",))
    scores = {part.score.dimension: part.score for part in read_in.parts}
    assert scores["spelling"].evidence["checked"] == "en"
    assert language_finding(("en",), ["de", "en"], SENTENCE * 9, read_in.marked) is None
    assert language_finding(("en",), ["de", "fr"], SENTENCE * 9, read_in.marked) is not None


def test_a_document_that_declares_a_wrong_language_is_judged_whole(tmp_path: Path) -> None:
    wrong = SENTENCE.replace("<p>", '<p lang="de">')
    chapter = read(tmp_path, wrong * 9)
    assert chapter.text.count("lamp") == 10
