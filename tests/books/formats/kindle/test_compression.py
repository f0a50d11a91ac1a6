"""Text unpacked: PalmDOC's pairs, HUFF/CDIC's phrases, trailing data; bombs are refused."""

import struct
import zlib

import pytest

from ebook_pipeline.books.formats.kindle import compression, resources
from ebook_pipeline.books.formats.kindle.compression import (
    HuffCdic,
    uncompressed,
    unpack_palmdoc,
    without_trailers,
)
from ebook_pipeline.books.formats.kindle.resources import read_resource
from ebook_pipeline.foundation.errors import BookError, LimitExceeded


def huff(bits: int = 8) -> bytes:
    """Codes of eight bits: the highest is phrase 0."""
    short = [((0xFF << 8) | 0x80 | bits)] * 256
    return (
        b"HUFF"
        + struct.pack(">III", 24, 24, 24 + 1024)
        + bytes(8)
        + struct.pack(">256I", *short)
        + struct.pack(">64I", *[0] * 64)
    )


def cdic(*phrases: tuple[bytes, bool]) -> bytes:
    """A dictionary; a phrase that is not whole is made of codes."""
    offsets, body = [], b""
    for text, whole in phrases:
        offsets.append(2 * len(phrases) + len(body))
        body += struct.pack(">H", len(text) | (0x8000 if whole else 0)) + text
    head = b"CDIC" + struct.pack(">III", 16, len(phrases), 8)
    return head + struct.pack(f">{len(phrases)}H", *offsets) + body


def test_palmdoc_repeats_what_was_said() -> None:
    assert unpack_palmdoc(b"abc\x80\x18") == b"abcabc"
    assert unpack_palmdoc(b"a" + struct.pack(">H", 0x8000 | 1 << 3 | 7)) == b"a" * 11
    assert unpack_palmdoc(b"\xe1\x02\x00\xff") == b" a\x00\xff"


def test_a_repetition_of_what_was_never_said_is_damage() -> None:
    with pytest.raises(BookError) as caught:
        unpack_palmdoc(b"ab\x80\x20")
    assert caught.value.finding.rule == "mobi.damaged"


def test_phrases_are_made_of_phrases() -> None:
    tables = HuffCdic(huff(), [cdic((b"one ", True), (b"\xff\xff", False), (b"two", True))])
    assert tables.unpack(b"\xff\xfe\xfd") == b"one one one two"


@pytest.mark.parametrize("inner", [b"\xff", b"\xfe"])
def test_a_phrase_made_of_itself_is_damage(inner: bytes) -> None:
    tables = HuffCdic(huff(), [cdic((b"\xfe", False), (inner, False))])
    with pytest.raises(BookError) as caught:
        tables.unpack(b"\xff")
    assert caught.value.finding.rule == "mobi.damaged"


def test_phrases_that_double_are_a_bomb() -> None:
    doubling = [(b"x" * 255, True), *((bytes([256 - n]) * 2, False) for n in range(1, 40))]
    with pytest.raises(BookError):
        HuffCdic(huff(), [cdic(*doubling)]).unpack(bytes([255 - 39]))
    with pytest.raises(LimitExceeded) as caught:
        HuffCdic(huff(), [cdic(*doubling)]).unpack(bytes([255 - 20]))
    assert caught.value.finding.rule == "mobi.bomb"


@pytest.mark.parametrize(
    ("table", "dictionary"),
    [(b"HUFF", b"CDIC"), (huff()[:500], b""), (huff(), b"CDIC\0\0"), (b"NONE" * 400, b"")],
)
def test_tables_that_are_cut_off_are_damage(table: bytes, dictionary: bytes) -> None:
    with pytest.raises(BookError):
        HuffCdic(table, [dictionary])


def test_a_code_of_no_length_is_damage() -> None:
    with pytest.raises(BookError):
        HuffCdic(huff(0), [cdic((b"a", True))]).unpack(b"\xff")


def test_a_record_that_unfolds_too_far_is_a_bomb() -> None:
    with pytest.raises(LimitExceeded):
        unpack_palmdoc(b"a" + struct.pack(">H", 0x8000 | 1 << 3 | 7) * 8000)
    with pytest.raises(LimitExceeded):
        uncompressed(bytes(70_000))


def test_codes_without_end_are_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = cdic(*[(b"", True)] * 256)
    with pytest.raises(LimitExceeded):
        HuffCdic(huff(), [nothing]).unpack(bytes(70_000))
    monkeypatch.setattr(compression, "_MOST_CODES", 2000)
    tables = HuffCdic(huff(), [nothing])
    tables.unpack(bytes(1500))
    with pytest.raises(LimitExceeded):
        tables.unpack(bytes(1500))


def test_what_trails_a_record_is_no_text() -> None:
    assert without_trailers(b"text\x83abc\x84", 2) == b"text"[:4] + b"\x83"
    assert without_trailers(b"text", 0) == b"text"
    assert without_trailers(b"text\x01\x01", 1) == b"text"
    assert without_trailers(b"\xff", 0xFFFF) == b""


def test_a_font_that_unfolds_too_far_is_a_bomb_and_a_damaged_one_is_left_out() -> None:
    packed = zlib.compress(bytes(65 << 20), 9)
    bomb = b"FONT" + struct.pack(">IIIII", 0, 1, 24, 0, 0) + packed
    with pytest.raises(LimitExceeded):
        read_resource(bomb, 1)
    assert read_resource(bomb[:24] + b"nothing", 1) is None
    assert read_resource(b"FONT", 1) is None


def test_fonts_that_unfold_too_far_together_are_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_LARGEST_FONTS", 5000)
    packed = zlib.compress(b"\0\1\0\0" + bytes(3000), 9)
    font = b"FONT" + struct.pack(">IIIII", 0, 1, 24, 0, 0) + packed
    assert len(resources.read_resources([font])) == 1
    with pytest.raises(LimitExceeded):
        resources.read_resources([font, font])
