"""How much text a manuscript may hold: pandoc and our own readers take memory for each piece of it.

Measured: 80,000 cells of tables take pandoc 290 MB, 79,000 paragraphs of a DOCX a conversion 15.7
CPU s. The longest novels have 6 MB; the Bible with Apocrypha has 36,800 verses in 1,360 chapters.
"""

import re
from collections.abc import Mapping

from ebook_pipeline.foundation.errors import BookError

MOST_LETTERS = 8 << 20
"""Bytes of text in UTF-8, without markup, pictures and data."""
MOST_BLOCKS = 46_000
"""Paragraphs and cells of tables; five lines of a text count as one."""
_LINES = 5
_ENOUGH = 128 << 10
"""Bytes of a part, up to which it can't hold too much."""
_BLOCK = re.compile(
    rb"\\(?:par|cell|nestcell|line)(?![a-z])"
    rb"|<(?:w:p|w:tc|text:p|text:h|table:table-cell|p|td|th|li|div|br|dd|dt)[\s/>]"
)
_TAGS = re.compile(rb"<[^<>]*>")
_DATA = re.compile(rb"[0-9A-Za-z+/=]{2000,}|(?:[0-9A-Fa-f]{60,}\s+)+")
_LETTER = re.compile(rb"\\u-?\d{1,5} ?(?:\\'[0-9A-Fa-f]{2}|\?)?|\\'[0-9A-Fa-f]{2}")


def check_extent(parts: Mapping[str, bytes | None]) -> None:
    """Raise BookError (``manuscript.size``) where these files, by name, hold too much."""
    for data in parts.values():
        if data is None or len(data) <= _ENOUGH or b"\0" in data[:4096]:
            continue
        blocks = sum(1 for _ in _BLOCK.finditer(data)) + data.count(b"\n") // _LINES
        if blocks > MOST_BLOCKS:
            raise _too_much(f"{blocks:,} paragraphs and cells, more than {MOST_BLOCKS:,}")
        if len(data) > MOST_LETTERS and letters_in(data) > MOST_LETTERS:
            raise _too_much(f"more than {MOST_LETTERS >> 20} MiB of text")


def letters_in(data: bytes) -> int:
    """Bytes of a part's text; of RTF, whose letters are numbers, two each."""
    plain = _DATA.sub(b"", _LETTER.sub(b"..", data))
    tags = sum(len(tag[0]) for tag in _TAGS.finditer(plain))
    controls = plain.count(b"\\") * 6 if plain.startswith(b"{\\rtf") else 0
    return len(plain) - tags - controls


def _too_much(what: str) -> BookError:
    return BookError(
        "manuscript.size",
        f"The manuscript has {what}.",
        remedy="Send the book in volumes, or as an EPUB.",
    )
