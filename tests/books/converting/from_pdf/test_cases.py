"""Files of faults that people met with PDFs, with the right outcome; the cases stand elsewhere."""

import re
import zipfile
from html import unescape
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.from_pdf import PdfConversion, epub_from_pdf
from ebook_pipeline.books.records import Claims
from tests.support.books.pdf_lines import markup
from tests.support.corpus import case, needs_cases

pytestmark = needs_cases

KEEPER = "The keeper of the north light had three habits that the village remarked upon"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.epub"


def paragraphs(name: str, target: Path) -> list[str]:
    """The text of each paragraph and heading."""
    written = markup(case(name), target)
    found = re.findall(r"<(?:p|h\d)[^>]*>(.*?)</(?:p|h\d)>", written, re.DOTALL)
    return [unescape(re.sub("<[^>]+>", "", text.replace("<br/>", "\n"))) for text in found]


def converted(name: str, target: Path) -> PdfConversion:
    return epub_from_pdf(case(name), target, Claims())


def said(name: str, target: Path) -> dict[str, str]:
    return {finding.rule: finding.message for finding in converted(name, target).findings}


@pytest.mark.parametrize("name", ["101-pdf-rotated.pdf", "101b-pdf-rotated-matrix.pdf"])
def test_a_turned_page_is_read_along_its_letters(name: str, target: Path) -> None:
    assert paragraphs(name, target)[0].startswith(KEEPER)


def test_a_sideways_page_between_prose_is_prose(target: Path) -> None:
    text = " ".join(" ".join(paragraphs("101c-pdf-sideways-text.pdf", target)).split())
    assert "The silence by the clock forgot the boats before dusk. The winter by the mother" in text
    assert "<table" not in markup(case("101c-pdf-sideways-text.pdf"), target)


HEBREW = [
    "פרק ראשון",
    "השומר הדליק את המנורה בשעה 19:45 והקשיב זמן רב לים. הערפל עלה מן הנמל (Haifa) והסתיר את"
    " הסירות אחת אחת, עד שלא נראה עוד דבר מלבד האור.",
    "הילד לא ענה דבר, והלך עד קצה המזח ב-14 במאי 1931.",
    "פרק שני",
    "בבוקר חזרו הסירות כולן, ואיש לא דיבר על הפעמון השני.",
]


@pytest.mark.parametrize("name", ["105b-pdf-hebrew-chromium.pdf", "105d-pdf-hebrew-untagged.pdf"])
def test_hebrew_is_read_in_its_order_with_its_brackets_and_numbers(name: str, target: Path) -> None:
    assert paragraphs(name, target) == HEBREW


def test_arabic_letters_of_a_browser_are_words_again(target: Path) -> None:
    assert paragraphs("105c-pdf-arabic-chromium.pdf", target) == [
        "الفصل الأول",
        "أشعل الحارس المصباح في الساعة 19:45 واستمع طويلا إلى البحر. صعد الضباب من الميناء"
        " (Haifa) وأخفى القوارب واحدا بعد الآخر.",
        "لم يجب الطفل بشيء وسار حتى نهاية الرصيف.",
        "الفصل الثاني",
        "في الصباح عادت القوارب كلها.",
    ]


def test_hebrew_written_from_the_left_is_turned_round_but_for_its_numbers(target: Path) -> None:
    text = " ".join(paragraphs("105f-pdf-hebrew-visual2.pdf", target))
    assert "בוקר של 1931 מן הנמל והערפל כיסה את המים (כולם) עד הערב." in text
    assert "הוא ספר 12 סירות, ואז 7. אחר כך ירד הגשם." in text


def test_pages_read_from_the_right_are_turned_so(target: Path) -> None:
    markup(case("105b-pdf-hebrew-chromium.pdf"), target)
    with zipfile.ZipFile(target) as book:
        package = next(name for name in book.namelist() if name.endswith(".opf"))
        assert b'page-progression-direction="rtl"' in book.read(package)
        chapter = next(name for name in book.namelist() if "chapter-" in name)
        assert b' dir="rtl"' in book.read(chapter)


def test_what_stands_outside_of_the_crop_box_is_left_out_and_said(target: Path) -> None:
    text = " ".join(paragraphs("110b-pdf-cropbox.pdf", target))
    assert text.startswith(KEEPER)
    assert "SLUG" not in text
    assert "PRINTER" not in text
    assert "20 words" in said("110b-pdf-cropbox.pdf", target)["convert.outside-page"]


def test_what_was_filled_into_a_form_stands_beside_its_question(target: Path) -> None:
    assert paragraphs("111-pdf-form.pdf", target)[0] == "Name of the keeper: ESTHER VALE"
    assert "1 filled form field" in said("111-pdf-form.pdf", target)["convert.form-values"]


def test_a_watermark_is_no_heading_and_is_said(target: Path) -> None:
    assert "<h" not in markup(case("116-pdf-watermark.pdf"), target)
    assert "DRAFT" not in " ".join(paragraphs("116-pdf-watermark.pdf", target))
    assert "“DRAFT COPY”, 8 words" in said("116-pdf-watermark.pdf", target)["convert.watermark"]
