"""Signs without a form in any font: named with their place; one is a note, many a review."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.to_pdf import missing_signs
from ebook_pipeline.books.converting.to_pdf.missing_signs import UNKNOWN
from ebook_pipeline.books.converting.to_pdf.reading_pdf import print_epub
from ebook_pipeline.books.converting.to_pdf.typeset_pdf import typeset_epub
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools import fonts
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.epub import epub

needs_browser = pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome")
SCRIPTS = "Cut⸻off. ἀρχή, жук, שלום, سلام, नमस्ते, ❧ ⁂ →."
HIEROGLYPH = "𓀀"


def findings_on(signs: dict[str, int], letters: int) -> list[Finding]:
    return list(missing_signs.sign_findings(Counter(signs), letters, {}))


def severities(signs: dict[str, int], letters: int) -> set[Severity]:
    return {finding.severity for finding in findings_on(signs, letters)}


def test_one_sign_is_a_note_that_names_it() -> None:
    (finding,) = findings_on({"⸻": 1}, 400)
    assert (finding.rule, finding.severity) == ("convert.missing-sign", Severity.INFO)
    assert finding.message.startswith("U+2E3B THREE-EM DASH (⸻)")


@pytest.mark.parametrize(
    ("signs", "letters", "many"),
    [
        ({"⸻": 300}, 500_000, False),
        ({"⸻": 20}, 100, False),
        ({"ſ": 300}, 5_000, True),
        ({sign: 1 for sign in "漢字ག𓀀𓀁"}, 500_000, False),
        ({sign: 1 for sign in "漢字ག𓀀𓀁𓀂"}, 500_000, True),
    ],
)
def test_many_signs_are_for_a_person_to_see(
    signs: dict[str, int], letters: int, many: bool
) -> None:
    assert (Severity.WARNING in severities(signs, letters)) == many


def test_boxes_that_the_pdf_does_not_name_are_named_by_the_book() -> None:
    letters = Counter("Cut⸻off, ﬁne\u2060 and  no\u00ad more⸻")
    shown = ["Cutoff,", "FINE", "and no more"]
    assert missing_signs.missing_signs({UNKNOWN: 3}, letters, shown) == {"⸻": 2}


def test_invisible_signs_are_nothing_that_a_reader_misses() -> None:
    letters = Counter("one\u2060two\u200d")
    assert missing_signs.missing_signs({UNKNOWN: 2, "\u200d": 1}, letters, ["onetwo"]) == {}


def test_what_nothing_explains_is_said_all_the_same() -> None:
    assert missing_signs.missing_signs({UNKNOWN: 3}, Counter("one"), ["one"]) == {UNKNOWN: 3}


def test_the_first_place_is_named_with_its_words() -> None:
    texts = [("c1.xhtml", "Nothing."), ("c3.xhtml", "Line.\nThe word ⸻ is cut.\nEnd ⸻.")]
    seen = missing_signs.first_sightings(texts, {"⸻", "漢"})
    assert {sign: (one.place, one.passage) for sign, one in seen.items()} == {
        "⸻": ("c3.xhtml", "The word ⸻ is cut.")
    }


def engines() -> list[str]:
    return ["chromium", "typst"] if Browser().available else ["typst"]


def lacking(engine: str, body: str, folder: Path) -> list[tuple[str, str, str]]:
    """(rule, message, place) of what the PDF of a book with this text lacks."""
    source = epub(folder / "book.epub", {"EPUB/one.xhtml": f"<h1>One</h1><p>{body}</p>"})
    target, scratch = folder / "book.pdf", folder / "scratch"
    if engine == "typst":
        made = typeset_epub(source, target, Typesetter(), scratch)
    else:
        made = print_epub(source, target, Browser(), scratch)
    return [
        (finding.rule, finding.message, finding.place)
        for finding in made.findings
        if finding.rule.startswith("convert.missing")
    ]


@pytest.mark.browser
@pytest.mark.parametrize("engine", engines())
def test_the_fonts_of_the_project_have_what_books_are_written_in(
    engine: str, tmp_path: Path
) -> None:
    assert lacking(engine, SCRIPTS, tmp_path) == []


@pytest.mark.browser
@pytest.mark.parametrize("engine", engines())
def test_a_sign_without_a_form_is_told_alike_by_every_engine(engine: str, tmp_path: Path) -> None:
    ((rule, message, place),) = lacking(
        engine, f"A {HIEROGLYPH} and once more {HIEROGLYPH}.", tmp_path
    )
    assert (rule, place) == ("convert.missing-sign", "EPUB/one.xhtml")
    told = "U+13000 EGYPTIAN HIEROGLYPH A001 (𓀀), 2 times, first in one.xhtml"
    assert message.startswith(told)


@pytest.mark.browser
@pytest.mark.prove
@needs_browser
@pytest.mark.parametrize("settings", [fonts.SYSTEM, "/nonexistent"], ids=["usual", "no fonts"])
def test_a_machine_without_fonts_prints_the_same_letters(settings: str, tmp_path: Path) -> None:
    asked = "import sys; from pathlib import Path; "
    asked += "from tests.books.converting.to_pdf.test_missing_signs import SCRIPTS, lacking; "
    asked += "print(lacking('chromium', SCRIPTS, Path(sys.argv[1])))"
    here = {**os.environ, "FONTCONFIG_FILE": settings}
    told = subprocess.run(
        [sys.executable, "-c", asked, str(tmp_path)], env=here, capture_output=True, check=True
    )
    assert told.stdout.strip() == b"[]"
