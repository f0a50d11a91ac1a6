"""The scans of a JPEG, which a progressive one may have any number of.

ITU-T T.81 §B.2.3, https://www.w3.org/Graphics/JPEG/itu-t81.pdf. Each scan passes over the whole
picture; a file of a few hundred kB held minutes of it.
"""

_MOST = 2_000_000_000
"""Pixels times scans that are decoded, in 1.4 CPU s: honest pictures have a dozen scans."""
_BEGINNING, _SCAN = b"\xff\xd8", b"\xff\xda"
_START_OF_SCAN = 0xDA
_SEQUENTIAL, _PROGRESSIVE = (0xC0, 0xC1, 0xC9), (0xC2, 0xC6, 0xCA, 0xCE)
_BARE = (0x01, *range(0xD0, 0xD9))
"""Markers that nothing follows, table B.1."""


def is_drawn_without_end(data: bytes, pixels: int) -> bool:
    """Whether `data` is a JPEG of more scans than a picture of so many `pixels` may have.

    Within compressed data no byte 0xFF stands before another than zero or a marker's.
    """
    return data.startswith(_BEGINNING) and data.count(_SCAN) * pixels > _MOST


def holds_all_scans(data: bytes) -> bool:
    """Whether who decodes the JPEG has to hold the whole picture's coefficients.

    So it is where it is progressive, or its first scan has not all of its colours.
    """
    at, colours = len(_BEGINNING), 0
    while data[at : at + 1] == b"\xff" and at + 9 < len(data):
        kind = data[at + 1]
        if kind == 0xFF or kind in _BARE:
            at += 1 if kind == 0xFF else 2
            continue
        if kind == _START_OF_SCAN:
            return data[at + 4] < colours
        if kind in _PROGRESSIVE:
            return True
        if kind in _SEQUENTIAL:
            colours = data[at + 9]
        at += 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2)
    return True
