"""Containers written: the same files always give the same bytes. EPUB 3.3 §4.2.6.2"""

import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import quoteattr

from ebook_pipeline.books.formats.epub.ocf import unsafe_name
from ebook_pipeline.foundation.errors import BookError

MIMETYPE = b"application/epub+zip"
JUNK = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "iTunesMetadata.plist"})
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STORED = frozenset(
    {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".mp3", ".mp4", ".m4a", ".ogg", ".opus"}
    | {".woff", ".woff2", ".webm"}
)


def write_container(target: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write `files` to the EPUB `target`: ``mimetype`` first, fixed times, no extra fields.

    Raises BookError (``container.path-escape``) for a name that leads out of the book.
    """
    with zipfile.ZipFile(target, "w") as zipped:
        _write(zipped, "mimetype", MIMETYPE, zipfile.ZIP_STORED)
        _write_all(zipped, files)


def write_zip(target: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write `files` to the ZIP `target` in their order: a manuscript's container, not an EPUB."""
    with zipfile.ZipFile(target, "w") as zipped:
        _write_all(zipped, files)


def _write_all(zipped: zipfile.ZipFile, files: Iterable[tuple[str, bytes]]) -> None:
    for name, data in files:
        packed = PurePosixPath(name).suffix.lower() in _STORED
        _write(zipped, name, data, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)


def container_xml(package: str) -> bytes:
    """``META-INF/container.xml`` with one package document. EPUB 3.3 §4.2.6.3.1"""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
        f"<rootfiles><rootfile full-path={quoteattr(package)} "
        'media-type="application/oebps-package+xml"/></rootfiles></container>\n'
    ).encode()


def is_junk(name: str) -> bool:
    """Whether an operating system left this file behind."""
    path = PurePosixPath(name)
    return path.name in JUNK or "__MACOSX" in path.parts or path.name.startswith("._")


def order_names(names: Iterable[str], first: Iterable[str]) -> list[str]:
    """`names` as they shall lie: META-INF, then `first`, then the rest by name."""
    rank = {name: number for number, name in enumerate(first)}
    return sorted(
        names, key=lambda name: (not name.startswith("META-INF/"), rank.get(name, len(rank)), name)
    )


def _write(zipped: zipfile.ZipFile, name: str, data: bytes, method: int) -> None:
    refusal = unsafe_name(name)
    if refusal is not None:
        raise BookError.of(refusal)
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = method
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    zipped.writestr(entry, data, compresslevel=9)
