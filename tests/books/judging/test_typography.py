"""Marks, headings, breaks, styles and links: each trace alone, and prose that has none."""

from pathlib import Path

import pytest

from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import chapters, typography
from ebook_pipeline.books.judging.typography import ContainerFiles
from tests.support.books.for_judging import book, chapter

SAID = "“So it is,” he said. “And so it was,” she said.\n"


def rules(*texts: str) -> list[str]:
    part = typography.check([chapter(text, f"{n}.xhtml") for n, text in enumerate(texts)])
    return [finding.rule.removeprefix("typography.") for finding in part.findings]


def built(tmp_path: Path, *bodies: str, around: ContainerFiles | None = None) -> list[str]:
    path = book(tmp_path / "book.epub", *bodies)
    part = typography.check(list(chapters.read(path, read_package(path))), around)
    return [finding.rule.removeprefix("typography.") for finding in part.findings]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{SAID * 9}”Turned round,“ he said.", "misplaced-quote"),
        (f"{SAID * 9}“Not closed. “Again,” he said.", "unbalanced-quote"),
        (f"{SAID * 9}‘Tis so.", "apostrophe"),
        (f'{SAID * 30}"Straight," he said.', "stray-quotes"),
        (f"{'A—b, and so on.' * 30}\nHere--see?", "stray-dashes"),
        ("It was—he knew – not so -- or so. " * 4, "mixed-dashes"),
        (f"{'So…' * 30} and so...", "stray-ellipses"),
        ("There is something.\nSome- thing was there.", "line-end-hyphen"),
        ("He came,saw it.", "glued-words"),
        ("The end.The beginning.", "glued-words"),
        ("In front ofthe house.", "glued-words"),
    ],
)
def test_a_mark_or_space_out_of_place_is_a_finding(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{SAID * 9}“A quotation of two paragraphs.\n“Its second paragraph.”",
        f"{SAID * 9}“‘Nested,’ she said.” “He said: ‘No.’ ”",
        f"{SAID * 9}’Tis so, said the ’prentice.",
        f"{SAID * 9}A note.”12 stands there.",
        "„So ist es“, sagte er. " * 9,
        "« Voilà », dit-il. " * 9,
        "See www.example.org/index.html or e.g. a.b@c.org; pre- and post-war, two- or threefold.",
        "It was—as he knew—so. " * 30,
        f'{SAID * 30}Ten ש"ח, of צה"ל.',
        "Mr. O’Brien and McDonald breathe; himself, into, bathe, lithe.",
    ],
)
def test_what_books_rightly_do_is_no_trace(text: str) -> None:
    assert rules(text) == []


def test_a_finding_quotes_its_place() -> None:
    part = typography.check([chapter(f"{SAID * 9}”Turned round,“ he said.", "two.xhtml")])
    turned = [one for one in part.findings if one.rule == "typography.misplaced-quote"]
    assert [one.place for one in turned] == ["two.xhtml"] * 2
    assert all("Turned round" in one.passage for one in turned)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<h1>One</h1><h3>Two</h3><p>Text.</p>", "heading-skipped"),
        ("<h1>One</h1><p>Text.</p><h1>Two</h1>", "several-h1"),
        ("<p><b>One</b></p><p>A.</p><p><b>Two</b></p><p>B.</p><p><b>Three</b></p>", "bold-heading"),
        (f"<p>{'word ' * 20}and</p><p>then it went on.</p>", "split-paragraph"),
        ("<p>A.</p><p>* * *</p><p>B.</p><p>***</p><p>C.</p><p>* * *</p>", "scene-break"),
        ('<p><a href="nowhere.xhtml">there</a></p>', "dead-link"),
        ('<p id="a"><a href="#b">there</a></p>', "dead-link"),
        ("<h2>Chapter I</h2><h2>Chapter II</h2><h2>Chapter II</h2><h2>Chapter III</h2>",
         "chapter-order"),
        ("<h2>Chapter I</h2><h2>Chapter II</h2><h2>Chapter 3</h2><h2>Chapter IV</h2>",
         "chapter-numbers"),
    ],
)  # fmt: skip
def test_what_is_built_carelessly_is_a_finding(tmp_path: Path, body: str, rule: str) -> None:
    assert set(built(tmp_path, body)) == {rule}


@pytest.mark.parametrize(
    "body",
    [
        "<h1>One</h1><h2>Two</h2><h3>Three</h3><h2>Four</h2>",
        "<p><b>Once</b> upon a time.</p>",
        f'<p class="verse">{"word " * 20}and</p><p class="verse">then it went on,</p>',
        f"<p>{'word ' * 20}and<br/>so</p><p>then it went on.</p>",
        "<p>A.</p><hr/><p>B.</p><hr/><p>C.</p>",
        '<p id="a"><a href="#a">here</a><a href="https://example.org/">away</a></p>',
    ],
)
def test_what_is_built_well_has_no_finding(tmp_path: Path, body: str) -> None:
    assert built(tmp_path, body) == []


def test_styles_that_nobody_defined_or_uses_are_told_and_cost_nothing(tmp_path: Path) -> None:
    sheet = '/* .no */ p.known, .idle { background: url(a.b) } q::before { content: ".not" }'
    path = book(tmp_path / "b.epub", '<p class="known known">A.</p><p class="odd">B.</p>')
    read = list(chapters.read(path, read_package(path)))
    part = typography.check(read, ContainerFiles([sheet], frozenset({"EPUB/c0.xhtml"})))
    said = {one.rule.removeprefix("typography."): one.message for one in part.findings}
    assert said["undefined-styles"].endswith(": odd.")
    assert said["single-styles"].endswith(": odd.")
    assert said["unused-styles"].endswith(": idle.")
    assert part.score.value == 1
