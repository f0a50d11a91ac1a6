"""Colours of the screen as inks of a press: CMYK within an ink limit, or black alone.

Full replacement of grey by black (GCR): of cyan, magenta and yellow at least one is always nought,
so a colour has two inks and black at most, and greys are black alone. What that comes to is plain
arithmetic, and so a book without transparency has proven coverage: every fill is opaque, the
topmost one is all that prints.
"""

import re

INK_LIMIT = 240.0
"""Per cent of all inks together: IngramSpark's limit, the strictest of the printers' here."""
_HEX = re.compile(r"#([0-9a-fA-F]{6})")

Cmyk = tuple[float, float, float, float]


def rgb_of(colour: str) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 1, of ``#rrggbb``. Raises ValueError for another form."""
    digits = _HEX.fullmatch(colour)
    if digits is None:
        raise ValueError(f"{colour} is no colour such as #2b2320")
    red, green, blue = (int(digits[1][at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def cmyk_of(red: float, green: float, blue: float) -> Cmyk:
    """The four inks, 0 to 1, of a colour of the screen (each 0 to 1); INK_LIMIT at most."""
    light = max(red, green, blue)
    if light <= 0:
        return 0.0, 0.0, 0.0, 1.0
    black = 1 - light
    inks = [1 - part / light for part in (red, green, blue)]
    colour = sum(inks)
    most = INK_LIMIT / 100 - black
    share = min(1.0, most / colour) if colour else 1.0
    cyan, magenta, yellow = (_down(ink * share) for ink in inks)
    return cyan, magenta, yellow, _down(black)


def grey_of(red: float, green: float, blue: float) -> float:
    """Lightness, 0 to 1, of a colour of the screen: the luma of Rec. 601."""
    return round(0.299 * red + 0.587 * green + 0.114 * blue, 3)


def ink_total(inks: Cmyk) -> float:
    """Per cent of all inks together."""
    return 100 * sum(inks)


def _down(ink: float) -> float:
    """Thousandths, rounded down: four roundings up could pass the limit."""
    return int(ink * 1000 + 1e-9) / 1000
