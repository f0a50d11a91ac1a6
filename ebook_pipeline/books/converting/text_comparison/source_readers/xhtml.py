"""Markup as passages: XHTML and SVG, namespaces and the case of names of no account."""

from collections.abc import Iterable

from lxml import etree

from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.epub.xml import element_name
from ebook_pipeline.books.language_tags import language_tag, primary_tag

_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_UNREAD = frozenset({"head", "script", "style", "template", "metadata", "rp", "noscript", "defs"})
_INLINE_NAMES = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img image ins kbd label mark q "
    "rb rbc rtc ruby s samp small span strike strong sub sup time tspan tt u var wbr"
)
_INLINE = frozenset(_INLINE_NAMES.split())
_NOTES = frozenset({"footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"})
_MARKS = frozenset({"noteref", "backlink", "doc-noteref", "doc-backlink"})


def read_document(root: etree._Element, collector: TextCollector) -> None:
    """Give what `root` says to `collector`, passage by passage."""
    _Walk(collector).walk(root)
    collector.end()


def links(root: etree._Element) -> Iterable[str]:
    """The targets of links that are no marks of notes."""
    for element in root.iter(etree.Element):
        if element_name(element) == "a" and not _roles(element) & _MARKS:
            yield element.get("href") or element.get(_XLINK) or ""


class _Walk:
    def __init__(self, collector: TextCollector) -> None:
        self._to = collector
        self._skipped: etree._Element | None = None

    def walk(self, root: etree._Element) -> None:
        for event, node in etree.iterwalk(root, events=("start", "end", "comment")):
            if event == "start" and self._skipped is None:
                self._start(node)
            elif event == "end":
                self._end(node)
            if event != "start" and self._skipped is None and node is not root:
                self._to.add(node.tail)

    def _start(self, node: etree._Element) -> None:
        name = element_name(node)
        if language := language_tag(node.get(_XML_LANG) or node.get("lang") or ""):
            self._to.languages.add(primary_tag(language))
        self._count(name, node)
        if name in _UNREAD or name == "math" or (name == "a" and _roles(node) & _MARKS):
            self._skipped = node
            return
        if _roles(node) & _NOTES:
            self._to.counts["notes"] += 1
            self._to.begin_aside()
        elif name == "rt":
            self._to.add(" ")
        elif name not in _INLINE:
            self._to.end()
        self._to.add(node.text)

    def _count(self, name: str, node: etree._Element) -> None:
        if name in ("img", "image"):
            self._to.counts["pictures"] += 1
            if text := " ".join(node.get("alt", "").split()):
                self._to.alternatives.append(text)
        elif name == "table":
            self._to.counts["tables"] += 1
        elif name == "math":
            self._to.counts["formulas"] += 1

    def _end(self, node: etree._Element) -> None:
        if self._skipped is not None:
            if node is self._skipped:
                self._skipped = None
            return
        name = element_name(node)
        if _roles(node) & _NOTES:
            self._to.end_aside(note=True)
        elif name == "rt":
            self._to.add(" ")
        elif name not in _INLINE:
            self._to.end()


def _roles(node: etree._Element) -> frozenset[str]:
    return frozenset(f"{node.get('role', '')} {node.get(_EPUB_TYPE, '')}".lower().split())
