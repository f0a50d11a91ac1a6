"""Colours and the contrast between them: WCAG 2.2 §1.4.3.

https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

from typing import Any, NamedTuple

_NORMAL_CONTRAST, _LARGE_CONTRAST = 4.5, 3.0
"""Ratios from 1 to 21 that WCAG asks for, of letters of any size and of large ones."""
_LARGE_SIZE, _LARGE_BOLD_SIZE = 24.0, 18.5
"""CSS pixels from which letters are large: 18 pt, and 14 pt in bold."""


class Colour(NamedTuple):
    """sRGB, each from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: "Colour") -> "Colour":
        """This colour painted on the opaque colour `below`."""
        red, green, blue = (
            front * self.alpha + back * (1 - self.alpha)
            for front, back in zip(self[:3], below[:3], strict=True)
        )
        return Colour(red, green, blue)

    def __str__(self) -> str:
        return "#" + "".join(f"{round(channel * 255):02x}" for channel in self[:3])


BLACK, WHITE = Colour(0, 0, 0), Colour(1, 1, 1)
LINK = Colour(0, 0, 238 / 255)
YELLOW = Colour(1, 1, 0)


def contrast_ratio(colour: Colour, other: Colour) -> float:
    """From 1 (equal) to 21 (black on white); both colours opaque."""
    darker, lighter = sorted((_luminance(colour), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def required_contrast(size: float, bold: bool) -> float:
    """The contrast that letters of `size` CSS pixels need at level AA."""
    large = size >= (_LARGE_BOLD_SIZE if bold else _LARGE_SIZE)
    return _LARGE_CONTRAST if large else _NORMAL_CONTRAST


def from_css(parsed: Any) -> Colour | None:
    """tinycss2's colour as ours; None where it can't be said in sRGB."""
    if parsed is None or isinstance(parsed, str):
        return None
    try:
        values = parsed.to("srgb").coordinates
    except (NotImplementedError, ValueError):
        return None
    alpha = 1.0 if parsed.alpha is None else float(parsed.alpha)
    red, green, blue = (min(1.0, max(0.0, float(value or 0))) for value in values)
    return Colour(red, green, blue, alpha)


def _luminance(colour: Colour) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in colour[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
