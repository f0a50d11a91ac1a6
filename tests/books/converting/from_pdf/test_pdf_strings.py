"""Texts and names of a PDF, whatever bytes they hold."""

import ctypes
from typing import Any

import pikepdf
import pytest

from ebook_pipeline.books.converting.from_pdf import pdf_strings


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"plain", "plain"),
        (b"caf\xe9", "café"),
        (b"\xfe\xff" + "Ünïcode 東".encode("utf-16-be"), "Ünïcode 東"),
        (b"\xff\xfe" + "little".encode("utf-16-le"), "little"),
        (b"\xef\xbb\xbf" + "utf-8 é".encode(), "utf-8 é"),
        (b"\xfe\xff\xd8", "\ufffd"),
    ],
)
def test_a_text_string_is_read_in_the_encoding_that_its_first_bytes_name(
    data: bytes, said: str
) -> None:
    assert pdf_strings.text_string(pikepdf.String(data)) == said


@pytest.mark.parametrize("value", [None, 7, pikepdf.Name.Title, pikepdf.Array([])])
def test_what_is_no_text_string_says_nothing(value: Any) -> None:
    assert pdf_strings.text_string(value) == ""


def test_a_text_of_megabytes_is_cut() -> None:
    assert len(pdf_strings.text_string(pikepdf.String(b"a" * 1_000_000))) == 16_384


def test_a_name_is_without_its_slash_and_anything_else_has_none() -> None:
    assert pdf_strings.name_string(pikepdf.Name("/H1")) == "H1"
    assert pdf_strings.name_string(pikepdf.String("H1")) == pdf_strings.name_string(None) == ""


def test_wide_text_is_what_is_written_into_the_buffer_without_its_end() -> None:
    written = "Chapter Ⅰ\0".encode("utf-16-le")

    def read(buffer: Any, length: int) -> int:
        if buffer is not None:
            ctypes.memmove(buffer, written, min(length, len(written)))
        return len(written)

    assert pdf_strings.read_utf16(read) == "Chapter Ⅰ"


def test_wide_text_that_is_not_there_is_empty() -> None:
    assert pdf_strings.read_utf16(lambda buffer, length: 0) == ""


def test_printable_text_is_on_one_line_without_control_characters() -> None:
    assert pdf_strings.one_line(" One\r\nTwo\x00\x1b\u200b  three\t") == "One Two three"
