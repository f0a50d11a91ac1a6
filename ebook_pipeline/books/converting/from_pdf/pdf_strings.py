"""Texts and names of a PDF, whatever bytes they hold: ISO 32000-2 §7.9.2, §7.3.5 (names)."""

import codecs
import ctypes
from collections.abc import Callable
from typing import Any

_MOST = 16_384
"""Bytes of a text."""


def text_string(value: Any) -> str:
    """The text of a text string; empty where `value` is none."""
    import pikepdf

    if not isinstance(value, pikepdf.String):
        return ""
    data = bytes(value)[:_MOST]
    if data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return data.decode("utf-16", "replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    return data.decode("latin-1")


def name_string(value: Any) -> str:
    """A name without its slash; empty where `value` is none."""
    import pikepdf

    if not isinstance(value, pikepdf.Name):
        return ""
    return value.unparse().decode("latin-1").removeprefix("/")


def read_utf16(read: Callable[[Any, int], int]) -> str:
    """The UTF-16 text that a function of pdfium writes to a buffer of a length in bytes."""
    length = min(read(None, 0), _MOST)
    written = ctypes.create_string_buffer(max(length, 2))
    read(written, len(written))
    return written.raw[:length].decode("utf-16-le", "replace").rstrip("\0")


def one_line(text: str) -> str:
    """The text on one line, without characters that XML forbids."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
