"""Scans are found, read in groups, kept between attempts, and said; picture books stay."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from ebook_pipeline.books.converting.recognizing.recognition import (
    PageRecognition,
    RecognizedPdf,
    recognize_scans,
)
from ebook_pipeline.books.converting.recognizing.recognizer import (
    PageRecognizer,
    RecognizedLine,
    RecognizedPage,
    RecognizedWord,
)
from ebook_pipeline.books.converting.recognizing.scans import find_scans, known_share
from ebook_pipeline.foundation.errors import LimitExceeded, ServiceError
from tests.support.paths import PROJECT
from tests.support.scans import TEXT, write_scan

ENGLISH = TEXT.split()


@dataclass
class KnownPages:
    """An engine that knows what stands on each page; `broken` pages and failures are asked for."""

    text_share: float = 0.95
    confidence: float = 0.9
    languages: frozenset[str] = frozenset({"", "en"})
    broken: frozenset[int] = frozenset()
    fails_after: int = 10_000
    asked: list[int] = field(default_factory=list)
    read_in: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    version = "known pages, 1"

    def serves(self, language: str) -> bool:
        return language in self.languages

    def read_pages(
        self, pdf: Path, numbers: Sequence[int], language: str
    ) -> tuple[RecognizedPage, ...]:
        if self.broken & set(numbers):
            raise LimitExceeded("sandbox.time", "too long")
        if len(self.asked) >= self.fails_after:
            raise ServiceError("the machine was switched off")
        self.asked += numbers
        self.read_in[language] += numbers
        return tuple(self._page(number) for number in numbers)

    def _page(self, number: int) -> RecognizedPage:
        words = tuple(
            RecognizedWord(word, 20 + 6 * place, 25 + 6 * place, self.confidence)
            for place, word in enumerate(ENGLISH[:30])
        )
        line = RecognizedLine(100, 11, words)
        return RecognizedPage(number, 255, 170, 0, (line,), self.text_share)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write_scan(tmp_path / "scan.pdf", "\n\n".join([TEXT] * 12))


def read(scan: Path, engine: PageRecognizer, language: str = "en", cached: bool = False,
         most: int = 1500) -> RecognizedPdf:  # fmt: skip
    folder = scan.parent / "cache" if cached else None
    recognition = PageRecognition((engine,), folder, most, at_once=2)
    return recognize_scans(scan, scan.parent, language, recognition, lambda _: None)


def rules(made: RecognizedPdf) -> list[str]:
    return [finding.rule for finding in made.findings]


def pages_of(scan: Path) -> int:
    with pdfium.PdfDocument(scan) as document:
        return len(document)


def test_every_page_is_read_once_and_gets_its_text(scan: Path) -> None:
    engine = KnownPages()
    made = read(scan, engine)
    assert sorted(engine.asked) == list(range(pages_of(scan)))
    assert rules(made) == ["convert.recognised"]
    assert made.pdf is not None
    assert find_scans(made.pdf, "en").pages == ()


def test_an_unknown_language_is_told_by_two_pages_which_are_read_once_more_in_it(
    scan: Path,
) -> None:
    engine = KnownPages()
    read(scan, engine, language="")
    told_by, in_english = set(engine.read_in[""]), engine.read_in["en"]
    assert len(told_by) == 2
    assert sorted(in_english) == list(range(pages_of(scan)))


def test_a_reading_that_was_cut_short_goes_on_where_it_stopped(scan: Path) -> None:
    first = KnownPages(fails_after=4)
    with pytest.raises(ServiceError):
        read(scan, first, cached=True)
    second = KnownPages()
    assert read(scan, second, cached=True).pdf is not None
    assert first.asked
    assert not set(first.asked) & set(second.asked)
    assert not list((scan.parent / "cache").iterdir())


def test_a_page_that_takes_too_long_stays_a_picture_and_is_named(scan: Path) -> None:
    made = read(scan, KnownPages(broken=frozenset({2})))
    (finding,) = [one for one in made.findings if one.rule == "convert.unread-pages"]
    assert finding.place == "page 3"
    assert made.pdf is not None
    assert find_scans(made.pdf, "en").pages == (2,)


def test_doubtful_words_are_a_finding_with_their_pages(scan: Path) -> None:
    made = read(scan, KnownPages(confidence=0.4))
    (finding,) = [one for one in made.findings if one.rule == "convert.unsure-words"]
    assert "“The”" in finding.message
    assert finding.place.startswith("pages 1-")


def test_a_book_of_pictures_is_looked_at_and_left_as_it_is(scan: Path) -> None:
    engine = KnownPages(text_share=0.1)
    made = read(scan, engine)
    assert (rules(made), made.pdf) == (["convert.picture-book"], None)
    assert len(engine.asked) <= 6


@pytest.mark.parametrize("language", ["ru", ""])
def test_letters_that_nobody_knows_leave_pictures_and_a_warning(scan: Path, language: str) -> None:
    made = read(scan, KnownPages(confidence=0.2), language)
    assert (rules(made), made.pdf) == (["convert.not-recognised"], None)


def test_no_more_pages_than_the_settings_say(scan: Path) -> None:
    assert rules(read(scan, KnownPages(), most=1)) == ["convert.not-recognised"]


def test_an_engine_that_answers_with_other_pages_is_not_believed(scan: Path) -> None:
    class Lying(KnownPages):
        def _page(self, number: int) -> RecognizedPage:
            return replace(super()._page(number), number=number + 1000)

    made = read(scan, Lying())
    assert made.pdf is None
    assert "convert.unread-pages" in rules(made)


def test_a_pdf_with_text_is_not_read() -> None:
    assert find_scans(PROJECT / "samples" / "flatland.pdf", "en").pages == ()


def test_text_of_words_that_no_language_has_is_bad() -> None:
    words = (PROJECT / "samples" / "texts" / "flatland.txt").read_text().split()[:600]
    garbled = [word.replace("e", "c").replace("i", "1l").replace("a", "u") for word in words]
    letters = [word for word in words if word.isalpha()]
    assert (known_share(letters, "en") or 0) > 0.9
    assert (known_share([w for w in garbled if w.isalnum()], "en") or 0) < 0.7
    assert known_share(letters, "tlh") is None
