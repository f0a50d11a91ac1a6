"""A picture of a manuscript that says that it is the cover: ``![](…){.cover}`` before all text.

It becomes the book's cover image, on a page of its own before the title page.
"""

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.body import element_text
from ebook_pipeline.books.converting.to_epub.conforming import XHTML

COVER_CLASS = "cover"
"""As pandoc's Markdown and HTML mark the picture, or the paragraph or figure that it stands in."""


def take_cover(blocks: list[etree._Element]) -> tuple[etree._Element | None, list[etree._Element]]:
    """The picture that is marked so in the first block, if that says nothing else; the others."""
    first = blocks[0] if blocks else None
    if first is None or element_text(first):
        return None, blocks
    pictures = list(first.iter(f"{XHTML}img"))
    if len(pictures) != 1 or not any(map(_is_marked, (first, *pictures))):
        return None, blocks
    return pictures[0], blocks[1:]


def _is_marked(element: etree._Element) -> bool:
    return COVER_CLASS in element.get("class", "").split()
