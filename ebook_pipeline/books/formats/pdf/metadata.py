"""What a PDF says of itself: XMP first, the older information dictionary where XMP is silent.

ISO 32000-2 §14.3, https://developer.adobe.com/xmp/docs/
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ebook_pipeline.books.formats.pdf import opening
from ebook_pipeline.books.formats.pdf.facts import DocumentInfo
from ebook_pipeline.foundation.identifiers import isbn13

_LONGEST = 4000
"""Characters of one text."""
_LARGEST_PACKET = 4 << 20
"""Bytes of the XMP packet."""
_JUNK_TITLE = re.compile(
    r"microsoft (?:word|powerpoint) - .*|untitled(?:[-\s]?\d+)?|document[-\s]?\d*|unknown|none"
    r"|.*\.(?:docx?|pdf|indd|tex|rtf|odt|qxd|pages|dvi|pub|p65|fm|html?)",
    re.IGNORECASE,
)
_ISBN_NAMES = ("isbn", "eisbn", "identifier")
"""Local names of XMP properties, lower case, that hold an ISBN: PRISM's, Dublin Core's, others."""
_NUMBER = re.compile(r"(?:97[89][-\s]?)?\d(?:[-\s]?[\dXx]){9,}")
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
    isbn: str = ""


def read_metadata(path: Path) -> PdfMetadata:
    """What the PDF at `path` says of itself.

    Raises BookError where it cannot be opened: ``pdf.unreadable``, ``protection.…``.
    """
    try:
        with opening.opened(path) as document:
            return metadata_of(document)
    except _unreadable() as error:
        raise opening.unreadable(error, path) from error


def metadata_of(document: Any) -> PdfMetadata:
    """What an open file says of itself; titles that are file names are no titles."""
    xmp, info = _tried(_xmp, document), _tried(_info, document)
    stated = [*_texts(xmp.get("dc:title")), info.get("/Title", "")]
    keywords = xmp.get("pdf:Keywords") or info.get("/Keywords", "")
    return PdfMetadata(
        title=next((title for title in stated if title and not _JUNK_TITLE.fullmatch(title)), ""),
        authors=_authors(xmp, info),
        language=_first(_texts(xmp.get("dc:language")), _text(document.Root.get("/Lang"))),
        description=_first(_texts(xmp.get("dc:description")), info.get("/Subject", "")),
        keywords=tuple(_texts(xmp.get("dc:subject")) or _texts(re.split("[,;]", str(keywords)))),
        publishers=tuple(_texts(xmp.get("dc:publisher"))),
        rights=_first(_texts(xmp.get("dc:rights")), ""),
        created=str(xmp.get("xmp:CreateDate") or ""),
        isbn=_isbn(_tried(_isbns, document), info),
    )


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


def _tried(read: Callable[[Any], dict[str, Any]], document: Any) -> dict[str, Any]:
    """What a part of the file says; nothing where it cannot be read."""
    try:
        return read(document)
    except _unreadable():
        return {}


def _authors(xmp: dict[str, Any], info: dict[str, str]) -> tuple[str, ...]:
    """XMP lists its creators; one text, there or in Info, may name several."""
    stated = _texts(xmp.get("dc:creator"))
    if len(stated) <= 1:
        stated = _BETWEEN_AUTHORS.split(stated[0] if stated else info.get("/Author", ""))
    return tuple(dict.fromkeys(filter(None, (author.strip() for author in stated))))


def _isbns(document: Any) -> dict[str, Any]:
    """The XMP properties that may hold an ISBN, whatever their namespace."""
    return _packet(
        document, lambda key: key.rpartition("}")[2].rpartition(":")[2].lower() in _ISBN_NAMES
    )


def _isbn(xmp: dict[str, Any], info: dict[str, str]) -> str:
    """The first valid ISBN, as thirteen digits; properties called so go before identifiers."""
    ordered = sorted(xmp, key=lambda key: key.lower().endswith("identifier"))
    stated = [text for key in ordered for text in _texts(xmp[key])]
    stated += [value for key, value in info.items() if key.strip("/").lower() in _ISBN_NAMES]
    for text in stated:
        for match in _NUMBER.finditer(text):
            number = isbn13(match[0])
            if number:
                return number
    return ""


def _xmp(document: Any) -> dict[str, Any]:
    """XMP that is no XML counts as none: pikepdf falls back to an empty packet."""
    wanted = ("title", "creator", "language", "description", "subject", "publisher", "rights")
    keys = [f"dc:{name}" for name in wanted] + ["pdf:Keywords", "xmp:CreateDate"]
    return _packet(document, keys)


def _packet(document: Any, wanted: Iterable[str] | Callable[[str], bool]) -> dict[str, Any]:
    stream = document.Root.get("/Metadata")
    if stream is None or int(stream.get("/Length", 0)) > _LARGEST_PACKET:
        return {}
    with document.open_metadata(
        set_pikepdf_as_editor=False, update_docinfo=False, strict=False
    ) as packet:
        keys = filter(wanted, list(packet)) if callable(wanted) else wanted
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
    ordered = sorted(values, key=str) if isinstance(values, set) else values
    texts = map(_text, ordered)
    return [text for text in texts if text and text != "x-default"]


def _first(texts: list[str], otherwise: str) -> str:
    return texts[0] if texts else otherwise


def _text(value: Any) -> str:
    """One line of printable text, bounded."""
    text = "" if value is None else str(value)
    printable = "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST])
    return " ".join(printable.split())
