"""Lines and dots as the paths of an SVG of a page: black on white, in points."""

from collections.abc import Iterable, Sequence

from ebook_pipeline.books.picture_books.finished_book import TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import Area, TrimSize, bleed_box, trim_box
from ebook_pipeline.books.picture_books.typefaces import TEXT_FAMILY, TITLE_FAMILY

Point = tuple[float, float]

MARGIN = 45.0
"""Points from the cut to what is drawn: the widest gutter of a thin book, and some air."""
_HEAD = 84.0
"""Points below the margin for the title and the sentence that says what to do."""
_CIRCLE = 0.5522847
"""Of a radius: the handle of a quarter circle's Bézier curve."""


def page_svg(trim: TrimSize, parts: Iterable[str]) -> str:
    """A whole page's picture."""
    whole = bleed_box(trim)
    size = f"{whole.width:g} {whole.height:g}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">{"".join(parts)}</svg>'


def playground(trim: TrimSize) -> Area:
    """Where the activity itself is drawn, below its title."""
    inner = trim_box(trim).inset(MARGIN)
    return Area(x=inner.x, y=inner.y + _HEAD, width=inner.width, height=inner.height - _HEAD)


def square(area: Area) -> Area:
    """The largest square in the middle of the area."""
    side = min(area.width, area.height)
    return Area(
        x=area.x + (area.width - side) / 2,
        y=area.y + (area.height - side) / 2,
        width=side,
        height=side,
    )


def headings(trim: TrimSize, title: str, task: str) -> tuple[TextBlock, TextBlock]:
    """The title of a page, and the sentence below it."""
    inner = trim_box(trim).inset(MARGIN)
    above = Area(x=inner.x, y=inner.y, width=inner.width, height=36)
    below = Area(x=inner.x, y=inner.y + 38, width=inner.width, height=40)
    return (
        TextBlock(
            paragraphs=(title,), area=above, size=24, leading=28, family=TITLE_FAMILY, bold=True
        ),
        TextBlock(paragraphs=(task,), area=below, size=12.5, leading=17, family=TEXT_FAMILY),
    )


def label(text: str, middle: Point, size: float, *, bold: bool = False) -> TextBlock:
    """A letter or a number with its middle at a point."""
    width, height = size * max(2.0, len(text)), size * 1.3
    area = Area(x=middle[0] - width / 2, y=middle[1] - height / 2, width=width, height=height)
    return TextBlock(
        paragraphs=(text,), area=area, size=size, leading=size, family=TEXT_FAMILY, bold=bold
    )


def line(points: Sequence[Point], width: float, colour: str = "#000000") -> str:
    """An open line through the points."""
    steps = " ".join(f"{'L' if at else 'M'}{x:.2f} {y:.2f}" for at, (x, y) in enumerate(points))
    return (
        f'<path d="{steps}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def dot(middle: Point, radius: float, colour: str = "#000000") -> str:
    """A filled circle."""
    x, y = middle
    arm = radius * _CIRCLE
    curves = (
        f"M{x - radius:.2f} {y:.2f}"
        f"C{x - radius:.2f} {y - arm:.2f} {x - arm:.2f} {y - radius:.2f} {x:.2f} {y - radius:.2f}"
        f"C{x + arm:.2f} {y - radius:.2f} {x + radius:.2f} {y - arm:.2f} {x + radius:.2f} {y:.2f}"
        f"C{x + radius:.2f} {y + arm:.2f} {x + arm:.2f} {y + radius:.2f} {x:.2f} {y + radius:.2f}"
        f"C{x - arm:.2f} {y + radius:.2f} {x - radius:.2f} {y + arm:.2f} {x - radius:.2f} {y:.2f}Z"
    )
    return f'<path d="{curves}" fill="{colour}"/>'


def frame(area: Area, width: float = 1.5) -> str:
    """The outline of a rectangle."""
    corners = [
        (area.x, area.y),
        (area.right, area.y),
        (area.right, area.bottom),
        (area.x, area.bottom),
        (area.x, area.y),
    ]
    return line(corners, width)
