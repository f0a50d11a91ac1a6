"""How wide a picture is printed: what the book says of it, else its pixels, on a page of 6 in."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ebook_pipeline.books.judging.chapters import ShownPicture

TEXT_WIDTH = 4.5
"""Inches between the margins of a page of 6 × 9 in."""
PIXELS = 96
"""CSS pixels in an inch, https://www.w3.org/TR/css-values-4/#absolute-lengths"""
_UNITS = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72, "px": 1 / PIXELS, "": 1 / PIXELS}
_RELATIVE = {"em": 16 / PIXELS, "rem": 16 / PIXELS, "%": TEXT_WIDTH / 100, "vw": 6 / 100}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([a-z%]*)", re.IGNORECASE)
_BLOCK = re.compile(r"\{([^{}]*)\}")
_WIDTH = re.compile(r"(?:^|;)\s*width\s*:\s*([^;!]+)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LAST = re.compile(r"(?:img)?((?:\.[\w-]+)?)$", re.IGNORECASE)


def widths(sheets: Sequence[str]) -> dict[str, str]:
    """Widths that style sheets give pictures, by class; by ``""`` what they give all of them.

    Only selectors that end in ``img``, a class, or both are read.
    """
    return {name: width for sheet in sheets for name, width in _declared(sheet)}


def _declared(sheet: str) -> Iterator[tuple[str, str]]:
    for selectors, block in _rules(_COMMENT.sub("", sheet)):
        width = _WIDTH.search(block)
        for selector in selectors.split(",") if width else ():
            last = _LAST.fullmatch((selector.split() or [""])[-1])
            if width and last and last[0]:
                yield last[1].removeprefix("."), width[1].strip()


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """The innermost blocks, each with what stands before it."""
    end = 0
    for match in _BLOCK.finditer(sheet):
        yield re.split("[{}]", sheet[end : match.start()])[-1], match[1]
        end = match.end()


def inches(picture: ShownPicture, pixels: int, styles: Mapping[str, str]) -> float:
    """The width of `picture`, which is so many pixels wide, at most that of the text."""
    widths_given = [
        picture.width,
        *(styles.get(name, "") for name in picture.classes),
        styles.get("", ""),
    ]
    stated = next((size for size in map(_length, widths_given) if size), pixels / PIXELS)
    return round(min(TEXT_WIDTH, stated), 2)


def _length(width: str) -> float | None:
    match = _LENGTH.fullmatch(width.strip())
    scale = (_UNITS | _RELATIVE).get(match[2].lower()) if match else None
    return float(match[1]) * scale if match and scale else None
