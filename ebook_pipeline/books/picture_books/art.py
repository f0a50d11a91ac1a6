"""Pictures that others made, for pages of ours: judged, cut to the page, and set below the words.

They are a stranger's bytes: opened in the sandbox alone. What becomes part of the book is a JPEG of
exactly 300 pixels an inch, without a word of the file's own metadata.
"""

import base64
from pathlib import Path
from typing import Literal

from ebook_pipeline.books.picture_books.drawing.colours import INK, PAPER
from ebook_pipeline.books.picture_books.finished_book import Page, TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import Area, TrimSize, bleed_box
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.record import BlobRef, Record
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Limits

DPI = 300
"""Pixels an inch that printers ask of pictures: KDP G201953020, IngramSpark's file requirements."""
MOST_BYTES = 24 << 20
MOST_PIXELS = 60_000_000
LIMITS = Limits(seconds=60, megabytes=700)
_OTHER_SHAPE = 0.06
"""Share of a side that may be cut off, as a picture of 1:1 on a page of 8.25 × 8.5 in."""
_FLAT = 2.0
"""Standard deviation of lightness (0 to 255) below which there is nothing on a picture."""
_QUALITY = 92
_FORMATS = ("PNG", "JPEG", "WEBP")
_AROUND = 12.0
"""Points of paper around the words."""


class GivenArt(Record):
    """A picture that somebody gave for a page; `ai` is what they say of how it was made."""

    picture: BlobRef
    maker: str = ""
    ai: Literal["none", "assisted", "generated"] = "none"


class FittedArt(Record):
    """What a picture came to: why it can't be used, or the pixels that it has on the page."""

    findings: tuple[Finding, ...] = ()
    width: int = 0
    height: int = 0


def pixels(trim: TrimSize) -> tuple[int, int]:
    """Width and height of a picture that fills a page to its bleed."""
    page = bleed_box(trim)
    return round(page.width / 72 * DPI), round(page.height / 72 * DPI)


def fit(source: Path, trim: TrimSize, target: Path) -> FittedArt:
    """Judge the picture at `source`; a good one is written to `target` as a JPEG of `pixels`."""
    return sandbox.call(_fit, source, pixels(trim), target, limits=LIMITS)


def with_art(page: Page, jpeg: bytes, trim: TrimSize) -> Page:
    """The page with this picture in colour; its lines to colour in stay ours."""
    whole = bleed_box(trim)
    href = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    size = f'width="{whole.width:g}" height="{whole.height:g}"'
    cards = "".join(_card(block) for block in page.blocks)
    colour = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole.width:g} {whole.height:g}" '
        f'{size}><image {size} preserveAspectRatio="none" href="{href}"/>{cards}</svg>'
    )
    blocks = tuple(block.model_copy(update={"ink": INK}) for block in page.blocks)
    return page.model_copy(update={"colour": colour, "blocks": blocks})


def _card(block: TextBlock) -> str:
    area = block.area.inset(-_AROUND)
    return f'<path fill="{PAPER}" d="{_rectangle(area)}"/>'


def _rectangle(area: Area) -> str:
    return f"M{area.x:g} {area.y:g}H{area.right:g}V{area.bottom:g}H{area.x:g}Z"


def _fit(source: Path, size: tuple[int, int], target: Path) -> FittedArt:
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(source, formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return _refused("too-large", f"The picture has more than {MOST_PIXELS:,} pixels")
            wrong = _size_wrong(opened.width, opened.height, size)
            if wrong is not None:
                return wrong
            picture = ImageOps.fit(opened.convert("RGB"), size, Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return _refused("unreadable", "The picture can't be read", "Send a PNG, JPEG or WebP.")
    if _is_empty(picture):
        return _refused("empty", "There is nothing on the picture", "Send one that shows the page.")
    picture.info.clear()  # a comment of the file's would be saved with it
    picture.save(target, "JPEG", quality=_QUALITY, dpi=(DPI, DPI))
    return FittedArt(width=size[0], height=size[1])


def _size_wrong(width: int, height: int, size: tuple[int, int]) -> FittedArt | None:
    needed = f"{size[0]} x {size[1]} pixels"
    scale = min(width / size[0], height / size[1])
    if scale < 1:
        dpi = round(DPI * scale)
        text = f"The picture has {width} x {height} pixels: {dpi} an inch in print"
        return _refused("low-resolution", text, f"Send one of {needed} or more.")
    cut = 1 - scale / max(width / size[0], height / size[1])
    if cut > _OTHER_SHAPE:
        text = f"The picture has another shape than the page: {cut:.0%} would be cut off"
        return _refused("other-shape", text, f"Send one of {needed}, or in that proportion.")
    return None


def _is_empty(picture: object) -> bool:
    from PIL import Image, ImageStat

    assert isinstance(picture, Image.Image)
    deviation: float = ImageStat.Stat(picture.convert("L")).stddev[0]
    return deviation < _FLAT


def _refused(rule: str, message: str, remedy: str = "Send a smaller one.") -> FittedArt:
    finding = Finding(
        rule=f"art.{rule}", severity=Severity.ERROR, message=message, place="", remedy=remedy
    )
    return FittedArt(findings=(finding,))
