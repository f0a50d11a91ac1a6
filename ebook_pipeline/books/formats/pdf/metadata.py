"""What a PDF says of itself: XMP first, the older information dictionary where XMP is silent.

ISO 32000-2 §14.3, https://developer.adobe.com/xmp/docs/
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.books.formats.pdf.facts import DocumentInfo
from ebook_pipeline.foundation.errors import BookError

_LONGEST = 4000
"""Characters of one text."""
_LARGEST_PACKET = 4 << 20
"""Bytes of the XMP packet."""
_JUNK_TITLE = re.compile(
    r"microsoft (?:word|powerpoint) - .*|untitled.*|.*\.(?:docx?|pdf|indd|tex|rtf|odt|qxd|pages)",
    re.IGNORECASE,
)
_BETWEEN_AUTHORS = re.compile(r" ?; ?| (?:and|&) ")


@dataclass(frozen=True)
class PdfMetadata:
    """Texts as printed, trimmed; empty where the file says nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    rights: str = ""
    created: str = ""


def read_metadata(path: Path) -> PdfMetadata:
    """The facts of the PDF at `path`; titles that are file names are no titles.

    Raises BookError (``pdf.unreadable``) where it cannot be opened.
    """
    import pikepdf

    try:
        with pikepdf.open(path) as document:
            return _facts(document)
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        reason = pdf_findings.without_path(error, path)
        raise BookError("pdf.unreadable", f"The PDF cannot be read: {reason}") from error


def xmp_properties(document: Any, keys: Iterable[str]) -> dict[str, str]:
    """These properties of the XMP packet, as one line each; empty where it can't be read."""
    try:
        return {key: _text(value) for key, value in _packet(document, keys).items()}
    except _unreadable():
        return {}


def document_info(document: Any) -> DocumentInfo:
    """Title, language and makers as printed; empty where they can't be read."""
    try:
        xmp, info = _xmp(document), _info(document)
        return DocumentInfo(
            title=_first(_texts(xmp.get("dc:title")), info.get("/Title", "")),
            language=_text(document.Root.get("/Lang")),
            producer=info.get("/Producer", ""),
            creator_tool=info.get("/Creator", ""),
        )
    except _unreadable():
        return DocumentInfo()


def _unreadable() -> tuple[type[Exception], ...]:
    from ebook_pipeline.books.formats.pdf.objects import UNREADABLE

    return UNREADABLE


def _facts(document: Any) -> PdfMetadata:
    xmp, info = _xmp(document), _info(document)
    title = _first(_texts(xmp.get("dc:title")), info.get("/Title", ""))
    authors = _texts(xmp.get("dc:creator")) or _BETWEEN_AUTHORS.split(
        " ".join(info.get("/Author", "").split())
    )
    keywords = xmp.get("pdf:Keywords") or info.get("/Keywords", "")
    return PdfMetadata(
        title="" if _JUNK_TITLE.fullmatch(title) else title,
        authors=tuple(author for author in authors if author),
        language=_first(_texts(xmp.get("dc:language")), _text(document.Root.get("/Lang"))),
        description=_first(_texts(xmp.get("dc:description")), info.get("/Subject", "")),
        keywords=tuple(_texts(xmp.get("dc:subject")) or _texts(re.split("[,;]", str(keywords)))),
        publishers=tuple(_texts(xmp.get("dc:publisher"))),
        rights=_first(_texts(xmp.get("dc:rights")), ""),
        created=str(xmp.get("xmp:CreateDate") or ""),
    )


def _xmp(document: Any) -> dict[str, Any]:
    """XMP that is no XML counts as none: pikepdf falls back to an empty packet."""
    wanted = ("title", "creator", "language", "description", "subject", "publisher", "rights")
    return _packet(document, [f"dc:{name}" for name in wanted] + ["pdf:Keywords", "xmp:CreateDate"])


def _packet(document: Any, keys: Iterable[str]) -> dict[str, Any]:
    stream = document.Root.get("/Metadata")
    if stream is None or int(stream.get("/Length", 0)) > _LARGEST_PACKET:
        return {}
    with document.open_metadata(
        set_pikepdf_as_editor=False, update_docinfo=False, strict=False
    ) as packet:
        return {key: value for key in keys if (value := packet.get(key))}


def _info(document: Any) -> dict[str, str]:
    if "/Info" not in document.trailer:
        return {}
    return {str(key): _text(value) for key, value in document.docinfo.items()}


def _texts(value: Any) -> list[str]:
    """A list, a set or one text, as XMP has them."""
    if value is None:
        return []
    values: Iterable[Any] = [value] if isinstance(value, str) else value
    texts = (_text(item) for item in (sorted(values) if isinstance(values, set) else values))
    return [text for text in texts if text and text != "x-default"]


def _first(texts: list[str], otherwise: str) -> str:
    return texts[0] if texts else otherwise


def _text(value: Any) -> str:
    """One line of printable text, bounded."""
    text = "" if value is None else str(value)
    printable = "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST])
    return " ".join(printable.split())
