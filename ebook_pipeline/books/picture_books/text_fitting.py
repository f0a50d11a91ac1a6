"""Lines of a text at a size: which size fits an area, and how high the text becomes there."""

from collections.abc import Sequence

from ebook_pipeline.books.picture_books.typefaces import width
from ebook_pipeline.foundation.record import Record

LEADING = 1.42
"""Line to line, in sizes: picture books are read across a lap."""
PARAGRAPH_GAP = 0.5
"""Between two paragraphs, in lines."""


class TextStyle(Record):
    """A face at a size in points; `bold` only where the family has it."""

    family: str
    size: float
    bold: bool = False

    @property
    def leading(self) -> float:
        return round(self.size * LEADING, 2)


def lines(paragraph: str, style: TextStyle, measure: float) -> list[str]:
    """`paragraph` broken greedily at spaces into lines of at most `measure` points."""
    broken: list[str] = []
    for word in paragraph.split():
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and width(longer, style.family, style.size, bold=style.bold) <= measure:
            broken[-1] = longer
        else:
            broken.append(word)
    return broken


def height(paragraphs: Sequence[str], style: TextStyle, measure: float) -> float:
    """Points that the paragraphs take at `measure`, gaps included."""
    count = sum(len(lines(paragraph, style, measure)) for paragraph in paragraphs)
    return (count + PARAGRAPH_GAP * max(0, len(paragraphs) - 1)) * style.leading


def widest(paragraphs: Sequence[str], style: TextStyle, measure: float) -> float:
    """Points of the longest line, so that a panel can be drawn around the words."""
    return max(
        (
            width(line, style.family, style.size, bold=style.bold)
            for paragraph in paragraphs
            for line in lines(paragraph, style, measure)
        ),
        default=0.0,
    )
