"""pypdf, which reads some of what qpdf gives up on: asked for a second opinion alone."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pypdf

T = TypeVar("T")


def read_leniently(path: Path, read: Callable[["pypdf.PdfReader"], T]) -> T | None:
    """What `read` makes of the file; None where pypdf finds no sense in it either.

    It asserts what a sound file would say, so an AssertionError is the file's fault.
    """
    import pypdf
    from pypdf.errors import PyPdfError

    from ebook_pipeline.books.formats.pdf import objects

    try:
        with pypdf.PdfReader(path) as reader:
            return read(reader)
    except (PyPdfError, AssertionError, *objects.UNREADABLE):
        return None
