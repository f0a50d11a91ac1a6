"""The typefaces of picture books, under the SIL Open Font License, and how wide words are in them.

Andika is drawn for people who learn to read (SIL International); Baloo 2 is for titles. The files
in `fonts` are their Latin subsets as the npm packages @fontsource/andika and @fontsource/baloo-2
5.3.0 have them, unpacked from WOFF; licences beside them.
"""

from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

TEXT_FAMILY = "Andika"
TITLE_FAMILY = "Baloo 2"
FOLDER = Path(__file__).with_name("fonts")
"""For a typesetter that wants a folder: every file of it is for text."""

_FILES = {
    (TEXT_FAMILY, False): "Andika-Regular.ttf",
    (TEXT_FAMILY, True): "Andika-Bold.ttf",
    (TITLE_FAMILY, False): "Baloo2-Bold.ttf",
    (TITLE_FAMILY, True): "Baloo2-Bold.ttf",
}
_UNITS = 1000


def font_file(family: str, *, bold: bool = False) -> Path:
    """The file of a face; Baloo 2 comes bold alone. Raises KeyError for another family."""
    return FOLDER / _FILES[family, bold]


def width(text: str, family: str, size: float, *, bold: bool = False) -> float:
    """Points that `text` takes on one line, without kerning: never less than what is set."""
    return _units(text, family, bold) * size / _UNITS


@lru_cache(maxsize=2048)
def _units(text: str, family: str, bold: bool) -> float:
    """At every size: a text is broken into lines at many of them, and at many measures."""
    return _face(family, bold).getlength(text)


@cache
def _face(family: str, bold: bool) -> ImageFont.FreeTypeFont:
    layout = ImageFont.Layout.BASIC
    return ImageFont.truetype(font_file(family, bold=bold), _UNITS, layout_engine=layout)
