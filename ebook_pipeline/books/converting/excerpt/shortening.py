"""A document cut after so many words, at the end of a block: the rest is really gone."""

from lxml import etree

from ebook_pipeline.books import text as prose
from ebook_pipeline.books.converting.to_epub.nav_document import serialize_xhtml
from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.paths import resolve

_H = "{http://www.w3.org/1999/xhtml}"
_BLOCKS = frozenset(f"{_H}{name}" for name in ("p", "li", "blockquote", "table", "pre", "figure"))


def shorten_document(data: bytes, name: str, words: int) -> bytes:
    """The XHTML document `data` up to the block in which word number `words` stands."""
    root = xml.parse(data, place=name, recover=True)
    body = root.find(f"{_H}body")
    if body is None:
        return data
    end = _end(body, words)
    if end is not None:
        _cut_after(end, body)
    _unlink(root, name)
    return serialize_xhtml(root)


def _end(body: etree._Element, words: int) -> etree._Element | None:
    """The block that holds the word; None where there are fewer words."""
    count = 0
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        count += prose.word_count(element.text or "") + prose.word_count(element.tail or "")
        if count >= words:
            block = next(
                (ancestor for ancestor in element.iterancestors() if ancestor.tag in _BLOCKS),
                element,
            )
            return None if block is body else block
    return None


def _cut_after(end: etree._Element, body: etree._Element) -> None:
    element = end
    while element is not body:
        parent = element.getparent()
        if parent is None:
            return
        for later in list(element.itersiblings()):
            parent.remove(later)
        element.tail = None
        element = parent


def _unlink(root: etree._Element, name: str) -> None:
    """Links to ids of the document that are gone lead nowhere."""
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    for element in root.iter(f"{_H}a", f"{_H}area"):
        href = element.get("href") or ""
        _, mark, fragment = href.partition("#")
        if mark and resolve(name, href) == name and fragment not in ids:
            element.attrib.pop("href")
