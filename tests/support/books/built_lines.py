"""Lines and pages as the reader of a PDF finds them, built by hand; points from the lower left."""

from collections.abc import Sequence

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, Inline
from ebook_pipeline.books.converting.from_pdf.lines import FontStyle, Line, Page, Span

WIDE, HIGH = 420.0, 600.0
LEADING = 12.0


def span(
    text: str, left: float = 50.0, base: float = 500.0, size: float = 10.0, **look: object
) -> Span:
    """Letters half as wide as high; `look` says whether they are bold, italic, raised, hidden."""
    right = left + 0.5 * size * len(text)
    return Span(text, FontStyle(size, **look), left, right, base)  # type: ignore[arg-type]


def lined(*spans: Span, page: int = 0, broken: bool = False) -> Line:
    """Spans that stand on one line, from the left."""
    first, last = spans[0], spans[-1]
    size = first.style.size
    word = "".join(one.text for one in spans).split(" ")[0]
    line = Line(list(spans), page, first.left, last.right, first.base, size, 0.5 * size * len(word))
    line.broken = broken
    return line


def line(
    text: str,
    left: float = 50.0,
    base: float = 500.0,
    *,
    page: int = 0,
    size: float = 10.0,
    **look: object,
) -> Line:
    """A line of one look."""
    return lined(span(text, left, base, size, **look), page=page)


def stacked(
    *texts: str, left: float = 50.0, base: float = 500.0, page: int = 0, size: float = 10.0
) -> list[Line]:
    """Lines one below another."""
    return [
        line(text, left, base - number * LEADING, page=page, size=size)
        for number, text in enumerate(texts)
    ]


def page_of(*lines: Line, number: int = 0) -> Page:
    """A page that holds these lines, which become its own."""
    for one in lines:
        one.page = number
    return Page(number, WIDE, HIGH, list(lines))


def block(
    text: str,
    kind: BlockKind = BlockKind.PARAGRAPH,
    *,
    page: int = 0,
    top: float = 500.0,
    **more: object,
) -> Block:
    """A block whose content is written already."""
    return Block(kind, [], page, top, content=[Inline(text)], **more)  # type: ignore[arg-type]


def texts(lines: Sequence[Line]) -> list[str]:
    """What each line says."""
    return [one.text for one in lines]
