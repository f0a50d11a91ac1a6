"""Printers' rules as data: known answers of their own pages and calculators."""

from datetime import date

import pytest

from ebook_pipeline.books.printing.page_geometry import cover_geometry, page_geometry
from ebook_pipeline.books.printing.print_rules import (
    CoverTemplate,
    PaperKind,
    Printer,
    Trim,
    rules_of,
)
from ebook_pipeline.foundation.errors import BookError

KDP = rules_of(Printer.KDP_PAPERBACK)
SQUARE = Trim(width=8.5, height=8.5)
TRADE = Trim(width=6, height=9)


@pytest.mark.parametrize("printer", Printer)
def test_every_printers_rules_say_where_and_when_they_were_read(printer: Printer) -> None:
    rules = rules_of(printer)
    assert all(source.startswith("https://") for source in rules.sources)
    assert date(2026, 1, 1) < rules.read <= date.today()
    assert all(rules.page_limits(TRADE, paper) for paper in rules.papers)


def test_the_cover_of_a_square_picture_book_of_32_pages_measures_what_kdp_says() -> None:
    geometry = cover_geometry(KDP, SQUARE, PaperKind.PREMIUM_COLOUR, 32)
    assert geometry.sheet.width == pytest.approx(17.3251, abs=0.0005)
    assert geometry.sheet.height == pytest.approx(8.75)
    assert geometry.spine_text is None


@pytest.mark.parametrize(
    ("paper", "spine"), [(PaperKind.WHITE, 0.4504), (PaperKind.CREAM, 0.5)], ids=str
)
def test_spines_of_200_pages_are_those_of_kdps_calculator(paper: PaperKind, spine: float) -> None:
    assert KDP.spine_width(200, paper) == pytest.approx(spine)


def test_a_spine_has_words_from_79_pages_on() -> None:
    assert cover_geometry(KDP, TRADE, PaperKind.WHITE, 78).spine_text is None
    area = cover_geometry(KDP, TRADE, PaperKind.WHITE, 79).spine_text
    assert area is not None
    assert area.width == pytest.approx(79 * 0.002252 - 0.125)


def test_the_barcode_lies_at_the_lower_right_of_the_back() -> None:
    geometry = cover_geometry(KDP, SQUARE, PaperKind.PREMIUM_COLOUR, 32)
    code, back = geometry.barcode, geometry.back
    assert (code.width, code.height) == pytest.approx((2, 1.2))
    assert (back.right - code.right, code.bottom - back.bottom) == pytest.approx((0.25, 0.25))


@pytest.mark.parametrize(
    ("pages", "gutter"), [(24, 0.375), (150, 0.375), (151, 0.5), (400, 0.625), (828, 0.875)]
)
def test_the_gutter_grows_with_the_pages(pages: int, gutter: float) -> None:
    assert KDP.gutter_of(pages) == gutter


def test_bleed_is_on_three_sides_and_changes_sides_with_the_page() -> None:
    right = page_geometry(KDP, SQUARE, 32, 1, bleed=True)
    left = page_geometry(KDP, SQUARE, 32, 2, bleed=True)
    assert (right.sheet.width, right.sheet.height) == (8.625, 8.75)
    assert (right.trim.left, left.trim.left) == (0, 0.125)
    assert right.safe.left == pytest.approx(0.375)
    assert left.trim.right - left.safe.right == pytest.approx(0.375)


def test_a_32_page_picture_book_fits_premium_colour_and_no_other_colour() -> None:
    limits = {paper: KDP.page_limits(SQUARE, paper) for paper in KDP.papers}
    fits = {paper for paper, span in limits.items() if span and span[0] <= 32 <= span[1]}
    assert fits == {PaperKind.PREMIUM_COLOUR, PaperKind.WHITE, PaperKind.CREAM}
    assert limits[PaperKind.PREMIUM_COLOUR] == (24, 590)


def test_a_large_trim_costs_more_to_print() -> None:
    assert KDP.printing_cost(SQUARE, PaperKind.PREMIUM_COLOUR, 32) == pytest.approx(4.20)
    assert KDP.printing_cost(TRADE, PaperKind.WHITE, 300) == pytest.approx(4.60)


def test_where_no_thickness_of_paper_is_published_no_cover_is_guessed() -> None:
    with pytest.raises(BookError, match="publishes no width of spine"):
        cover_geometry(rules_of(Printer.INGRAM), SQUARE, PaperKind.PREMIUM_COLOUR, 32)


def test_a_hardcover_s_template_says_where_boards_and_hinges_are() -> None:
    """What KDP's previewer took for 6 × 9 in and 200 white pages (docs/decisions.md)."""
    rules = rules_of(Printer.KDP_HARDCOVER)
    template = CoverTemplate(width=14.157, height=10.417, spine=0.741)
    geometry = cover_geometry(rules, TRADE, PaperKind.WHITE, 200, template)
    sheet, back, front = geometry.sheet, geometry.back, geometry.front
    assert (sheet.width, sheet.height) == pytest.approx((14.157, 10.417))
    assert (back.left, back.bottom) == pytest.approx((0.708, 0.7085))
    assert front.left - back.right == pytest.approx(0.741)
    behind, before = geometry.safe(rules)
    assert behind.right == pytest.approx(back.right - 0.4)
    assert before.left == pytest.approx(front.left + 0.4)
    assert (behind.left, before.right) == pytest.approx((0.635, 14.157 - 0.635))


@pytest.mark.parametrize(("width", "height"), [(12, 10.417), (14.157, 9), (30, 10.417)])
def test_a_template_of_another_trim_is_refused(width: float, height: float) -> None:
    template = CoverTemplate(width=width, height=height, spine=0.741)
    with pytest.raises(BookError, match="of another trim"):
        cover_geometry(rules_of(Printer.KDP_HARDCOVER), TRADE, PaperKind.WHITE, 200, template)
