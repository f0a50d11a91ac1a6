"""JPEGs that are drawn over and over: a progressive one may have any number of scans.

ITU-T T.81 §B.2.3, https://www.w3.org/Graphics/JPEG/itu-t81.pdf. Each scan passes over the whole
picture; a file of a few hundred kB held minutes of it.
"""

_MOST = 2_000_000_000
"""Pixels times scans that are decoded, in 1.4 CPU s: honest pictures have a dozen scans."""
_BEGINNING, _SCAN = b"\xff\xd8", b"\xff\xda"


def is_drawn_without_end(data: bytes, pixels: int) -> bool:
    """Whether `data` is a JPEG of more scans than a picture of so many `pixels` may have.

    Within compressed data no byte 0xFF stands before another than zero or a marker's.
    """
    return data.startswith(_BEGINNING) and data.count(_SCAN) * pixels > _MOST
