"""Marks, headings, breaks, styles and links: each trace alone, and prose that has none."""

from pathlib import Path

import pytest

from ebook_pipeline.books.converting.to_epub.authoring import STYLE_SHEET
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import chapters, typography
from ebook_pipeline.books.judging.typography import ContainerFiles, structure
from tests.support.books.for_judging import book, chapter

SAID = "“So it is,” he said. “And so it was,” she said.\n"


def rules(*texts: str, language: str = "") -> list[str]:
    parts = [chapter(text, f"{n}.xhtml") for n, text in enumerate(texts)]
    part = typography.check(parts, None, language or "en")
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
    assert [rule for rule in rules(text) if rule != "foreign-quotes"] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "„So ist es“, sagte er. „Und ‚ja‘ nie“, sagte sie. " * 6),
        ("de", "»So ist es«, sagte er. »Und so«, sagte sie. " * 6),
        ("de-CH", "«So ist es», sagte er. " * 12),
        ("fr", "« Voilà », dit-il. « Où est-il ? » dit-elle. " * 6),
        ("fr", "«\u00a0Voilà\u00a0», dit-il. " * 12),
        ("es", "«Ya está», dijo. «¿Dónde?», dijo ella. " * 6),
        ("pl", "„Tak jest”, rzekł. " * 12),
        ("ru", "«Да», — сказал он. " * 12),
        ("sv", "”Så är det”, sade han. " * 12),
        ("nl", "“Zo is het,” zei hij, en ’s avonds ook. " * 12),
        ("ja", "「そうです」と彼は言った。" * 12),
        ("zh", "他说：“是的。”" * 12),
        ("xx", "„So ist es“, sagte er. " * 12),
    ],
)
def test_quotes_of_the_language_are_no_trace(language: str, text: str) -> None:
    assert rules(text, language=language) == []


@pytest.mark.parametrize(
    ("language", "text", "rule"),
    [
        ("de", "“So ist es,” sagte er. " * 12, "foreign-quotes"),
        ("en", "«So it is», he said. " * 12, "foreign-quotes"),
        ("ru", "“Да”, — сказал он. " * 12, "foreign-quotes"),
        ("de", "„So“, sagte er. " * 12 + "„Offen, sagte er. „Neu“, sie.", "unbalanced-quote"),
        ("fr", "« Voilà », dit-il. " * 12 + "Fini », dit-elle.", "unbalanced-quote"),
        ("ja", "「そうです」と言った。" * 12 + "違います」と言った。", "unbalanced-quote"),
        ("ru", "«Да», — сказал он. " * 12 + "Он пришёл.Она ушла.", "glued-words"),
        ("de", "Er kam.Über ihm war es hell.", "glued-words"),
        ("nl", "“Zo is het,” zei hij. " * 12 + "Het was ‘s avonds.", "apostrophe"),
        ("en", "Is it so? Oh! He said: no; so it is. " * 9 + "Is it ?", "stray-spaces"),
        ("fr", "Est-ce vrai ? Oh ! Il dit : non ; bien. " * 9 + "Vrai?", "stray-spaces"),
        ("en", "Is it so? Is it ? " * 9, "mixed-spaces"),
    ],
)  # fmt: skip
def test_a_mark_out_of_place_in_its_language_is_a_finding(
    language: str, text: str, rule: str
) -> None:
    assert set(rules(text, language=language)) == {rule}


def test_a_language_whose_quotes_nobody_listed_is_told() -> None:
    evidence = typography.check([chapter(SAID * 9)], None, "xx").score.evidence
    assert evidence["quotes_of_language"] == "not checked: no list for xx"
    assert evidence["quotes"] == "“ ”"


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


def test_of_our_own_style_sheet_nothing_is_told() -> None:
    sheet = STYLE_SHEET.decode()
    assert sheet.startswith(structure.OUR_SHEET)
    assert list(structure.styles((), [sheet])) == []
    assert list(structure.styles((), [sheet.removeprefix(structure.OUR_SHEET)]))


FEW_MARKS = {"unbalanced-quote", "misplaced-quote", "stray-quotes"} | {
    *("scene-break", "chapter-order", "chapter-numbers"),
    *(f"{how}-{kind}" for how in ("stray", "mixed") for kind in ("dashes", "spaces", "ellipses")),
}
"""What a text without any of them shows nothing of."""
UNTOLD = {
    "en": ("The lamp was lit. ", set()),
    "vi": ("Ông lão chèo đò ngồi lặng lẽ. ", {"apostrophe"}),
    "uk": ("Їжак спав у дідовій повітці. ", {"apostrophe"}),
    "fa": ("قایق‌ران پیر روی نیمکت نشسته بود. ", {"apostrophe", "glued-words", "split-paragraph"}),
    "ko": ("강가에는 안개가 끼어 있었다. ", {"apostrophe", "glued-words", "split-paragraph"}),
    "ja": (
        "吾輩は猫である。",
        {"apostrophe", "glued-words", "split-paragraph", "line-end-hyphen"},
    ),
}


@pytest.mark.parametrize("language", UNTOLD)
def test_what_a_script_does_not_show_is_not_checked_and_not_scored(language: str) -> None:
    text, wanted = UNTOLD[language]
    evidence = typography.check([chapter(text * 50)], None, language).score.evidence
    unchecked = {
        name.removesuffix("_per_10000").replace("_", "-")
        for name, value in evidence.items()
        if str(value).startswith("not checked") and name.endswith("_per_10000")
    }
    assert unchecked == wanted | FEW_MARKS


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("tr", "Dede sustu.Çocuk güldü ve gitti."),
        ("vi", "Bà nhìn tôi,rồi đưa bàn tay."),
        ("uk", "Їжак спав.Дід топив піч."),
        ("pl", "Ćma odleciała.Ewa usnęła."),
    ],
)
def test_words_run_together_are_told_in_letters_of_any_alphabet(language: str, text: str) -> None:
    assert rules(f"{text} " * 2, language=language) == ["glued-words"] * 2


def test_marks_of_chinese_that_are_turned_are_told() -> None:
    right = "他说：“是的”，然后走了。"
    assert rules(right * 12, language="zh") == []
    assert "misplaced-quote" in rules(right * 12 + "他说：”是的“，然后走了。", language="zh")
