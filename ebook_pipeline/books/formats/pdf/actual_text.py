"""Text that a PDF states beside its glyphs, put in place of them.

ISO 32000-2 §14.9.4: ``ActualText`` of a span of marked content is what its glyphs say. Browsers
write one for each cluster of Devanagari, Thai, Arabic and pointed Hebrew, glyph by glyph, and
pdfium tells it several times, beside the first glyph alone, or without room for the rest. Here each
span becomes one glyph of a font without shapes that is as wide as the span and means its text: what
reads the document meets plain text. Nothing of it is for the eye.
"""

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.formats.pdf import objects, opening
from ebook_pipeline.books.formats.pdf.stated_fonts import StatedFont, stated_font

if TYPE_CHECKING:
    import pypdfium2 as pdfium

_SPAN, _MARKER = "/Span", b"ActualText"
_SHOWN = ("Tj", "TJ")
_KEPT = (*_SHOWN, "Td", "Tm", "Tf", "Tc", "Tw", "Tr")
"""Operators within a span that is replaced; one with others stays as it is."""
_LAST_OF_ONE_UNIT = 0xFFFF
"""Signs beyond it, such as flags, are two units of UTF-16, which pdfium tells rightly by itself."""
_LONGEST = 64
"""Characters of a span that is replaced: a cluster has a few, a described picture many."""
_MOST_CODES = 255
"""Of one font; the next ones go into another."""
_MOST_FONTS = 400
_MOST_PARTS = 200
"""Operators of one span."""
_LARGEST = 8_000_000
"""Bytes of a page's content that are looked through."""


def readable(path: Path) -> "pdfium.PdfDocument":
    """The file in pdfium as `opening.drawable` opens it, with stated text in place of its glyphs.

    Raises PdfiumError where it does not open.
    """
    document = opening.drawable(path)
    with contextlib.suppress(*objects.UNREADABLE), opening.opened(path) as pdf:
        if put_in_place(pdf):
            document.close()
            return opening.reopened(pdf)
    return document


def put_in_place(pdf: Any) -> int:
    """Replace the spans of all pages of `pdf`, a pikepdf document; how many there were."""
    fonts: dict[tuple[int, int], list[StatedFont]] = {}
    count = 0
    for page in pdf.pages:
        with contextlib.suppress(*objects.UNREADABLE):
            if _MARKER in _content(page):
                count += _rewrite(pdf, page, fonts)
    for font in itertools.chain.from_iterable(fonts.values()):
        font.finish(pdf)
    return count


@dataclass
class _Span:
    """A span while it is read: its text, and its operators."""

    text: str
    parts: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class _Show:
    """An operator that shows glyphs: its place in the span, and where it begins and how wide."""

    place: int
    start: float
    width: float
    height: float


@dataclass(frozen=True)
class _Pen:
    """The font that is set: its name in the page's resources, and its size."""

    font: str = ""
    size: float = 0.0

    @classmethod
    def set_by(cls, instruction: Any) -> "_Pen":
        """As the operator `Tf` sets it."""
        return cls(str(instruction.operands[0]), float(instruction.operands[1]))


def _content(page: Any) -> bytes:
    content = page.obj.get("/Contents")
    streams = list(content) if content is not None and not hasattr(content, "read_bytes") else []
    parts = streams or ([content] if content is not None else [])
    raw = b"\n".join(part.read_bytes() for part in parts)
    return raw if len(raw) <= _LARGEST else b""


def _rewrite(pdf: Any, page: Any, fonts: dict[tuple[int, int], list[StatedFont]]) -> int:
    import pikepdf

    known = page.resources.get("/Font", pikepdf.Dictionary())
    writer = _PageWriter(pdf, known, fonts)
    for instruction in pikepdf.parse_content_stream(page):
        writer.take(instruction)
    writer.flush()
    if writer.count:
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(writer.written))
        page.resources.Font = pikepdf.Dictionary({**dict(known), **writer.added})
    return writer.count


class _PageWriter:
    """One pass over a page's operators."""

    def __init__(
        self, pdf: Any, known: Any, fonts: dict[tuple[int, int], list[StatedFont]]
    ) -> None:
        self._pdf, self._known, self._fonts = pdf, known, fonts
        self.written: list[Any] = []
        self.added: dict[str, Any] = {}
        self.count = 0
        self._pen = _Pen()
        self._span: _Span | None = None
        self._begun: Any = None

    def take(self, instruction: Any) -> None:
        """The next operator with its operands."""
        operator = str(instruction.operator)
        if self._span is None:
            text = _stated(instruction) if operator == "BDC" else ""
            if text:
                self._span, self._begun = _Span(text), instruction
                return
            self._follow(operator, instruction)
            self.written.append(instruction)
        elif operator == "EMC":
            self._end(instruction)
        elif operator in _KEPT and len(self._span.parts) < _MOST_PARTS:
            self._span.parts.append(instruction)
        else:
            self.flush()
            self.take(instruction)

    def flush(self) -> None:
        """What was begun stays as it was written."""
        if self._span is None:
            return
        parts, self._span = self._span.parts, None
        for instruction in (self._begun, *parts):
            self._follow(str(instruction.operator), instruction)
            self.written.append(instruction)

    def _end(self, instruction: Any) -> None:
        span = self._span
        before = self._pen
        replaced = self._replaced(span) if span else None
        if replaced is None:
            self._pen = before
            self.flush()
            self.written.append(instruction)
            return
        self._span = None
        self.written += replaced
        self.count += 1

    def _follow(self, operator: str, instruction: Any) -> None:
        if operator == "Tf":
            self._pen = _Pen.set_by(instruction)

    def _replaced(self, span: _Span) -> list[Any] | None:
        """The span's operators with one glyph for all that it shows; None where that can't be."""
        shows = self._shows(span.parts)
        first = _base(shows) if shows else None
        if not shows or first is None:
            return None
        width = max(show.start + show.width for show in shows) - first.start
        kept: list[Any] = []
        for at, part in enumerate(span.parts):
            if at == first.place:
                glyph = self._glyph(span.text, width)
                if glyph is None:
                    return None
                kept += glyph
            elif not _is_shown(part):
                kept.append(part)
                self._follow(str(part.operator), part)
        return kept

    def _shows(self, parts: Sequence[Any]) -> list[_Show] | None:
        """Where each glyph begins, in units of the text; None where a font does not say."""
        pen = self._pen
        line = place = height = 0.0
        shows: list[_Show] = []
        for at, part in enumerate(parts):
            operator = str(part.operator)
            if operator == "Tf":
                pen = _Pen.set_by(part)
            elif operator == "Tm":
                if shows:
                    return None
                line = place = height = 0.0
            elif operator == "Td":
                line, height = line + float(part.operands[0]), height + float(part.operands[1])
                place = line
            elif operator in _SHOWN:
                width = _widths(self._known.get(pen.font), part.operands[0])
                if width is None or not pen.size:
                    return None
                shows.append(_Show(at, place, width * pen.size, round(height, 2)))
                place += width * pen.size
        return shows

    def _glyph(self, text: str, width: float) -> list[Any] | None:
        """The operators that show it in the font for its width, and set the page's font again."""
        import pikepdf

        size = self._pen.size
        said = (text, round(width / size * 1000)) if size else (text, 0)
        font = self._font(said)
        if font is None or not size:
            return None
        code = font.codes.setdefault(said, len(font.codes) + 1)
        self.added[font.name] = font.dictionary
        operator = pikepdf.Operator("Tf")
        back: list[Any] = [pikepdf.Name(self._pen.font), size]
        return [
            pikepdf.ContentStreamInstruction([pikepdf.Name(font.name), size], operator),
            pikepdf.ContentStreamInstruction(
                [pikepdf.String(bytes([code]))], pikepdf.Operator("Tj")
            ),
            pikepdf.ContentStreamInstruction(back, operator),
        ]

    def _font(self, said: tuple[str, int]) -> StatedFont | None:
        """The font beside the page's own that has this glyph, or has room for it."""
        shape = self._known.get(self._pen.font)
        if shape is None:
            return None
        made = self._fonts.setdefault(shape.objgen, [])
        for font in made:
            if said in font.codes or len(font.codes) < _MOST_CODES:
                return font
        number = sum(map(len, self._fonts.values()))
        if number >= _MOST_FONTS:
            return None
        made.append(stated_font(self._pdf, shape, number))
        return made[-1]


def _stated(instruction: Any) -> str:
    """The text of a span that begins, where it states one that takes the place of glyphs."""
    tag, properties = instruction.operands
    if str(tag) != _SPAN or not hasattr(properties, "keys"):
        return ""
    text = str(properties.get("/ActualText", "")).replace("\0", "")
    plain = all(ord(sign) <= _LAST_OF_ONE_UNIT for sign in text)
    return text if plain and len(text) <= _LONGEST else ""


def _is_shown(part: Any) -> bool:
    return str(part.operator) in _SHOWN


def _base(shows: Sequence[_Show]) -> _Show:
    """The first on the base line that moves the pen: marks are lifted, or have no width."""
    widest = max(shows, key=lambda show: show.width)
    return next(
        show
        for show in shows
        if show.height == widest.height
        and show.width >= 0.0
        and (show.width > 0.0 or widest.width == 0.0)
    )


def _widths(font: Any, shown: Any) -> float | None:
    """How far a text moves the pen at size 1; None where the font does not say."""
    if font is None:
        return None
    parts = [shown] if not hasattr(shown, "__iter__") or _is_text(shown) else list(shown)
    total = 0.0
    for part in parts:
        if not _is_text(part):
            total -= float(part) / 1000
            continue
        known = [_width(font, code) for code in _codes(font, bytes(part))]
        if None in known:
            return None
        total += sum(width for width in known if width is not None)
    return total


def _is_text(value: Any) -> bool:
    import pikepdf

    return isinstance(value, pikepdf.String | bytes)


def _codes(font: Any, text: bytes) -> Iterable[int]:
    if str(font.get("/Subtype")) == "/Type0":
        return [int.from_bytes(text[at : at + 2], "big") for at in range(0, len(text), 2)]
    return list(text)


def _width(font: Any, code: int) -> float | None:
    if str(font.get("/Subtype")) == "/Type0":
        descendant = font.DescendantFonts[0]
        for first, widths in _listed(descendant.get("/W", [])):
            if first <= code < first + len(widths):
                return widths[code - first] / 1000
        return float(descendant.get("/DW", 1000)) / 1000
    place = code - int(font.get("/FirstChar", 0))
    widths = font.get("/Widths")
    if widths is None or not 0 <= place < len(widths):
        return None
    scale = float(font.FontMatrix[0]) if "/FontMatrix" in font else 0.001
    return float(widths[place]) * scale


def _listed(entries: Any) -> Iterator[tuple[int, list[float]]]:
    """Table of widths, ISO 32000-2 §9.7.4.3: ``first [widths]`` or ``first last width``."""
    values = list(entries)
    at = 0
    while at + 1 < len(values):
        second = values[at + 1]
        if hasattr(second, "__len__"):
            yield int(values[at]), [float(width) for width in second]
            at += 2
        elif at + 2 < len(values):
            span = min(int(second) - int(values[at]) + 1, 65_536)
            yield int(values[at]), [float(values[at + 2])] * max(0, span)
            at += 3
        else:
            return
