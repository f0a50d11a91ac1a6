"""What a file is that is no book: people send pictures, archives and projects by mistake."""

import zipfile
from pathlib import Path

from ebook_pipeline.books.formats.epub.zip_structure import Bounds, directory_finding
from ebook_pipeline.books.formats.zip_faults import zip_faults
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools import sandbox

_HEAD = 64
_LIMITS = sandbox.Limits(seconds=30, megabytes=500)
_FORMATS = "Submit the book as EPUB, PDF, Kindle book (MOBI, AZW3) or manuscript (DOCX, ODT …)."
_NAMED = 3
"""Entries of an archive that are named, so that people know it again."""
_PICTURE = "Send the book's file; a cover goes into the EPUB, or is added at the desk."
_ARCHIVE = "Unpack it, and send the book as one file: chapters in one document, in their order."
_EXPORT = "Export it as EPUB, PDF or Word (.docx), and send that file."
_SOUND = "Send the text of the book; sound and film belong into an EPUB 3."
_MAGIC = (
    (b"\xff\xd8\xff", "a JPEG picture", _PICTURE),
    (b"\x89PNG", "a PNG picture", _PICTURE),
    (b"GIF8", "a GIF picture", _PICTURE),
    (b"II*\0", "a TIFF picture", _PICTURE),
    (b"MM\0*", "a TIFF picture", _PICTURE),
    (b"8BPS", "a Photoshop picture", _PICTURE),
    (b"Rar!", "a RAR archive", _ARCHIVE),
    (b"7z\xbc\xaf", "a 7-Zip archive", _ARCHIVE),
    (b"\x1f\x8b", "a gzip archive", _ARCHIVE),
    (b"\x06\x06\xed\xf5", "an InDesign document", _EXPORT),
    (b"AT&TFORM", "a DjVu document", _EXPORT),
    (b"ITSF", "a Windows help file (CHM)", _EXPORT),
    (b"ITOLITLS", "a Microsoft Reader book (LIT)", _EXPORT),
    (b"ID3", "a sound file", _SOUND),
    (b"OggS", "a sound file", _SOUND),
    (b"MZ", "a program for Windows", _EXPORT),
    (b"\x7fELF", "a program for Linux", _EXPORT),
)
_WITHIN = (
    ("Index/Document.iwa", "an Apple Pages document"),
    ("Index.zip", "an Apple Pages document"),
    ("designmap.xml", "an InDesign document (IDML)"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("xl/workbook.xml", "an Excel workbook"),
)
"""Entries that tell whose container a ZIP is."""


def named(path: Path) -> tuple[str, str] | None:
    """What the file is, as ``a JPEG picture``, and what to do; None where nobody can say."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    if head.startswith(b"RIFF"):
        return ("a WebP picture", _PICTURE) if head[8:12] == b"WEBP" else ("a sound file", _SOUND)
    if head[4:8] == b"ftyp":
        is_picture = head[8:12] in (b"heic", b"heix", b"mif1", b"avif")
        return ("a HEIF picture", _PICTURE) if is_picture else ("a film or sound file", _SOUND)
    return next(((what, remedy) for magic, what, remedy in _MAGIC if head.startswith(magic)), None)


def unknown_format(path: Path) -> Finding:
    """That the file is no book, and what it is where that can be told."""
    try:
        told = sandbox.call(named, path, limits=_LIMITS)
    except BookError:
        told = None
    what, remedy = told or ("of no format that we know", _FORMATS)
    text = f"The file is {what}."
    return Finding(rule="format.unknown", severity=Severity.FATAL, message=text, remedy=remedy)


def _archive(path: Path) -> tuple[str, str] | None:
    """A program's document, or an archive with the first of what it holds."""
    try:
        if directory_finding(path, Bounds()) is not None:
            return None
        with zip_faults(), zipfile.ZipFile(path) as file:
            names = [entry.filename for entry in file.infolist() if not entry.is_dir()]
    except zipfile.BadZipFile:
        return None
    for entry, what in _WITHIN:
        if entry in names:
            return what, _EXPORT
    meant = [name for name in names if not name.startswith(("__MACOSX/", "."))]
    first = ", ".join(name.rpartition("/")[2][:60] for name in meant[:_NAMED])
    more = ", …" if len(meant) > _NAMED else ""
    files = "1 file" if len(meant) == 1 else f"{len(meant):,} files"
    return f"a ZIP archive of {files} ({first}{more})", _ARCHIVE
