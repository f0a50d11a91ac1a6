"""A PDF's lines in other directions, its numbers, its words over line ends."""

import pytest

from ebook_pipeline.books.converting.from_pdf import lines, links, running_heads, vertical, words
from ebook_pipeline.books.converting.from_pdf.lines import Line, Look, Page, Span

LOOK = Look(10.0)


def line(text, left=50.0, base=500.0, page=0):
    """A line of letters that are half as wide as high."""
    right = left + 5.0 * len(text)
    return Line([Span(text, LOOK, left, right, base)], page, left, right, base, 10.0, 20.0)


def test_most_letters_say_in_which_direction_a_page_reads() -> None:
    assert lines.right_to_left([line("אבישי קם לפתוח"), line("Sunrise")])
    assert not lines.right_to_left([line("Sunrise"), line("קם")])
    assert not lines.right_to_left([])


def test_a_page_from_right_to_left_is_read_from_its_other_edge() -> None:
    page = Page(0, 420, 595, [line("אבישי", left=300)])
    lines.mirrored(page)
    assert (page.lines[0].left, page.lines[0].right) == (95, 120)


def test_letters_below_each_other_are_a_vertical_page() -> None:
    stacked = [Line([Span("東京駅", LOOK, 50, 60, 0)], 0, 50, 60, 0, 10.0) for _ in range(10)]
    assert vertical.is_vertical(Page(0, 420, 595, stacked))
    assert not vertical.is_vertical(Page(0, 420, 595, [line("東京駅" * 10)]))


def test_columns_are_taken_from_the_right_and_from_above() -> None:
    def glyph(text, middle, top):
        return vertical._Glyph(text, LOOK, -1, -1, middle, middle - 5, top, top - 10)

    glyphs = [
        glyph("四", 80, 90),
        glyph("二", 100.5, 90),
        glyph("三", 80, 100),
        glyph("一", 100, 100),
    ]
    columns = vertical._columns(glyphs)
    assert ["".join(one.text for one in column) for column in columns] == ["一二", "三四"]


@pytest.mark.parametrize(
    ("text", "value"), [("iv", 4), ("XIX", 19), ("mcmlxxxiv", 1984), ("a", None)]
)
def test_roman_numbers_have_a_value(text: str, value: int | None) -> None:
    assert running_heads.roman(text) == value


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        (" https://a.org/ü?x=1%2 ", "https://a.org/%C3%BC?x=1%252"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://" + "a" * 3000, None),
    ],
)
def test_only_web_and_mail_addresses_are_links(uri: str, address: str | None) -> None:
    assert links.address(uri) == address


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        (("a con\u00ad", "sider b", "consider"), "a consider b consider"),
        (("a self-con\u00ad", "tained b", "contained"), "a self-contained b contained"),
        (("a will-", "o'-the-wisp b"), "a will-o'-the-wisp b"),
        (("he came—", "and went"), "he came—and went"),
        (("東京", "駅"), "東京駅"),
        (("pages 12-", "14 of it"), "pages 12-14 of it"),
    ],
)
def test_words_are_joined_over_line_ends(written: tuple[str, ...], joined: str) -> None:
    found = [line(text) for text in written]
    breaks = [False] * (len(found) - 1)
    content = words.joined(found, breaks, words.Vocabulary(found))
    assert "".join(one.text for one in content) == joined
