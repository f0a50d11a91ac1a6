"""Records of text made readable: PalmDOC's pairs, HUFF/CDIC's phrases, what trails behind.

https://wiki.mobileread.com/wiki/PalmDOC#Compression; a record holds 4,096 bytes of text, hostile
ones unfold to far more: what a record may give, and all phrases together, is bounded.
"""

import re
from collections.abc import Callable, Iterable
from struct import error, unpack_from

from ebook_pipeline.books.formats.kindle.palm_database import damaged
from ebook_pipeline.foundation.errors import LimitExceeded

LARGEST_TEXT_RECORD = 1 << 16
"""Bytes that a record of text may unfold to; honest ones hold 4,096."""
_MOST_PHRASES = 1 << 18
_DEEPEST_PHRASE = 32
"""Levels of phrases that are made of phrases."""
_LARGEST_DICTIONARY = 64 << 20
"""Bytes that all phrases together may unfold to."""

_MOST_CODES = 4_000_000
"""Codes of a book's text: an honest one stands for three letters and more."""

_LITERALS = re.compile(rb"[\x00\x09-\x7f]+")

Unpack = Callable[[bytes], bytes]


def uncompressed(data: bytes) -> bytes:
    """A record that is not compressed."""
    if len(data) > LARGEST_TEXT_RECORD:
        raise _too_large()
    return data


def unpack_palmdoc(data: bytes) -> bytes:
    """A record as LZ77 in PalmDOC's form; back references to before its start are damage."""
    out = bytearray()
    at, end = 0, len(data)
    while at < end:
        if run := _LITERALS.match(data, at):
            out += run[0]
            at = run.end()
            continue
        code = data[at]
        at += 1
        if code <= 8:
            out += data[at : at + code]
            at += code
        elif code >= 0xC0:
            out += bytes((0x20, code ^ 0x80))
        elif at < end:
            _repeat(out, (code << 8 | data[at]) & 0x3FFF)
            at += 1
        if len(out) > LARGEST_TEXT_RECORD:
            raise _too_large()
    return bytes(out)


def _repeat(out: bytearray, pair: int) -> None:
    distance, length = pair >> 3, (pair & 7) + 3
    if not 0 < distance <= len(out):
        raise damaged("its compressed text points to before its start")
    chunk = out[len(out) - distance :]
    out += (chunk * (length // distance + 1))[:length]


class HuffCdic:
    """Huffman codes (HUFF) of phrases (CDIC) that may be made of codes themselves."""

    def __init__(self, huff: bytes, dictionaries: Iterable[bytes]) -> None:
        """Raises BookError (``mobi.damaged``) where the tables are not whole."""
        try:
            self._read_codes(huff)
            self._phrases: list[tuple[bytes, bool] | None] = []
            for dictionary in dictionaries:
                self._read_phrases(dictionary)
        except error as caught:
            raise damaged("its table of codes is cut off") from caught
        self._unfolded = self._codes = 0

    def unpack(self, data: bytes) -> bytes:
        """A record of text. Raises BookError (``mobi.damaged``), LimitExceeded."""
        if len(data) > LARGEST_TEXT_RECORD:
            raise _too_large()
        return self._unpack(data, 0)

    def _read_codes(self, huff: bytes) -> None:
        if huff[:4] != b"HUFF":
            raise damaged("its table of codes is missing")
        short, long = unpack_from(">II", huff, 8)
        self._short = unpack_from(">256I", huff, short)
        bounds = unpack_from(">64I", huff, long)
        self._least = [0, *(low << (32 - n) for n, low in enumerate(bounds[::2], 1))]
        self._most = [0, *(((high + 1) << (32 - n)) - 1 for n, high in enumerate(bounds[1::2], 1))]

    def _read_phrases(self, cdic: bytes) -> None:
        if cdic[:4] != b"CDIC":
            raise damaged("its dictionary of phrases is missing")
        total, bits = unpack_from(">II", cdic, 8)
        if total > _MOST_PHRASES or bits > 16:
            raise damaged("its dictionary of phrases is too large to be true")
        count = max(0, min(1 << bits, total - len(self._phrases)))
        for offset in unpack_from(f">{count}H", cdic, 16):
            (length,) = unpack_from(">H", cdic, 16 + offset)
            start = 18 + offset
            whole = bool(length & 0x8000)
            self._phrases.append((cdic[start : start + (length & 0x7FFF)], whole))

    def _unpack(self, data: bytes, depth: int) -> bytes:
        out = bytearray()
        at, end = 0, len(data) * 8
        padded = data + bytes(8)
        while at < end:
            five = int.from_bytes(padded[at >> 3 : (at >> 3) + 5], "big")
            code = (five >> (8 - (at & 7))) & 0xFFFFFFFF
            length, highest = self._code(code)
            at += length
            self._codes += 1
            if at > end or self._codes > _MOST_CODES:
                break
            out += self._phrase((highest - code) >> (32 - length), depth)
            if len(out) > LARGEST_TEXT_RECORD:
                raise _too_large()
        if self._codes > _MOST_CODES:
            raise _too_large()
        return bytes(out)

    def _code(self, code: int) -> tuple[int, int]:
        """The length of the code that the 32 bits begin with, and the highest of that length."""
        entry = self._short[code >> 24]
        length = entry & 0x1F
        if length == 0:
            raise damaged("its text holds a code that is in no table")
        if entry & 0x80:
            return length, (((entry >> 8) + 1) << (32 - length)) - 1
        while length < 32 and code < self._least[length]:
            length += 1
        return length, self._most[length]

    def _phrase(self, number: int, depth: int) -> bytes:
        if not 0 <= number < len(self._phrases):
            raise damaged("its text names a phrase that is in no dictionary")
        phrase = self._phrases[number]
        if phrase is None or depth > _DEEPEST_PHRASE:
            raise damaged("a phrase of its dictionary is made of itself")
        text, whole = phrase
        if not whole:
            self._phrases[number] = None
            text = self._unpack(text, depth + 1)
            self._unfolded += len(text)
            if self._unfolded > _LARGEST_DICTIONARY:
                raise _too_large()
            self._phrases[number] = (text, True)
        return text


def without_trailers(data: bytes, flags: int) -> bytes:
    """The record `data` without what `flags` say is appended to it.

    https://wiki.mobileread.com/wiki/MOBI#Trailing_entries
    """
    end = len(data)
    for _ in range((flags >> 1).bit_count()):
        end -= _backward_length(data, end)
    if flags & 1 and end > 0:
        end -= (data[end - 1] & 3) + 1
    return data[: max(end, 0)]


def _backward_length(data: bytes, end: int) -> int:
    """A number that is read from its end: seven bits a byte, the first byte has its top bit set."""
    value = 0
    for byte in data[max(end - 4, 0) : max(end, 0)]:
        if byte & 0x80:
            value = 0
        value = value << 7 | byte & 0x7F
    return value


def _too_large() -> LimitExceeded:
    return LimitExceeded(
        "mobi.bomb",
        "A record of its text unfolds to more than 65,536 bytes, where a book's holds 4,096.",
        remedy="Export the book again from the program that it was made with.",
    )
