"""What a file that somebody sends may be called, and of which kind it may say to be."""

import re
import unicodedata

from ebook_pipeline.books.formats.media_types import MEDIA_TYPES
from ebook_pipeline.books.owning.landing_keys import is_passed_over, is_sidecar
from ebook_pipeline.foundation.errors import BookError

_LONGEST_NAME = 200
"""Bytes of UTF-8; with its folders a landing key stays far below what a store takes."""
_SEPARATORS = re.compile(r"[/\\]")
_UNNAMEABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, and marks that turn the direction of what follows: ``gpj.exe`` reads as ``exe.jpg``."""
_OTHER_MEDIA_TYPES = frozenset(
    {
        "",
        "application/zip",  # what browsers make of an EPUB that they don't know
        "application/x-zip-compressed",
        "application/vnd.amazon.ebook",
        "application/vnd.ms-word.document.macroenabled.12",
        "application/xhtml+xml",
        "text/rtf",
        "text/x-markdown",
    }
)


def upload_name(given: str) -> str:
    """`given` as the file's name in the landing store. BookError ``upload.name`` if it can't be."""
    name = unicodedata.normalize("NFC", given).strip()
    if not name:
        raise _refused("It has no name.")
    if _SEPARATORS.search(name):
        raise _refused("Its name is a path.")
    if _UNNAMEABLE.search(name):
        raise _refused("Its name has control characters.")
    if len(name.encode()) > _LONGEST_NAME:
        raise _refused(f"Its name has more than {_LONGEST_NAME} bytes.")
    if is_passed_over(name) or is_sidecar(name):
        raise _refused("It is hidden, unfinished or a sidecar, by its name.")
    return name


def require_media_type(given: str) -> None:
    """Raise BookError ``upload.media-type`` where a file says that it is of no kind we take.

    What it is, its content says later; ``application/octet-stream`` and nothing say nothing.
    """
    media_type = given.partition(";")[0].strip().lower()
    if media_type not in _OTHER_MEDIA_TYPES and media_type not in MEDIA_TYPES.values():
        known = ", ".join(sorted(MEDIA_TYPES.values()))
        raise BookError(
            "upload.media-type",
            f"It says that it is {media_type[:100]!r}, which is no manuscript.",
            remedy=f"Send one of {known}.",
        )


def _refused(message: str) -> BookError:
    remedy = "Send the file under a plain name, such as emma.epub."
    return BookError("upload.name", message, remedy=remedy)
