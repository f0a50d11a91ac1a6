"""Colours and the contrast between them: WCAG 2.2 §1.4.3.

https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

from typing import Any, NamedTuple

_NORMAL, _LARGE = 4.5, 3.0
_LARGE_SIZE, _LARGE_BOLD_SIZE = 24.0, 18.5  # 18 pt, and 14 pt in bold, in CSS pixels


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
        return "#" + "".join(f"{round(one * 255):02x}" for one in self[:3])


BLACK, WHITE = Colour(0, 0, 0), Colour(1, 1, 1)
LINK = Colour(0, 0, 238 / 255)
YELLOW = Colour(1, 1, 0)


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (equal) to 21 (black on white); both colours opaque."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def needed(size: float, bold: bool) -> float:
    """The contrast that letters of `size` CSS pixels need at level AA."""
    return _LARGE if size >= (_LARGE_BOLD_SIZE if bold else _LARGE_SIZE) else _NORMAL


def of_css(parsed: Any) -> Colour | None:
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
