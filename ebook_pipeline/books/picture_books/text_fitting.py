"""Lines of a text at a size: which size fits an area, and how high the text becomes there."""

from collections.abc import Iterator, Sequence

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
        if broken and _wide(longer, style) <= measure:
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
            _wide(line, style)
            for paragraph in paragraphs
            for line in lines(paragraph, style, measure)
        ),
        default=0.0,
    )


_SLACK = 2.0
"""Points beyond the widest line: typesetters kern, and none may break a line earlier than here."""
_LONELY = 0.3
"""Share of the longest line below which a last line looks forgotten."""
_NARROWEST = 0.55
_STEP = 0.04
"""Shares of the measure down to which, and by which, `balanced` tries."""


def balanced(paragraphs: Sequence[str], style: TextStyle, measure: float) -> float:
    """The measure, `measure` at most, at which as many lines as there read best aloud.

    A line that ends where a sentence does is best; a last word alone is worst; and lines of one
    length are better than ragged ones.
    """
    tried = list(_narrower(paragraphs, style, measure))
    if not tried:
        return measure
    return min(measure, max(tried, key=lambda pair: pair[1])[0])


def lonely(paragraphs: Sequence[str], style: TextStyle, measure: float) -> bool:
    """Whether a paragraph's last line is much shorter than its others."""
    rows = ([_wide(line, style) for line in lines(one, style, measure)] for one in paragraphs)
    return any(_ends_alone(row) for row in rows)


def _narrower(
    paragraphs: Sequence[str], style: TextStyle, measure: float
) -> Iterator[tuple[float, float]]:
    """Measures that keep the number of lines, with how good their breaks are."""
    count = sum(len(lines(paragraph, style, measure)) for paragraph in paragraphs)
    if count <= len(paragraphs):
        return
    share = 1.0
    while share >= _NARROWEST:
        broken = [lines(paragraph, style, measure * share) for paragraph in paragraphs]
        widths = [[_wide(line, style) for line in rows] for rows in broken]
        most = max(max(row, default=0.0) for row in widths)
        if sum(map(len, broken)) > count or most > measure * share:
            return
        if most + _SLACK <= measure:
            yield most + _SLACK, sum(map(_goodness, broken, widths)) - most / measure
        share -= _STEP


def _goodness(broken: Sequence[str], widths: Sequence[float]) -> float:
    """Of one paragraph's lines."""
    if len(broken) < 2:
        return 0.0
    ends = sum(_end_of(line) for line in broken[:-1])
    alone = 4.0 if _ends_alone(widths) else 0.0
    ragged = (max(widths) - min(widths)) / max(widths)
    return ends - alone - 1.5 * ragged


def _ends_alone(widths: Sequence[float]) -> bool:
    """Of one paragraph's lines."""
    return len(widths) > 1 and widths[-1] < _LONELY * max(widths)


_QUOTES = "”“‘’\"'»«"
_ENDS = (".", "!", "?", "…")


def _end_of(line: str) -> float:
    """Best where a sentence ends, worst where one has just begun."""
    *before, last = [word.rstrip(_QUOTES) for word in line.split()]
    if last.endswith(_ENDS):
        return 2.0
    if before and before[-1].endswith(_ENDS):
        return -1.5
    return 0.6 if last.endswith((",", ":")) else 0.0


def _wide(line: str, style: TextStyle) -> float:
    return width(line, style.family, style.size, bold=style.bold)
