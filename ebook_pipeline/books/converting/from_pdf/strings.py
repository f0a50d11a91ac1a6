"""Texts and names of a PDF read whatever bytes they hold. ISO 32000-2 §7.3.5 (names), §7.9.2."""

import codecs
import ctypes
from collections.abc import Callable
from typing import Any

_MOST = 16_384


def text(value: Any) -> str:
    """What a text string says; nothing where it is none."""
    import pikepdf

    if not isinstance(value, pikepdf.String):
        return ""
    data = bytes(value)[:_MOST]
    if data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return data.decode("utf-16", "replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    return data.decode("latin-1")


def name(value: Any) -> str:
    """A name without its slash; nothing where it is none."""
    import pikepdf

    if not isinstance(value, pikepdf.Name):
        return ""
    return value.unparse().decode("latin-1").removeprefix("/")


def wide(read: Callable[[Any, int], int]) -> str:
    """The UTF-16 text that a function of pdfium writes to a buffer of a length in bytes."""
    length = min(read(None, 0), _MOST)
    written = ctypes.create_string_buffer(max(length, 2))
    read(written, len(written))
    return written.raw[:length].decode("utf-16-le", "replace").rstrip("\0")


def printable(said: str) -> str:
    """The text on one line, without what no document may hold."""
    return " ".join("".join(one if one.isprintable() else " " for one in said).split())
