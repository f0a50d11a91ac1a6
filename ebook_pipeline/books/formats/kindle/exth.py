"""What a Kindle book says of itself: the EXTH part of its header.

https://wiki.mobileread.com/wiki/MOBI#EXTH_Header
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from

from ebook_pipeline.books.formats.kindle.encodings import TextEncoding
from ebook_pipeline.books.formats.kindle.palm_database import damaged, single_line

TEXT_FIELDS = {
    100: "author",
    101: "publisher",
    102: "imprint",
    103: "description",
    104: "isbn",
    105: "subject",
    106: "date",
    107: "review",
    108: "contributor",
    109: "rights",
    110: "subject_code",
    111: "type",
    112: "source",
    113: "asin",
    114: "version",
    117: "adult",
    118: "retail_price",
    119: "retail_currency",
    122: "fixed_layout",
    123: "book_type",
    124: "orientation_lock",
    126: "original_resolution",
    127: "zero_gutter",
    128: "zero_margin",
    129: "cover_uri",
    132: "region_magnification",
    200: "dictionary_name",
    501: "cdetype",
    503: "updated_title",
    504: "content_key",
    508: "title_pronunciation",
    510: "secondary_title",
    517: "author_pronunciation",
    522: "publisher_pronunciation",
    524: "language",
    525: "writing_mode",
    527: "page_progression",
    528: "override_kindle_fonts",
    529: "source_target",
    531: "dictionary_input",
    532: "dictionary_output",
    535: "creator_build",
}
NUMBER_FIELDS = {
    115: "sample",
    116: "start_offset",
    121: "kf8_boundary",
    125: "resources",
    201: "cover_offset",
    202: "thumbnail_offset",
    203: "fake_cover",
    204: "creator_software",
    205: "creator_major",
    206: "creator_minor",
    207: "creator_build_number",
    401: "clipping_limit",
    404: "text_to_speech_disabled",
}
_MARKUP = frozenset({"description", "review"})
"""Texts that are HTML, whose entities are its own."""
_NONE = (0xFFFF, 0xFFFFFFFF)
"""How "none" is written as a number, by its bytes."""
_MOST_STATEMENTS = 4096
_LONGEST_TEXT = 65_536
"""Bytes of one statement."""


@dataclass(frozen=True)
class Exth:
    """The statements that `TEXT_FIELDS` and `NUMBER_FIELDS` name, in the file's order.

    Texts are one line each, never empty, and without entities but for those that are HTML.
    """

    texts: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, int], ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Every text of that name."""
        return tuple(text for field, text in self.texts if field == name)

    def first(self, name: str) -> str:
        """The first text of that name, or an empty one."""
        return next((text for field, text in self.texts if field == name), "")

    def number(self, name: str) -> int | None:
        """The first number of that name; None where it is absent or says that it is."""
        return next((value for field, value in self.numbers if field == name), None)


@dataclass(frozen=True)
class ExthRecords:
    """The statements as they are stored, texts in an encoding that the book's text tells."""

    texts: tuple[tuple[str, bytes], ...] = ()
    numbers: tuple[tuple[str, int], ...] = ()

    def decoded(self, encoding: TextEncoding) -> Exth:
        """The statements, their texts read in `encoding`."""
        lines = (
            (name, single_line(encoding.decode(raw)) if name in _MARKUP else encoding.line(raw))
            for name, raw in self.texts
        )
        return Exth(tuple((name, line) for name, line in lines if line), self.numbers)


def parse_exth(record: bytes, length: int) -> ExthRecords:
    """The EXTH that follows the MOBI header of `length` bytes in a book's first record.

    Raises BookError (``mobi.damaged``) where its records do not fit.
    """
    start = 16 + length
    if record[start : start + 4] != b"EXTH" or len(record) < start + 12:
        raise damaged("its description (EXTH) is not where the header says")
    texts, numbers = [], []
    for kind, data in _statements(record, start):
        if kind in TEXT_FIELDS and len(data) <= _LONGEST_TEXT:
            texts.append((TEXT_FIELDS[kind], data))
        elif kind in NUMBER_FIELDS and len(data) in (1, 2, 4):
            number = int.from_bytes(data, "big")
            if number not in _NONE:
                numbers.append((NUMBER_FIELDS[kind], number))
    return ExthRecords(tuple(texts), tuple(numbers))


def _statements(record: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    (count,) = unpack_from(">I", record, start + 8)
    if count > _MOST_STATEMENTS:
        raise damaged(f"its description claims {count} statements")
    at = start + 12
    for _ in range(count):
        if at + 8 > len(record):
            raise damaged("its description (EXTH) is cut off")
        kind, length = unpack_from(">II", record, at)
        if length < 8 or at + length > len(record):
            raise damaged("a statement of its description (EXTH) does not fit")
        yield kind, record[at + 8 : at + length]
        at += length
