"""EPUBs before and after: what their canonical form has not, has twice or has of its own."""

from pathlib import Path

import pytest

from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.converting.to_epub.canonical import canonical_epub
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.records import BookFormat, Verdict
from ebook_pipeline.foundation.findings import Finding
from tests.support.books.epub import epub
from tests.support.corpus import CASES, CORPUS, THOROUGH, needs_corpus

SLICES = 8
"""Parts of the corpus, two of which are tried unless all are asked for."""
TEXT = (
    "<h1>One</h1><p id='a'>The ferry left at noon.</p><p>It was <em>la</em>te.</p>"
    "<p lang='fr'>Il faisait <ruby>froid<rt>cold</rt></ruby>.</p>"
    "<p><img src='x.png' alt='A lamp'/><a href='https://example.org/x'>Out</a>"
    "<a href='#a'>In</a></p><table><tr><td>Cell</td></tr></table>"
)


def compared(folder: Path, source: str, book: str) -> list[tuple[str, str]]:
    findings = _findings(folder, source, book)
    return [(finding.rule, finding.passage or finding.message) for finding in findings]


def _findings(folder: Path, source: str, book: str) -> tuple[Finding, ...]:
    ours = epub(folder / "source.epub", {"EPUB/one.xhtml": source})
    theirs = epub(folder / "book.epub", {"EPUB/one.xhtml": book})
    return compare_texts(ours, BookFormat.EPUB, theirs)


def test_a_book_that_lost_nothing_has_no_finding(tmp_path: Path) -> None:
    assert compared(tmp_path, TEXT, TEXT.replace("<p>It", "<p class='x'>It")) == []


@pytest.mark.parametrize(
    ("gone", "rule", "told"),
    [
        (" at noon", "convert.text-lost", "at noon"),
        ("<rt>cold</rt>", "convert.text-lost", "cold"),
        ("<p id='a'>The ferry left at noon.</p>", "convert.text-lost", "The ferry left at noon"),
        (" lang='fr'", "convert.language-lost", "The marks of languages were lost (1): fr."),
        (" alt='A lamp'", "convert.alternative-lost", "lamp"),
        ("https://example.org/x", "convert.link-lost", "https://example.org/x"),
        (" href='#a'", "convert.inner-link-lost", "the book 0"),
    ],
)
def test_what_is_taken_out_is_told(tmp_path: Path, gone: str, rule: str, told: str) -> None:
    assert gone in TEXT
    findings = dict(compared(tmp_path, TEXT, TEXT.replace(gone, "")))
    assert told in findings[rule]


def test_pictures_and_tables_are_counted(tmp_path: Path) -> None:
    book = TEXT.replace("<img src='x.png' alt='A lamp'/>", "A lamp")
    assert "convert.picture-lost" in dict(compared(tmp_path, TEXT, book))
    book = TEXT.replace("<table><tr><td>Cell</td></tr></table>", "<p>Cell</p>")
    assert [rule for rule, _ in compared(tmp_path, TEXT, book)] == ["convert.table-lost"]


def test_what_is_doubled_and_invented_is_told_with_its_document(tmp_path: Path) -> None:
    twice = TEXT.replace("<p>It", "<p>The ferry left at noon.</p><p>It")
    new = TEXT.replace("<p>It", "<p>Nobody ever wrote this.</p><p>It")
    for book, rule in ((twice, "convert.text-doubled"), (new, "convert.text-invented")):
        (finding,) = _findings(tmp_path, TEXT, book)
        assert (finding.rule, finding.place) == (rule, "EPUB/one.xhtml")


def test_a_changed_text_waits_for_a_person_whatever_the_policy(tmp_path: Path) -> None:
    empty = tmp_path / "policy.toml"
    empty.write_text("")
    policy = load_quality_policy(empty)
    for gone in (" at noon", " alt='A lamp'"):
        findings = _findings(tmp_path, TEXT, TEXT.replace(gone, ""))
        assert policy.judge([], findings)[0] is Verdict.NEEDS_REVIEW


@needs_corpus
@pytest.mark.prove
@pytest.mark.parametrize("part", range(SLICES if THOROUGH else 2))
def test_no_epub_of_the_corpus_loses_or_gains_a_word(tmp_path: Path, part: int) -> None:
    seen = 0
    for path in sorted([*CORPUS.rglob("*.epub"), *CASES.glob("*.epub")])[part::SLICES]:
        target = tmp_path / "book.epub"
        try:
            canonical_epub(path, target)
        except Exception:  # noqa: BLE001  (what can't be converted has its own tests)
            continue
        seen += 1
        assert compare_texts(path, BookFormat.EPUB, target) == (), path.name
    assert seen > 250 // SLICES
