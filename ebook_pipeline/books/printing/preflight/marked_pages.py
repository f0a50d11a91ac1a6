"""Pictures of pages with a fault: the fault framed, trim and safe area drawn. In the sandbox."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2 as pdfium

from ebook_pipeline.books.formats.pdf import objects, opening
from ebook_pipeline.books.printing.preflight.facts import Box

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PICTURES = 60
SECONDS = 60
"""Of processor time."""
_LONGEST = 1100
"""Pixels of a picture's longer side."""
_RED, _BLUE, _GREEN = (214, 40, 40), (40, 90, 214), (20, 140, 60)
_PADDING = 5
"""Pixels between a fault and its frame."""
_SMALLEST_FRAME = 10
"""Pixels of a frame's side: a hair line must be found too."""


def picture_pages(
    path: Path, frames: dict[int, list[Box | None]], guides: dict[int, list[Box]], folder: Path
) -> list[str]:
    """Write a PNG per page of `frames` into `folder`; the names of the files.

    A frame that is None goes around the whole page. `guides` are trim and safe area.
    """
    budget = objects.TimeBudget(SECONDS)
    names: list[str] = []
    try:
        with opening.drawable(path) as document:
            for number in sorted(frames)[:MOST_PICTURES]:
                if budget.spent or number > len(document):
                    break
                drawn = _picture(document, number, frames[number], guides.get(number, []))
                name = f"page-{number:04d}.png"
                drawn.save(folder / name, optimize=False)
                names.append(name)
    except pdfium.PdfiumError:
        return names
    return names


def _picture(
    document: pdfium.PdfDocument, number: int, frames: Sequence[Box | None], guides: Sequence[Box]
) -> "Image":
    from PIL import ImageDraw

    page = document[number - 1]
    try:
        page.set_rotation(0)
        media = page.get_mediabox()
        page.set_cropbox(*media)
        scale = _LONGEST / max(page.get_width(), page.get_height(), 1.0)
        bitmap = page.render(scale=scale)
        picture: Image = bitmap.to_pil().convert("RGB")
        bitmap.close()
    finally:
        page.close()
    brush = ImageDraw.Draw(picture)
    for colour, guide in zip((_BLUE, _GREEN), guides, strict=False):
        brush.rectangle(_pixels(guide, media, scale), outline=colour, width=2)
    for frame in _wide_first(frames, media):
        brush.rectangle(_pixels(frame, media, scale), outline=_RED, width=4)
    return picture


def _wide_first(frames: Sequence[Box | None], media: Box) -> Iterator[Box]:
    """Frames that can be drawn, each within the page."""
    for frame in frames:
        left, bottom, right, top = frame or media
        box = (
            min(max(left, media[0]), media[2]),
            min(max(bottom, media[1]), media[3]),
            max(min(right, media[2]), media[0]),
            max(min(top, media[3]), media[1]),
        )
        if box[0] <= box[2] and box[1] <= box[3]:
            yield box


def _pixels(box: Box, media: Box, scale: float) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in the picture, at least a few pixels wide and high."""
    left, right = (box[0] - media[0]) * scale, (box[2] - media[0]) * scale
    top, bottom = (media[3] - box[3]) * scale, (media[3] - box[1]) * scale
    wide, high = max(0.0, _SMALLEST_FRAME - right + left), max(0.0, _SMALLEST_FRAME - bottom + top)
    out_x, out_y = wide / 2 + _PADDING, high / 2 + _PADDING
    return left - out_x, top - out_y, right + out_x, bottom + out_y
