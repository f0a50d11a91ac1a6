"""Blocks that run against the book's direction: a Hebrew quotation, an English address.

HTML §3.2.6.4, https://html.spec.whatwg.org/multipage/dom.html#the-dir-attribute
"""

from collections.abc import Iterable

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.body import element_text
from ebook_pipeline.books.text_direction import LEFT_TO_RIGHT, text_direction


def mark_directions(blocks: Iterable[etree._Element], base: str) -> None:
    """Say of every block that runs against `base` which way it runs; what is said already stays."""
    for block in blocks:
        direction = "" if block.get("dir") else text_direction([element_text(block)])
        if direction and direction != (base or LEFT_TO_RIGHT):
            block.set("dir", direction)
