"""Content documents as text: EPUB 3.3 §6, https://www.w3.org/TR/epub-33/#sec-contentdocs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from ebook_pipeline.books import text as prose
from ebook_pipeline.books.formats.epub import archive, xml
from ebook_pipeline.books.formats.epub.package import ManifestItem, PackageDocument, read_package
from ebook_pipeline.books.formats.epub.xml import element_name
from ebook_pipeline.foundation.errors import BookError, LimitExceeded

XHTML_TYPE = "application/xhtml+xml"
SVG_TYPE = "image/svg+xml"
DOCUMENT_TYPES = frozenset(
    {XHTML_TYPE, SVG_TYPE, "text/x-oeb1-document", "application/x-dtbook+xml", "text/html"}
)
LARGEST_BOOK = 512 << 20
"""Bytes of all content documents of a book together."""
_XHTML = "{http://www.w3.org/1999/xhtml}"
_UNREAD = frozenset({"script", "style", "template", "rt", "rp", "math", "metadata"})
_INLINE_NAMES = (
    "a abbr b bdi bdo big cite code data del dfn em font i img ins kbd label mark q ruby rb rbc s "
    "samp small span strike strong sub sup time tt u var wbr tspan"
)
_INLINE = frozenset(_INLINE_NAMES.split())


@dataclass(frozen=True)
class SpineDocument:
    """A content document of the spine with its bytes."""

    item: ManifestItem
    linear: bool
    data: bytes

    @property
    def name(self) -> str:
        return self.item.path or ""


def spine_documents(path: Path, package: PackageDocument) -> Iterator[SpineDocument]:
    """The spine's XHTML and SVG documents in reading order, not linear ones included.

    Raises BookError where one is missing, LimitExceeded (``container.total-size``) over 512 MiB.
    """
    by_id = {item.id: item for item in reversed(package.manifest)}
    total = 0
    with archive.opened(path) as container:
        for ref in package.spine:
            item = by_id.get(ref.idref)
            if item is None or item.path is None or item.media_type not in DOCUMENT_TYPES:
                continue
            data = container.read(item.path, xml.LARGEST_DOCUMENT)
            total += len(data)
            if total > LARGEST_BOOK:
                raise LimitExceeded("container.total-size", "The text is larger than 512 MiB.")
            yield SpineDocument(item, ref.linear, data)


def texts(path: Path, package: PackageDocument) -> Iterator[tuple[str, str]]:
    """(name, text) of every spine document; malformed ones are read as far as they go."""
    for document in spine_documents(path, package):
        yield document.name, text_of(document.data, place=document.name)


def write_plain_text(epub: Path, target: Path) -> int:
    """Write the spine's text to `target` as UTF-8; its letters. Runs in the sandbox.

    A line per paragraph, blank lines between them, a form feed between documents.
    """
    written = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for _, text in texts(epub, read_package(epub)):
            paragraphs = [" ".join(line.split()) for line in text.splitlines()]
            part = "\n\n".join(line for line in paragraphs if line)
            if not part:
                continue
            written += file.write(f"\f\n{part}\n" if written else f"{part}\n")
    return written


def text_of(data: bytes, *, place: str = "") -> str:
    """The text of an XHTML or SVG document as a reader sees it: a line per block.

    Ruby annotations, MathML, scripts, styles and the ``alt`` of images are left out.
    Malformed documents are read as far as they go; raises BookError (``xml.entity``).
    """
    try:
        root = xml.parse(data, place=place)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        root = xml.parse(data, place=place, recover=True)
    return text_in(root)


def text_in(root: etree._Element) -> str:
    """As `text_of`, of a document that is parsed already."""
    body = root.find(f"{_XHTML}body")
    return _tidy(plain_text(root if body is None else body))


def word_count(path: Path, package: PackageDocument) -> int:
    """Words of all spine documents."""
    return sum(prose.word_count(body) for _, body in texts(path, package))


def plain_text(element: etree._Element) -> str:
    """The text below `element`: blocks end with a line break, unread elements are left out."""
    parts: list[str] = []
    skipped: etree._Element | None = None
    for event, node in etree.iterwalk(element, events=("start", "end", "comment")):
        if skipped is None and event == "start" and element_name(node) in _UNREAD:
            skipped = node
        if skipped is None:
            _gather(event, node, node is element, parts)
        elif event == "end" and node is skipped:
            skipped = None
            _tail(node, node is element, parts)
    return "".join(parts)


def _gather(event: str, node: etree._Element, top: bool, parts: list[str]) -> None:
    block = element_name(node) not in _INLINE
    if event == "start":
        if block:
            parts.append("\n")
        parts.append(_flowed(node.text))
    else:
        if event == "end" and block:
            parts.append("\n")
        _tail(node, top, parts)


def _tail(node: etree._Element, top: bool, parts: list[str]) -> None:
    if not top and node.tail:
        parts.append(_flowed(node.tail))


def _flowed(text: str | None) -> str:
    """A line break in the source is a space; only blocks break lines."""
    return re.sub(r"\s+", " ", text or "")


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
