"""The small cascade: which colours letters and their background really have."""

from pathlib import Path

import pytest

from ebook_pipeline.books.validating.accessibility.checking import check
from ebook_pipeline.books.validating.accessibility.colours import (
    BLACK,
    WHITE,
    Colour,
    contrast_ratio,
    required_contrast,
)
from tests.support.books.epub import MANIFEST, METADATA, epub, package

PAGE = """<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><title>T</title>
<link rel="stylesheet" href="a.css"/></head><body>{}</body></html>"""


def faint(folder: Path, css: str, body: str = '<p class="a" id="x">text</p>', **more: str) -> bool:
    return "color-contrast" in rules(folder, css, body, **more)


def rules(folder: Path, css: str, body: str, **more: str) -> list[str]:
    style = '<item id="css" href="a.css" media-type="text/css"/>'
    files = {
        "EPUB/package.opf": package(METADATA, MANIFEST + style),
        "EPUB/a.css": css,
        "EPUB/one.xhtml": PAGE.format(body),
        **{f"EPUB/{name.replace('_', '.')}": text for name, text in more.items()},
    }
    findings = check(epub(folder / "b.epub", files)).findings
    return [one.rule.removeprefix("accessibility.") for one in findings]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_ratio(BLACK, WHITE) == pytest.approx(21)
    assert contrast_ratio(WHITE, WHITE) == 1
    grey = Colour(0x77 / 255, 0x77 / 255, 0x77 / 255)
    assert contrast_ratio(grey, WHITE) == pytest.approx(4.48, abs=0.01)
    assert str(Colour(0, 0, 0, 0.5).over(WHITE)) == "#808080"


def test_large_letters_need_less() -> None:
    sizes = ((16, False), (24, False), (18.67, True), (18, True))
    assert [required_contrast(*one) for one in sizes] == [4.5, 3.0, 3.0, 4.5]


@pytest.mark.parametrize(
    "css",
    [
        "p { color: #aaa }",
        ".a { color: rgb(170 170 170) } p { color: black }",
        "#x { color: silver } .a { color: black }",
        "p { color: #aaa !important } .a { color: black }",
        "body { color: #bbb }",
        "p { background: #333 }",
        "body { background-color: navy }",
        "p { color: rgba(0, 0, 0, .3) }",
        "p { color: hsl(0 0% 70%) }",
        "@media screen { p { color: #aaa } }",
        "@namespace h url(http://www.w3.org/1999/xhtml); h|p { color: #aaa }",
        "@import 'b.css';",
        "p { color: #888; font-size: 1.4em }",
        "p { color: black; } p { color: currentcolor } body { color: #ccc }",
    ],
)
def test_faint_text_is_found(tmp_path: Path, css: str) -> None:
    assert faint(tmp_path, css, b_css="p { color: #aaa }")


@pytest.mark.parametrize(
    "css",
    [
        "p { color: #666 }",
        "p { color: #aaa } .a { color: black }",
        "p { color: #aaa; background: #222 }",
        "p { color: #888; font-size: 24px }",
        "p { color: #888; font: bold 15pt serif }",
        "p { color: #aaa; display: none }",
        "p { color: #fff; background: linear-gradient(black, black) }",
        "p { color: #aaa; opacity: .9 }",
        "p { color: var(--ink) }",
        "@media print { p { color: #aaa } }",
        "@media (prefers-color-scheme: dark) { p { color: #aaa } }",
        "p:hover { color: #aaa } p::first-letter { color: #aaa }",
        "p { color: #aaa",
        "}}} p {{ color",
        ":not(" * 3000 + "p" + ")" * 3000 + " { color: #aaa }",
        "@media all {" * 3000 + "p { color: #aaa }",
    ],
)
def test_what_stands_out_or_is_not_known_is_not_blamed(tmp_path: Path, css: str) -> None:
    assert faint(tmp_path, css) is (css == "p { color: #aaa")


def test_links_are_blue_unless_told_otherwise(tmp_path: Path) -> None:
    link = '<p><a href="nav.xhtml">on</a></p>'
    assert faint(tmp_path, "p { background: #222; color: white }", link)
    assert not faint(tmp_path, "p { background: #222; color: white } a { color: inherit }", link)


@pytest.mark.parametrize(
    ("css", "lost"),
    [
        ("a { text-decoration: none; color: #333 }", True),
        ("a { text-decoration: none }", True),
        ("a { color: #333 }", False),
        ("a { text-decoration: none; color: #333; font-weight: bold }", False),
        ("a { text-decoration: none; color: #333; border-bottom: 1px solid }", False),
        ("a { text-decoration: none; color: #800 } p { color: #000 }", True),
        ("a { text-decoration: none; color: #c40 } p { color: #000 }", False),
    ],
)
def test_links_in_text_need_more_than_a_near_colour(tmp_path: Path, css: str, lost: bool) -> None:
    body = '<p>Go <a href="nav.xhtml">on</a>.</p>'
    assert ("link-in-text-block" in rules(tmp_path, css, body)) is lost


def test_a_link_alone_in_its_line_needs_no_underline(tmp_path: Path) -> None:
    body = '<p><a href="nav.xhtml">on</a></p>'
    assert "link-in-text-block" not in rules(tmp_path, "a { text-decoration: none }", body)


def test_sheets_that_import_each_other_end(tmp_path: Path) -> None:
    assert not faint(tmp_path, "@import 'b.css'; p { color: darkred }", b_css="@import 'a.css';")
