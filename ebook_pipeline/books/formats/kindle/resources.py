"""What a book holds besides text: pictures, fonts (their obfuscation undone), sound and film."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from struct import unpack_from

from ebook_pipeline.foundation.errors import LimitExceeded

IMAGE_TYPES = "image/"
FONT_TYPES = "font/"
_LARGEST_FONT = 64 << 20
"""Bytes of a font when inflated."""
_LARGEST_FONTS = 128 << 20
"""Bytes of all fonts of a book when inflated."""
_MASKED_BYTES = 1040
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF8", "image/gif", "gif"),
    (b"BM", "image/bmp", "bmp"),
    (b"II*\0", "image/tiff", "tif"),
    (b"MM\0*", "image/tiff", "tif"),
    (b"OTTO", "font/otf", "otf"),
    (b"\0\1\0\0", "font/ttf", "ttf"),
    (b"true", "font/ttf", "ttf"),
    (b"wOFF", "font/woff", "woff"),
    (b"wOF2", "font/woff2", "woff2"),
    (b"ID3", "audio/mpeg", "mp3"),
    (b"\xff\xfb", "audio/mpeg", "mp3"),
)


@dataclass(frozen=True)
class Resource:
    """One file of a book; `number` is how its text names it, from 1.

    `obfuscated` says that a font was masked in the file; `data` is without the mask.
    """

    number: int
    media_type: str
    extension: str
    data: bytes
    obfuscated: bool = False

    @property
    def name(self) -> str:
        kind = self.media_type.split("/")[0]
        return f"{kind}-{self.number:04}.{self.extension}"


def read_resources(records: Sequence[bytes]) -> tuple[Resource, ...]:
    """The resources among `records`, which begin with the first; tables between them count.

    Raises LimitExceeded (``mobi.bomb``) for a font that unfolds beyond 64 MiB, for all that unfold
    beyond 128.
    """
    resources: list[Resource] = []
    inflated = 0
    for number, record in enumerate(records, 1):
        resource = read_resource(record, number)
        if resource is None:
            continue
        resources.append(resource)
        inflated += max(len(resource.data) - len(record), 0)
        if inflated > _LARGEST_FONTS:
            raise LimitExceeded("mobi.bomb", "The fonts unfold to more than 128 MiB.")
    return tuple(resources)


def read_resource(record: bytes, number: int) -> Resource | None:
    """The file in one record; None where the record holds none that we know."""
    kind, obfuscated = record[:4], False
    if kind == b"FONT":
        data, obfuscated = _font(record)
    elif kind in (b"AUDI", b"VIDE") and len(record) >= 12:
        data = record[unpack_from(">I", record, 4)[0] :]
    else:
        data = record
    media_type, extension = _sniffed(data)
    if not media_type or (kind == b"FONT") != media_type.startswith(FONT_TYPES):
        return None
    return Resource(number, media_type, extension, data, obfuscated)


def _sniffed(data: bytes) -> tuple[str, str]:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", "webp"
    if data[4:8] == b"ftyp":
        return "video/mp4", "mp4"
    if data[:512].lstrip()[:5].lower() in (b"<svg ", b"<?xml") and b"<svg" in data[:4096]:
        return "image/svg+xml", "svg"
    return next(((kind, end) for magic, kind, end in _MAGIC if data.startswith(magic)), ("", ""))


def _font(record: bytes) -> tuple[bytes, bool]:
    """https://wiki.mobileread.com/wiki/MOBI#FONT_Record: a mask over the first bytes, and zlib."""
    if len(record) < 24:
        return b"", False
    flags, start, key_length, key_start = unpack_from(">IIII", record, 8)
    data = record[start:]
    masked = bool(flags & 2)
    if masked:
        data = _unmasked(data, record[key_start : key_start + min(key_length, _MASKED_BYTES)])
    if flags & 1:
        data = _inflated(data)
    return data, masked


def _unmasked(data: bytes, key: bytes) -> bytes:
    if not key:
        return data
    head = data[:_MASKED_BYTES]
    mask = (key * (len(head) // len(key) + 1))[: len(head)]
    return bytes(a ^ b for a, b in zip(head, mask, strict=True)) + data[_MASKED_BYTES:]


def _inflated(data: bytes) -> bytes:
    """Nothing where it is damaged: a font is not worth a book."""
    stream = zlib.decompressobj()
    try:
        font = stream.decompress(data, _LARGEST_FONT)
    except zlib.error:
        return b""
    if stream.unconsumed_tail:
        raise LimitExceeded("mobi.bomb", "A font unfolds to more than 64 MiB.")
    return font
