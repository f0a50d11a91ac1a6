"""Blocks of chapters as one plain HTML document: what Markdown can say, and nothing else.

Names and attributes are written from a list, so that nothing of a stranger's markup comes through
but what is meant. Footnotes stand at the end as asides, where pandoc looks for them.
"""

from collections.abc import Iterable, Sequence
from html import escape

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.body import heading_level
from ebook_pipeline.books.converting.to_epub.conforming import XHTML, whole_number
from ebook_pipeline.books.formats.epub.xml import element_name
from ebook_pipeline.books.writing.chapter_blocks import ChapterBlocks, TakenApart, is_mark

DIVIDER = "h6"
"""The heading that stands before each chapter; none of a chapter's own is so deep."""
_DEEPEST = 5
_NAME_LIST = (
    "p h1 h2 h3 h4 h5 blockquote pre code ul ol li dl dt dd hr br em i strong b sup sub del s u "
    "table caption thead tbody tfoot tr th td"
)
_NAMES = frozenset(_NAME_LIST.split())
_VOID = frozenset({"hr", "br"})
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_UNSAID = frozenset({"annotation", "annotation-xml"})
_KEPT = ("colspan", "rowspan", "start")


def plain_html(book: TakenApart, mark: str) -> str:
    """The document; before chapter `n`, 0 the first, stands a divider that says ``<mark>-<n>``."""
    writer = _Writer(book)
    for number, chapter in enumerate(book.chapters):
        writer.parts.append(f"\n<{DIVIDER}>{mark}-{number}</{DIVIDER}>\n")
        _shift(chapter)
        writer.write_all(chapter.blocks)
    writer.parts.append(f"\n<{DIVIDER}>{mark}-end</{DIVIDER}>\n")
    writer.write_notes()
    body = "".join(writer.parts)
    return f'<html xmlns:epub="http://www.idpf.org/2007/ops"><body>{body}</body></html>'


def _shift(chapter: ChapterBlocks) -> None:
    """Headings within a chapter begin at the first level: its own stands above its text."""
    headings = [block for block in chapter.blocks if heading_level(block)]
    above = min(map(heading_level, headings), default=1) - 1
    for block in headings:
        block.tag = f"{XHTML}h{min(heading_level(block) - above, _DEEPEST)}"


class _Writer:
    """Writes elements without recursion; counts links and marks that lead nowhere."""

    def __init__(self, book: TakenApart) -> None:
        self.parts: list[str] = []
        self._book = book
        self._marked: set[str] = set()

    def write_all(self, blocks: Iterable[etree._Element]) -> None:
        """The blocks in their order."""
        for block in blocks:
            if "verse" in block.get("class", "").split():
                self._write_verse(block)
            else:
                self._write(block)
            self.parts.append("\n")

    def write_notes(self) -> None:
        """Those that a mark leads to; what is noted in a note too."""
        waiting: Sequence[str] = sorted(self._marked)
        written: set[str] = set()
        while waiting:
            for key in waiting:
                note = self._book.notes[key]
                self.parts.append(f'<aside id="{escape(key)}" epub:type="footnote">')
                self._write(note, bare=True)
                self.parts.append("</aside>\n")
            written.update(waiting)
            waiting = sorted(self._marked - written)

    def _write_verse(self, block: etree._Element) -> None:
        self.parts.append('<div class="line-block">')
        for number, line in enumerate(block):
            self.parts.append("<br/>" if number else "")
            self._write(line, bare=True)
        self.parts.append("</div>")

    def _write(self, top: etree._Element, *, bare: bool = False) -> None:
        closing: list[str] = []
        skipped: etree._Element | None = None
        for event, node in etree.iterwalk(top, events=("start", "end", "comment", "pi")):
            if event == "start" and skipped is None:
                if element_name(node) in _UNSAID:
                    skipped = node
                    continue
                opened, closed = ("", "") if bare and node is top else self._tags(node)
                closing.append(closed)
                self.parts += (opened, escape(node.text or "", quote=False))
            elif event == "end" and skipped is None:
                self.parts.append(closing.pop())
            ends = node is skipped and event == "end"
            skipped = None if ends else skipped
            if event != "start" and skipped is None and node is not top:
                self.parts.append(escape(node.tail or "", quote=False))

    def _tags(self, node: etree._Element) -> tuple[str, str]:
        name = element_name(node)
        if node.tag == f"{XHTML}a":
            return self._link(node)
        if str(node.tag).startswith(_MATHML) and name.isalnum():
            space = ' xmlns="http://www.w3.org/1998/Math/MathML"' if name == "math" else ""
            return f"<{name}{space}>", f"</{name}>"
        if name == "span" and "smallcaps" in node.get("class", "").split():
            return '<span class="smallcaps">', "</span>"
        if name not in _NAMES:
            return "", ""
        kept = "".join(
            f' {key}="{value}"' for key in _KEPT if (value := whole_number(key, node.get(key, "")))
        )
        return f"<{name}{kept}>", "" if name in _VOID else f"</{name}>"

    def _link(self, link: etree._Element) -> tuple[str, str]:
        href = link.get("href", "")
        key = href[1:] if href.startswith("#") else ""
        if key in self._book.notes:
            self._marked.add(key)
            return f'<a epub:type="noteref" href="#{escape(key)}">', "</a>"
        if href and not key:
            return f'<a href="{escape(href)}">', "</a>"
        self._book.left_out.marks += is_mark(link)
        self._book.left_out.links += bool(key) and not is_mark(link)
        return "", ""
