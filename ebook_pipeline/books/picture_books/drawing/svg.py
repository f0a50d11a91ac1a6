"""A scene graph as SVG, in colour or as line art: opaque paths alone, strokes in page points."""

from collections.abc import Iterator

from ebook_pipeline.books.picture_books.drawing.colours import darker
from ebook_pipeline.books.picture_books.drawing.graph import (
    IDENTITY,
    Affine,
    Group,
    LineArtRole,
    Node,
    Shape,
    chain,
    magnitude,
)
from ebook_pipeline.books.picture_books.drawing.paths import number
from ebook_pipeline.books.picture_books.trim_sizes import Area

_EDGE = 1.1
"""Outline in colour, in points of the page."""
_LINE = 1.6
"""Outline in a line drawing: KDP wants 0.75 pt at least."""
_WIDEST_LINE = 2.4
"""Of what is a line in colour: spectacles and grass would be black bars."""
_BLACK = "#1a1a1a"


def colour_svg(picture: Group, page: Area) -> str:
    return _document(picture, page, line_art=False)


def line_svg(picture: Group, page: Area) -> str:
    return _document(picture, page, line_art=True)


def _document(picture: Group, page: Area, *, line_art: bool) -> str:
    size = f"{number(page.width)} {number(page.height)}"
    body = "".join(_rendered(picture, IDENTITY, line_art))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">{body}</svg>'


def _rendered(node: Node, outer: Affine, line_art: bool) -> Iterator[str]:
    if isinstance(node, Shape):
        yield _path(node, magnitude(outer), line_art)
    elif node.transform == IDENTITY:
        for child in node.children:
            yield from _rendered(child, outer, line_art)
    else:
        inner = chain(outer, node.transform)
        yield f'<g transform="matrix({" ".join(_exact(value) for value in node.transform)})">'
        for child in node.children:
            yield from _rendered(child, inner, line_art)
        yield "</g>"


def _exact(value: float) -> str:
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _path(shape: Shape, size: float, line_art: bool) -> str:
    if line_art and shape.role is LineArtRole.TINT:
        return ""
    if shape.role is LineArtRole.STROKE:
        colour = _BLACK if line_art else shape.fill
        widest = _WIDEST_LINE / size if line_art else shape.width
        return _stroked(shape.d, "none", colour, max(min(shape.width, widest), 0.75 / size))
    if line_art and shape.role is LineArtRole.AREA:
        return _stroked(shape.d, "#ffffff", _BLACK, _LINE / size)
    if shape.role is LineArtRole.MARK:
        return f'<path d="{shape.d}" fill="{shape.fill}"/>'
    if shape.edge:
        return _stroked(shape.d, shape.fill, darker(shape.fill), _EDGE / size)
    return f'<path d="{shape.d}" fill="{shape.fill}"/>'


def _stroked(d: str, fill: str, colour: str, width: float) -> str:
    return (
        f'<path d="{d}" fill="{fill}" stroke="{colour}" stroke-width="{_exact(width)}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )
