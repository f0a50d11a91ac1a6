"""Blocks written as XHTML documents, with their notes, page breaks and links.

EPUB 3.3 §6.1; page breaks and notes as DPUB-ARIA 1.1 names them.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from html import escape

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, Inline
from ebook_pipeline.books.converting.from_pdf.contents import Anchors, TocTarget
from ebook_pipeline.books.converting.from_pdf.links import PagePosition
from ebook_pipeline.books.converting.to_epub.authoring import AuthoredChapter, chapter_name
from ebook_pipeline.books.records import TocEntry

_BULLET = re.compile(r"[•●◦▪‣∙·–—*-]\s+|[•●◦▪‣∙]\s*")
_NUMBER = re.compile(r"\(?(\d{1,4})[.)]\s+")
_LONGEST_TITLE = 120
"""Characters of a document's title."""


class DocumentWriter:
    """Writes the parts of one book; every page begins once, every link leads to a block."""

    def __init__(
        self,
        parts: Sequence[Sequence[Block]],
        targets: Sequence[str | PagePosition],
        anchors: Anchors,
        labels: Sequence[str],
    ) -> None:
        self._parts = parts
        self._labels = labels
        self._home = {id(block): n for n, part in enumerate(parts, 1) for block in part}
        self._anchors = anchors
        self._targets = [self._resolved(target) for target in targets]
        self._note_home = {
            block.note: n for n, part in enumerate(parts, 1) for block in part if block.note >= 0
        }
        self._referred: set[int] = set()
        self._page = -1
        self._begun: list[TocEntry] = []
        self._document = 0

    def chapters(self, toc: Sequence[TocTarget]) -> list[AuthoredChapter]:
        """The documents in their order, with their lines in the table of contents."""
        listed: dict[int, list[TocEntry]] = {}
        for target in toc:
            href = f"#{self._anchors.name(target.block)}"
            entry = TocEntry(title=target.title, href=href, level=target.level)
            listed.setdefault(self._home[id(target.block)], []).append(entry)
        return [
            self._chapter(number, part, tuple(listed.get(number, ())))
            for number, part in enumerate(self._parts, 1)
        ]

    def _chapter(
        self, number: int, part: Sequence[Block], entries: tuple[TocEntry, ...]
    ) -> AuthoredChapter:
        self._document, self._begun = number, []
        running = [block for block in part if block.kind is not BlockKind.NOTE]
        notes = [block for block in part if block.kind is BlockKind.NOTE]
        body = [*self._flow(running), *self._notes(notes)]
        heading = next((block.text for block in part if block.kind is BlockKind.HEADING), "")
        title = entries[0].title if entries else heading.replace("\n", " ")
        return AuthoredChapter(
            title[:_LONGEST_TITLE] or f"Part {number}", "\n".join(body), entries, tuple(self._begun)
        )

    def _resolved(self, target: str | PagePosition) -> str | Block | None:
        if isinstance(target, str):
            return target
        block = self._anchors.at(target)
        if block is not None:
            self._anchors.name(block)
        return block

    def _flow(self, blocks: Sequence[Block]) -> Iterator[str]:
        for kind, group in itertools.groupby(blocks, key=lambda block: block.kind):
            if kind is BlockKind.ITEM:
                yield from self._lists(list(group))
            elif kind is BlockKind.ROW:
                yield from self._tables(list(group))
            elif kind is BlockKind.QUOTE:
                inner = "".join(self._tag("p", block) for block in group)
                yield f"<blockquote>{inner}</blockquote>"
            else:
                yield from map(self._block, group)

    def _block(self, block: Block) -> str:
        if block.kind is BlockKind.HEADING:
            return self._tag(f"h{block.level}", block)
        if block.kind is BlockKind.VERSE:
            return self._tag("p", block, ' class="verse"')
        if block.kind is BlockKind.PICTURE:
            alt = escape(" ".join(block.label.split())[:500])
            image = f'<img src="images/{block.picture}" alt="{alt}"/>'
            return f"<figure{_id(block)}>{self._pages_to(block.page)}{image}</figure>"
        if block.kind is BlockKind.RULE:
            pages = self._pages_to(block.page)
            return (f"<p>{pages}</p>" if pages else "") + f"<hr{_id(block)}/>"
        return self._tag("p", block)

    def _tag(self, tag: str, block: Block, more: str = "") -> str:
        return f"<{tag}{_id(block)}{more}>{self._inner(block)}</{tag}>"

    def _inner(self, block: Block) -> str:
        return self._pages_to(block.page) + "".join(map(self._inline, block.content))

    def _inline(self, inline: Inline) -> str:
        if inline.page >= 0:
            return self._pages_to(inline.page)
        if inline.text == "\n":
            return "<br/>"
        text = _styled(inline)
        bare = text.strip()
        if not bare:
            return text
        before, _, after = text.partition(bare)
        if inline.note in self._note_home:
            return before + self._reference(inline, bare) + after
        href = self._href(inline.link)
        return f'{before}<a href="{escape(href)}">{bare}</a>{after}' if href else text

    def _reference(self, inline: Inline, text: str) -> str:
        known = inline.note in self._referred
        self._referred.add(inline.note)
        name = "" if known else f' id="ref-{inline.note + 1}"'
        path = self._path(self._note_home[inline.note])
        return (
            f'<a{name} epub:type="noteref" role="doc-noteref" '
            f'href="{path}#note-{inline.note + 1}">{text}</a>'
        )

    def _href(self, link: int) -> str:
        target = self._targets[link] if 0 <= link < len(self._targets) else None
        if target is None or isinstance(target, str):
            return target or ""
        home = self._home.get(id(target))
        return f"{self._path(home)}#{target.anchor}" if home else ""

    def _path(self, number: int) -> str:
        return "" if number == self._document else chapter_name(number)

    def _pages_to(self, page: int) -> str:
        """The breaks of all pages that begin up to `page`."""
        breaks = []
        while self._page < page < len(self._labels):
            self._page += 1
            label = self._labels[self._page].strip()
            if label:
                name = f"page-{self._page + 1}"
                self._begun.append(TocEntry(title=label, href=f"#{name}"))
                breaks.append(
                    f'<span id="{name}" epub:type="pagebreak" role="doc-pagebreak" '
                    f'aria-label="{escape(label)}"></span>'
                )
        return "".join(breaks)

    def _lists(self, items: Sequence[Block]) -> Iterator[str]:
        for tag, group in itertools.groupby(items, key=_list_tag):
            inner = "".join(self._item(tag, block) for block in group)
            bare = ' style="list-style: none"' if tag == "bare" else ""
            name = "ol" if tag == "ol" else "ul"
            yield f"<{name}{bare}>{inner}</{name}>"

    def _item(self, tag: str, block: Block) -> str:
        value = ""
        pattern = {"ol": _NUMBER, "ul": _BULLET}.get(tag)
        match = pattern.match(block.text) if pattern else None
        if match is not None:
            block.content = _without(block.content, match.end())
            value = f' value="{int(match[1])}"' if tag == "ol" else ""
        return self._tag("li", block, value)

    def _tables(self, rows: Sequence[Block]) -> Iterator[str]:
        """Rows follow each other as they are numbered; a number that falls begins a table."""
        table: list[Block] = []
        for row in rows:
            if table and row.row <= table[-1].row:
                yield self._table(table)
                table = []
            table.append(row)
        yield self._table(table)

    def _table(self, rows: Sequence[Block]) -> str:
        written = []
        for row in rows:
            cells = [self._tag("th" if cell.head else "td", cell) for cell in row.cells]
            written.append(f"<tr{_id(row)}>{''.join(cells)}</tr>")
        return f"<table>{''.join(written)}</table>"

    def _notes(self, notes: Sequence[Block]) -> Iterator[str]:
        """A document's notes at its end, each leading back to where it is referred to."""
        if not notes:
            return
        yield '<section epub:type="footnotes">'
        for block in notes:
            inner = "".join(map(self._inline, block.content))
            mark = escape(block.label)
            if block.note in self._referred:
                mark = f'<a role="doc-backlink" href="#ref-{block.note + 1}">{mark}</a>'
            name = f"note-{block.note + 1}" if block.note >= 0 else block.anchor
            attribute = f' id="{name}"' if name else ""
            head = f'<span class="note-number">{mark}</span> ' if block.label else ""
            yield (
                f'<aside epub:type="footnote" role="doc-footnote"{attribute}>'
                f"<p>{head}{inner}</p></aside>"
            )
        yield "</section>"


def _styled(inline: Inline) -> str:
    text = escape(inline.text, quote=False)
    bare = text.strip()
    if not bare:
        return text
    for wanted, tag in (
        (inline.italic, "i"),
        (inline.bold, "b"),
        (inline.raised > 0, "sup"),
        (inline.raised < 0, "sub"),
    ):
        if wanted:
            bare = f"<{tag}>{bare}</{tag}>"
    head = text[: len(text) - len(text.lstrip())]
    return head + bare + text[len(text.rstrip()) :]


def _id(block: Block) -> str:
    return f' id="{block.anchor}"' if block.anchor else ""


def _list_tag(block: Block) -> str:
    if _NUMBER.match(block.text):
        return "ol"
    return "ul" if _BULLET.match(block.text) else "bare"


def _without(content: Sequence[Inline], count: int) -> list[Inline]:
    """The content without its first `count` letters."""
    result = []
    for inline in content:
        taken = min(count, len(inline.text))
        count -= taken
        text = inline.text[taken:]
        if text or inline.page >= 0:
            result.append(
                Inline(
                    text,
                    inline.bold,
                    inline.italic,
                    inline.raised,
                    inline.link,
                    inline.note,
                    inline.page,
                )
            )
    return result
