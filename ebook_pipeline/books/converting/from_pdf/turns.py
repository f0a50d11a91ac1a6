"""Pages seen in the direction in which their text is read.

ISO 32000-2 §14.11.2 (page boundaries), §7.7.3.3 (/Rotate). A *quarter* is a turn by 90 degrees.
"""

from dataclasses import dataclass

Rect = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Makes upright what runs `quarters` counter-clockwise from the page's own horizontal."""

    quarters: int

    def point(self, x: float, y: float) -> tuple[float, float]:
        """The point, turned about the origin."""
        if not self.quarters:
            return x, y
        return {1: (y, -x), 2: (-x, -y), 3: (-y, x)}[self.quarters]

    def rect(self, rect: Rect) -> Rect:
        """The rectangle, turned about the origin."""
        if not self.quarters:
            return rect
        (left, low), (right, high) = self.point(*rect[:2]), self.point(*rect[2:])
        return min(left, right), min(low, high), max(left, right), max(low, high)

    def back(self, rect: Rect) -> Rect:
        """The rectangle as it stands in the page's own space."""
        return Turn(-self.quarters % 4).rect(rect)


@dataclass(frozen=True, slots=True)
class PageView:
    """What is visible of a page: `box` in its own space, as readers see it and as it is read.

    `shown` is the turn by which readers show it, `read` that by which its text is upright.
    """

    box: Rect
    shown: Turn
    read: Turn

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in the direction of reading."""
        left, bottom, right, top = self.read.rect(self.box)
        return right - left, top - bottom

    def placed(self, rect: Rect) -> Rect:
        """A rectangle of the page's own space in the direction of reading, from its lower left."""
        return _from_corner(self.read.rect(rect), self.read.rect(self.box))

    def displayed(self, rect: Rect) -> Rect:
        """The same as readers show it: its margins left, below, right, above."""
        left, bottom, right, top = self.shown.rect(rect)
        box = self.shown.rect(self.box)
        return left - box[0], bottom - box[1], box[2] - right, box[3] - top


def overlap(rect: Rect, other: Rect) -> float:
    """The area that two rectangles share, in square points."""
    width = min(rect[2], other[2]) - max(rect[0], other[0])
    height = min(rect[3], other[3]) - max(rect[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _from_corner(rect: Rect, box: Rect) -> Rect:
    return rect[0] - box[0], rect[1] - box[1], rect[2] - box[0], rect[3] - box[1]
