"""Pictures that a page places: how many pixels an inch has, their colours, their ink."""

import math
from typing import TYPE_CHECKING, Protocol

import pikepdf

from ebook_pipeline.books.formats.pdf import objects
from ebook_pipeline.books.printing.preflight import transparency
from ebook_pipeline.books.printing.preflight.colours import (
    GRAY,
    ColourSpace,
    colour_space,
)
from ebook_pipeline.books.printing.preflight.content_state import GraphicsState, box_of
from ebook_pipeline.books.printing.preflight.facts import (
    MOST_MARKS,
    Box,
    PageContent,
    PlacedImage,
    Spot,
)

if TYPE_CHECKING:
    from PIL.Image import Image

_UNIT: Box = (0.0, 0.0, 1.0, 1.0)
_MOST_PIXELS = 40_000_000
"""Of a CMYK picture whose ink is measured; a double page at 300 dpi has 13 million."""
_GRAIN = 4
"""Pixels of a square whose average ink counts: a press does not feel single pixels."""


class ContentReader(Protocol):
    """Who writes down what a page has."""

    content: PageContent

    def colour(self, space: ColourSpace, box: Box) -> None: ...

    def ink(self, amount: float | None, box: Box) -> None: ...


def read(
    image: pikepdf.Stream, state: GraphicsState, resources: object, reader: ContentReader
) -> None:
    """A picture placed by ``Do``."""
    pixels = tuple(_side(objects.entry(image, key)) for key in ("/Width", "/Height"))
    box = _placed((pixels[0], pixels[1]), state, reader)
    for reason in transparency.of_image(image):
        if len(reader.content.transparent) < MOST_MARKS:
            reader.content.transparent.append(Spot(box, words=reason))
    if objects.entry(image, "/ImageMask") is True:
        reader.colour(state.fill.space, box)
        return
    named = objects.entry(resources, "/ColorSpace")
    space = colour_space(objects.entry(image, "/ColorSpace"), named)
    reader.colour(space, box)
    if space.kind == "cmyk" and space.tint is None:
        reader.ink(_heaviest(image, pixels[0] * pixels[1]), box)
    elif "gray" not in space.kinds:
        reader.content.ink_known = False


def read_inline(
    image: pikepdf.PdfInlineImage, state: GraphicsState, resources: object, reader: ContentReader
) -> None:
    """A picture written into the content itself (§8.9.7)."""
    box = _placed((image.width, image.height), state, reader)
    if not image.image_mask:
        named = objects.entry(resources, "/ColorSpace")
        space = colour_space(image.obj.get("/ColorSpace"), named) if image.obj else GRAY
        reader.colour(space, box)


def _placed(pixels: tuple[int, int], state: GraphicsState, reader: ContentReader) -> Box:
    a, b, c, d, _, _ = state.matrix
    box = box_of(state.matrix, _UNIT)
    sides = math.hypot(a, b), math.hypot(c, d)
    found = reader.content.images
    found.append(PlacedImage(box, pixels, sides))
    if len(found) > 2 * MOST_MARKS:
        found.sort(key=lambda image: image.dpi)
        del found[MOST_MARKS:]
    return box


def _side(value: object) -> int:
    return max(int(objects.number(value) or 0), 0)


def _heaviest(image: pikepdf.Stream, pixels: int) -> float | None:
    """Per cent of ink of the heaviest place; None where the picture is too large or damaged."""
    if not 0 < pixels <= _MOST_PIXELS:
        return None
    try:
        drawn = pikepdf.PdfImage(image).as_pil_image()
    except (pikepdf.PdfError, NotImplementedError, OSError, *objects.UNREADABLE):
        return None
    return _ink(drawn) if drawn.mode == "CMYK" else None


def _ink(drawn: "Image") -> float:
    import numpy

    small = drawn.reduce(_GRAIN) if min(drawn.size) > _GRAIN else drawn
    sums = numpy.asarray(small).sum(axis=2, dtype="uint16")
    return float(sums.max()) / 2.55
