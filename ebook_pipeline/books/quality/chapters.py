"""The documents of a book as the checks look at them: text, paragraphs, pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.epub import content, xml
from ebook_pipeline.books.epub.package import PackageDocument
from ebook_pipeline.books.epub.paths import resolve
from ebook_pipeline.books.errors import BookError

_XLINK = "{http://www.w3.org/1999/xlink}href"
_SEEN = frozenset({"img", "image", "svg", "object", "video", "audio", "iframe", "math", "canvas"})
_FULL = _SEEN | {"br", "hr", "input"}


@dataclass(frozen=True)
class Picture:
    """A picture as a document shows it; `alt` is None where its text is missing altogether."""

    path: str
    alt: str | None
    place: str


@dataclass(frozen=True)
class Chapter:
    """A document of the spine at `place`; `text` has a line per block, `source` is as written."""

    place: str
    text: str
    source: str
    paragraphs: int
    empty_paragraphs: int
    pictures: tuple[Picture, ...]
    shows: bool
    """Whether it shows anything but text."""


def read(epub: Path, package: PackageDocument) -> Iterator[Chapter]:
    """The spine's documents in reading order. Raises BookError as the reader of EPUBs does."""
    for document in content.spine_documents(epub, package):
        root = _root(document.data, document.name)
        paragraphs = [node for node in root.iter() if _name(node) == "p"]
        yield Chapter(
            place=document.name,
            text=content.text_of(document.data, place=document.name),
            source="".join(_texts(root)),
            paragraphs=len(paragraphs),
            empty_paragraphs=sum(map(_is_empty, paragraphs)),
            pictures=tuple(_pictures(root, document.name)),
            shows=any(_name(node) in _SEEN for node in root.iter()),
        )


def _root(data: bytes, place: str) -> etree._Element:
    try:
        return xml.parse(data, place=place)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        return xml.parse(data, place=place, recover=True)


def _texts(root: etree._Element) -> Iterator[str]:
    """Text as written, white space kept; style sheets and scripts left out."""
    for node in root.iter():
        if _name(node) not in ("style", "script", "title", ""):
            yield node.text or ""
        yield node.tail or ""


def _is_empty(paragraph: etree._Element) -> bool:
    """One that makes room only: neither a letter nor anything to see in it."""
    if any(_name(node) in _FULL for node in paragraph.iter()) or paragraph.get("id"):
        return False
    words = "".join(node.text or "" for node in paragraph.iter() if _name(node))
    tails = "".join(node.tail or "" for node in paragraph.iterdescendants())
    return not (words + tails).strip()


def _pictures(root: etree._Element, place: str) -> Iterator[Picture]:
    for node in root.iter():
        if _name(node) == "img":
            path, alt = resolve(place, node.get("src", "")), node.get("alt")
        elif _name(node) == "image":
            path, alt = resolve(place, node.get(_XLINK, node.get("href", ""))), ""
        else:
            continue
        decorative = node.get("role") in ("presentation", "none") or node.get("aria-label")
        if path:
            yield Picture(path, "" if decorative and alt is None else alt, place)


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""
