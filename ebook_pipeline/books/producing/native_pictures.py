"""Pictures of pixels in native inks, by the arithmetic of `inks`, kept without loss.

Lossless, so that the ink limit that holds for each pixel here holds in the file.
"""

import zlib
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Dictionary, Name

from ebook_pipeline.books.producing.inks import INK_LIMIT

if TYPE_CHECKING:
    from PIL.Image import Image

_ROWS = 256
"""Of a picture at a time: three floats a pixel are ten times its size."""


def native_pictures(resources: pikepdf.Object, *, black: bool) -> None:
    """Rewrite each picture that `resources` name; those that are native already stay."""
    for thing in list(resources.get("/XObject", Dictionary()).values()):
        if not isinstance(thing, pikepdf.Stream) or thing.get("/Subtype") != Name.Image:
            continue
        if thing.get("/ColorSpace") in (Name.DeviceCMYK, Name.DeviceGray):
            continue
        picture = pikepdf.PdfImage(thing).as_pil_image()
        if black:
            _write(thing, picture.convert("L").tobytes(), Name.DeviceGray)
        else:
            _write(thing, cmyk_bytes(picture.convert("RGB")), Name.DeviceCMYK)


def cmyk_bytes(picture: "Image") -> bytes:
    """The pixels of an RGB picture in four inks, a byte each."""
    width, height = picture.size
    strips = (
        _inked(picture.crop((0, top, width, min(top + _ROWS, height))))
        for top in range(0, height, _ROWS)
    )
    return b"".join(strips)


def _inked(strip: "Image") -> bytes:
    """As `inks.cmyk_of`, rounded down to 255ths: the limit is never passed."""
    import numpy

    colour = numpy.asarray(strip, dtype=numpy.float32) / 255
    light = colour.max(axis=2, keepdims=True)
    black = 1 - light
    inks = 1 - colour / numpy.maximum(light, 1 / 255)
    total = inks.sum(axis=2, keepdims=True)
    share = numpy.minimum(1, (INK_LIMIT / 100 - black) / numpy.maximum(total, 1e-6))
    inks = numpy.where(light > 0, inks * share, 0)
    made = numpy.concatenate([inks, black], axis=2) * 255 + 1e-3
    return bytes(numpy.floor(made).astype(numpy.uint8).tobytes())


def _write(thing: pikepdf.Stream, pixels: bytes, space: pikepdf.Object) -> None:
    thing.write(zlib.compress(pixels, 6), filter=Name.FlateDecode)
    thing.ColorSpace, thing.BitsPerComponent = space, 8
    for key in ("/Decode", "/Intent"):
        if key in thing:
            del thing[key]
