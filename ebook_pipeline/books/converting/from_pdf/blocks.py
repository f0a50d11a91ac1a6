"""What a book's text consists of: headings, paragraphs, verse, notes, rows, pictures."""

from dataclasses import dataclass, field
from enum import StrEnum

from ebook_pipeline.books.converting.from_pdf.lines import Line


class BlockKind(StrEnum):
    """What a block is; the values are for reading."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    VERSE = "verse"
    QUOTE = "quote"
    ITEM = "item"
    ROW = "row"
    NOTE = "note"
    PICTURE = "picture"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Inline:
    """Text of one style; ``\\n`` breaks the line.

    `link` is an index into the book's links, `note` the number of the note that it points to,
    `page` a page that begins here (`text` is empty then); -1 where there is none.
    """

    text: str
    bold: bool = False
    italic: bool = False
    raised: int = 0
    link: int = -1
    note: int = -1
    page: int = -1


@dataclass(slots=True)
class Block:
    """One block: its lines as they stand on the page, later its `content`.

    `top` is its height on its page in points, `cells` are a row's, `picture` names an image,
    `label` is a picture's text or a note's mark, `note` a note's number, `anchor` is set where
    something points here.
    """

    kind: BlockKind
    lines: list[Line]
    page: int
    top: float
    level: int = 0
    content: list[Inline] = field(default_factory=list)
    cells: list["Block"] = field(default_factory=list)
    picture: str = ""
    label: str = ""
    note: int = -1
    anchor: str = ""
    row: int = -1
    head: bool = False

    @property
    def text(self) -> str:
        return "".join(inline.text for inline in self.content) if self.content else self.raw

    @property
    def raw(self) -> str:
        """The lines' text joined by spaces, for comparing: hyphens at line ends stay."""
        return " ".join(line.text for line in self.lines)


def of_lines(kind: BlockKind, lines: list[Line], level: int = 0) -> Block:
    """A block that starts where its first line does."""
    return Block(kind, lines, lines[0].page, lines[0].top, level)
