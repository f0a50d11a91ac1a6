"""One contract for every engine that reads scans, and which of them are asked."""

from pathlib import Path

import pytest

from ebook_pipeline.books.converting.recognizing.recognizer import PageRecognizer
from ebook_pipeline.foundation.errors import BookError, ServiceError
from ebook_pipeline.resources.recognizing import engines, rapid_ocr
from ebook_pipeline.resources.recognizing.printed_quotes import as_printed
from ebook_pipeline.resources.recognizing.rapid_ocr import RapidOcr
from ebook_pipeline.resources.recognizing.tesseract import Tesseract, find_tesseract
from ebook_pipeline.settings import Settings
from tests.support.scans import TEXT, write_scan

_PROGRAM = find_tesseract(None)
needs_tesseract = pytest.mark.skipif(_PROGRAM is None, reason="no Tesseract")


@pytest.fixture(params=["rapidocr", pytest.param("tesseract", marks=needs_tesseract)])
def engine(request: pytest.FixtureRequest) -> PageRecognizer:
    return RapidOcr() if request.param == "rapidocr" else Tesseract(_PROGRAM or Path())


def test_a_skewed_page_is_read_word_by_word_where_its_words_stand(
    engine: PageRecognizer, tmp_path: Path
) -> None:
    (page,) = engine.read_pages(write_scan(tmp_path / "scan.pdf", how="skew"), [0], "en")
    words = " ".join(line.text for line in page.lines).split()
    wanted = TEXT.split()
    assert sum(word in words for word in wanted) >= 0.95 * len(wanted)
    assert 0.5 < abs(page.skew) < 3
    assert page.text_share > 0.9
    assert all(0 < word.left < word.right < page.width for word in page.words)
    assert all(0 <= word.confidence <= 1 for word in page.words)
    bases = [line.base for line in page.lines]
    assert bases == sorted(bases, reverse=True)
    assert all(9 < line.size < 14 for line in page.lines if len(line.text) > 20)


def test_pages_come_in_the_order_asked_for_and_empty_ones_are_empty(
    engine: PageRecognizer, tmp_path: Path
) -> None:
    scan = write_scan(tmp_path / "scan.pdf", "Nothing stands here.\n\n#pagebreak()")
    assert [page.number for page in engine.read_pages(scan, [0], "en")] == [0]


def test_a_page_that_is_not_there_is_the_books_fault(
    engine: PageRecognizer, tmp_path: Path
) -> None:
    scan = write_scan(tmp_path / "scan.pdf")
    with pytest.raises(BookError):
        engine.read_pages(scan, [7], "en")
    scan.write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(BookError):
        engine.read_pages(scan, [0], "en")


def test_each_engine_knows_its_letters(engine: PageRecognizer) -> None:
    assert engine.serves("en")
    assert not engine.serves("am")
    assert engine.version


def test_letters_that_a_model_was_not_taught_are_not_served() -> None:
    assert [RapidOcr().serves(tag) for tag in ("ru", "he", "hi", "el")] == [False] * 4
    assert [RapidOcr().serves(tag) for tag in ("pl", "zh-Hant", "ja", "")] == [True] * 4


def test_settings_choose_the_engines(tmp_path: Path) -> None:
    (only,) = engines.chosen(Settings(ocr_engine="rapidocr", ocr_dpi=300))
    assert only == RapidOcr(300, 1, only.limits)  # type: ignore[attr-defined]
    assert engines.chosen(Settings(ocr_engine="none")) == ()
    assert engines.chosen(Settings(ocr_engine="tesseract", tesseract=tmp_path / "none")) == ()


def test_without_its_models_an_engine_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapid_ocr, "DISTRIBUTION", "no_such_package")
    assert engines.chosen(Settings(ocr_engine="rapidocr")) == ()
    with pytest.raises(ServiceError, match="no_such_package"):
        _ = RapidOcr().version


def test_straight_quotes_become_those_of_the_language() -> None:
    assert as_printed('"Don\'t," he said; "no."', "en") == "“Don’t,” he said; “no.”"
    assert as_printed('"Nein", sagte er: "nie."', "de-AT") == "„Nein“, sagte er: „nie.“"
    assert as_printed("'Tis the boys' own", "en") == "‘Tis the boys’ own"
