"""The document's own tags: which marked content is a heading, a paragraph, a cell.

ISO 32000-2 §14.7 (logical structure) and §14.8 (tagged PDF). Trusted where they cover the text.
Thresholds: see the package.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from ebook_pipeline.books.converting.from_pdf import pdf_strings
from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, of_lines
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, Span

MOST_ELEMENTS = 400_000
_DEEPEST = 200
"""Elements within each other."""
_COVERED_SHARE = 0.97
"""Share of the letters, 0 to 1, that tags must cover to be trusted."""
_BROKEN_SHARE, _FEWEST_BROKEN = 0.25, 3
"""Share of the paragraphs, 0 to 1, and their number, up to which they may begin in lower case."""
_MOST_ROLES = 8
"""Names of roles that may stand for each other."""
_HEADINGS = {f"H{level}": level for level in range(1, 7)} | {"H": 1, "Title": 1}
_BLOCKS = {
    "P": BlockKind.PARAGRAPH,
    "LI": BlockKind.ITEM,
    "TOCI": BlockKind.PARAGRAPH,
    "Caption": BlockKind.PARAGRAPH,
    "Note": BlockKind.NOTE,
    "FENote": BlockKind.NOTE,
    "Code": BlockKind.VERSE,
    "TD": BlockKind.ROW,
    "TH": BlockKind.ROW,
    "Figure": BlockKind.PICTURE,
    "Formula": BlockKind.PICTURE,
}
_GROUPS = frozenset({"Document", "DocumentFragment", "Part", "Art", "Sect", "Div", "BlockQuote"})
_LEFT_OUT = frozenset({"Artifact", "RT", "RP", "WT", "WP"})

ContentRef = tuple[int, int]


@dataclass(slots=True)
class StructureElement:
    """Neighbouring content of one block: pages with numbers of marked content, in reading order.

    `kind` is None where no tag says what it is: that is told by its lines' places.
    """

    kind: BlockKind | None
    level: int = 0
    refs: list[ContentRef] = field(default_factory=list)
    alt: str = ""
    row: int = -1
    head: bool = False
    quoted: bool = False


def structure_elements(pdf: Any) -> list[StructureElement]:
    """The blocks of the structure tree; none where the document is not tagged or absurdly deep."""
    root = pdf.Root.get("/StructTreeRoot")
    if root is None:
        return []
    return _Walk(pdf, root).elements()


def tagged_blocks(
    pages: Sequence[Page], tree: Sequence[StructureElement]
) -> list[Block | list[Line]]:
    """Blocks in the tags' order, and lines that only their places can make blocks of.

    Nothing where the tags leave out more of the text than a page's furniture.
    """
    known = {ref for element in tree for ref in element.refs}
    content = _Content(pages, known)
    result: list[Block | list[Line]] = []
    for element in tree:
        lines = content.lines(element.refs)
        if element.kind is BlockKind.PICTURE:
            result.append(_picture(element, lines))
        elif lines and element.kind is None:
            result.append(lines)
        elif lines and element.kind is not None:
            block = of_lines(element.kind, lines, element.level)
            block.row, block.head = element.row, element.head
            if element.quoted and element.kind is BlockKind.PARAGRAPH:
                block.kind = BlockKind.QUOTE
            result.append(block)
    return result if content.covered() >= _COVERED_SHARE and _sensible(result) else []


def _picture(element: StructureElement, lines: list[Line]) -> Block:
    page = element.refs[0][0] if element.refs else -1
    block = Block(BlockKind.PICTURE, lines, page, lines[0].top if lines else 0.0)
    block.label = element.alt
    return block


def _sensible(blocks: Sequence[Block | list[Line]]) -> bool:
    """Whether paragraphs are whole: tags made by a machine often close one at each line's end."""
    starts = [
        block.lines[0].text.lstrip()[:1]
        for block in blocks
        if isinstance(block, Block) and block.kind is BlockKind.PARAGRAPH
    ]
    return sum(letter.islower() for letter in starts) <= max(
        _FEWEST_BROKEN, len(starts) * _BROKEN_SHARE
    )


class _Content:
    """Spans by their page and marked content, taken out once each."""

    def __init__(self, pages: Sequence[Page], known: Set[ContentRef]) -> None:
        self._spans: dict[ContentRef, list[tuple[int, Line, Span]]] = {}
        self._total = self._taken = 0
        for page in pages:
            for number, line in enumerate(page.lines):
                _adopt(line, page.number, known)
                for span in line.spans:
                    entry = (number, line, span)
                    self._spans.setdefault((page.number, span.mark), []).append(entry)
                    self._total += len(span.text)

    def covered(self) -> float:
        """The share of the text that `lines` gave out."""
        return self._taken / self._total if self._total else 0.0

    def lines(self, refs: Sequence[ContentRef]) -> list[Line]:
        """The lines, or their parts, that hold this content."""
        result: list[Line] = []
        last: tuple[int, int] | None = None
        for ref in refs:
            for number, line, span in self._spans.pop(ref, ()):
                self._taken += len(span.text)
                if last != (line.page, number):
                    result.append(_part(line, span))
                else:
                    _widen(result[-1], line, span)
                last = (line.page, number)
        return result


def _adopt(line: Line, page: int, known: Set[ContentRef]) -> None:
    """Give letters without a tag, such as those of style sheets, to their neighbours' content."""
    marks = [span.mark if (page, span.mark) in known else None for span in line.spans]
    tagged = [mark for mark in marks if mark is not None]
    if not tagged or len(tagged) == len(marks):
        return
    known_spans = [span for span, mark in zip(line.spans, marks, strict=True) if mark is not None]
    for span, mark in zip(line.spans, marks, strict=True):
        if mark is None:
            span.mark = min(known_spans, key=lambda known_span: _distance(known_span, span)).mark


def _distance(span: Span, other: Span) -> float:
    return max(span.left - other.right, other.left - span.right)


def _part(line: Line, span: Span) -> Line:
    whole = len(line.spans) == 1
    first = line.first if span is line.spans[0] else min(line.first, span.right - span.left)
    last = span is line.spans[-1]
    if whole:
        return line
    return Line(
        [span],
        line.page,
        span.left,
        span.right,
        line.base,
        line.size,
        first,
        line.broken and last,
        line.column,
    )


def _widen(part: Line, line: Line, span: Span) -> None:
    part.spans.append(span)
    part.left, part.right = min(part.left, span.left), max(part.right, span.right)
    part.broken = line.broken and span is line.spans[-1]


class _Walk:
    """The tree read without recursion, every element once."""

    def __init__(self, pdf: Any, root: Any) -> None:
        self._pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        self._roles = {
            key: pdf_strings.name_string(value) for key, value in _items(root.get("/RoleMap"))
        }
        self._root = root
        self._seen: set[tuple[int, int]] = set()
        self._listed: set[int] = set()
        self._done: list[StructureElement] = []
        self._rows = 0

    def elements(self) -> list[StructureElement]:
        """Nothing where the tree is larger or deeper than a book's can be."""
        stack: list[Iterator[Any]] = [self._children(self._root, -1, StructureElement(None))]
        count = 0
        while stack:
            inner = next(stack[-1], None)
            if inner is None:
                stack.pop()
                continue
            count += 1
            if count > MOST_ELEMENTS or len(stack) > _DEEPEST:
                return []
            stack.append(inner)
        return self._done

    def _children(self, node: Any, page: int, into: StructureElement) -> Iterator[Iterator[Any]]:
        """The children's own walks; content of the node itself goes to the open element."""
        import pikepdf

        current = into
        for kid in _kids(node):
            if isinstance(kid, int):
                self._refer(current, page, kid)
            elif not isinstance(kid, pikepdf.Dictionary):
                continue
            elif "/MCID" in kid:
                mark = kid.get("/MCID")
                if isinstance(mark, int):
                    self._refer(current, self._page_of(kid, page), mark)
            elif "/S" in kid and self._new(kid):
                role = self._role(kid)
                if role in _LEFT_OUT:
                    continue
                opened = self._opened(kid, role, current)
                yield self._children(kid, self._page_of(kid, page), opened)
                if opened is not current and current.kind is None:
                    current = StructureElement(None, quoted=current.quoted)

    def _refer(self, element: StructureElement, page: int, mark: int) -> None:
        self._list(element)
        element.refs.append((page, mark))

    def _list(self, element: StructureElement) -> None:
        if id(element) not in self._listed:
            self._listed.add(id(element))
            self._done.append(element)

    def _new(self, node: Any) -> bool:
        number: tuple[int, int] = node.objgen
        if number == (0, 0):
            return True
        if number in self._seen:
            return False
        self._seen.add(number)
        return True

    def _opened(self, node: Any, role: str, current: StructureElement) -> StructureElement:
        """The element that the node's content belongs to."""
        quoted = current.quoted or role == "BlockQuote"
        if role in _HEADINGS:
            return StructureElement(BlockKind.HEADING, _HEADINGS[role])
        kind = _BLOCKS.get(role)
        if kind is None:
            self._rows += role == "TR"
            loose = role in _GROUPS and current.kind is None
            return StructureElement(None, quoted=quoted) if loose else current
        if kind is BlockKind.PARAGRAPH and _takes_paragraph(current):
            return current
        opened = StructureElement(kind, quoted=quoted)
        if kind is BlockKind.ROW:
            opened.row, opened.head = self._rows, role == "TH"
        if kind is BlockKind.PICTURE:
            description = pdf_strings.text_string(node.get("/Alt")) or pdf_strings.text_string(
                node.get("/ActualText")
            )
            opened.alt = pdf_strings.one_line(description)
            self._list(opened)
        return opened

    def _role(self, node: Any) -> str:
        role = pdf_strings.name_string(node.get("/S"))
        for _ in range(_MOST_ROLES):
            if role not in self._roles or self._roles[role] == role:
                break
            role = self._roles[role]
        return role

    def _page_of(self, node: Any, page: int) -> int:
        import pikepdf

        given = node.get("/Pg")
        known = isinstance(given, pikepdf.Dictionary)
        return self._pages.get(given.objgen, page) if known else page


def _takes_paragraph(current: StructureElement) -> bool:
    """Whether a paragraph belongs to the open element: in cells, and first in items and notes."""
    if current.kind in (BlockKind.ITEM, BlockKind.NOTE):
        return len(current.refs) <= 1
    return current.kind is BlockKind.ROW


def _kids(node: Any) -> list[Any]:
    import pikepdf

    kids = node.get("/K")
    if kids is None:
        return []
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _items(roles: Any) -> list[tuple[str, Any]]:
    """What a document's own names of roles stand for; none where they are in no encoding."""
    import pikepdf

    if not isinstance(roles, pikepdf.Dictionary):
        return []
    try:
        return [(key.removeprefix("/"), value) for key, value in roles.items()]
    except UnicodeDecodeError:
        return []
