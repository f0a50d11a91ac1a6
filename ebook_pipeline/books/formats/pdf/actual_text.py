"""Text that a PDF states beside its glyphs, put in place of them.

ISO 32000-2 §14.9.4: ``ActualText`` of a span of marked content is what its glyphs say. Browsers
write one for each cluster of Devanagari, Thai, Arabic and pointed Hebrew, glyph by glyph, and
pdfium tells it several times, beside the first glyph alone, or without room for the rest. Here each
span becomes one glyph of a font without shapes that is as wide as the span and means its text: what
reads the document meets plain text. Nothing of it is for the eye.
"""

import contextlib
import io
import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.formats.pdf import objects, opening

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
_LOW, _HIGH = -250, 900
"""Of a thousand: how far below and above the line the glyphs reach."""
_MOST_PARTS = 200
"""Operators of one span."""
_LARGEST = 8_000_000
"""Bytes of a page's content that are looked through."""
_PER_BLOCK = 100
"""Entries of one ``bfchar``, Adobe Technical Note 5014."""


def readable(path: Path) -> "pdfium.PdfDocument":
    """The file in pdfium as `opening.drawable` opens it, with stated text in place of its glyphs.

    Raises PdfiumError where it does not open.
    """
    import pypdfium2 as pdfium

    document = opening.drawable(path)
    with contextlib.suppress(*objects.UNREADABLE), opening.opened(path) as pdf:
        if put_in_place(pdf):
            document.close()
            written = io.BytesIO()
            pdf.save(written)
            return pdfium.PdfDocument(written.getvalue())
    return document


def put_in_place(pdf: Any) -> int:
    """Replace the spans of all pages of `pdf`, a pikepdf document; how many there were."""
    fonts: dict[tuple[int, int], list[_StatedFont]] = {}
    count = 0
    for page in pdf.pages:
        with contextlib.suppress(*objects.UNREADABLE):
            if _MARKER in _content(page):
                count += _rewrite(pdf, page, fonts)
    for font in itertools.chain.from_iterable(fonts.values()):
        font.finish(pdf)
    return count


@dataclass
class _StatedFont:
    """A font without shapes: each of its codes has a width, in thousandths, and a text.

    Of type 3, since pdfium passes over glyphs that have no extent: here they have that alone.
    """

    shape: Any
    name: str
    dictionary: Any
    codes: dict[tuple[str, int], int] = field(default_factory=dict)

    def finish(self, pdf: Any) -> None:
        """Write what was gathered into the font's dictionary."""
        import pikepdf

        made, widths = self.dictionary, [width for _, width in self.codes]
        shapes = {
            f"/g{code}": pdf.make_stream(f"{width} 0 0 {_LOW} {max(1, width)} {_HIGH} d1".encode())
            for (_, width), code in self.codes.items()
        }
        made.CharProcs = pikepdf.Dictionary(shapes)
        names = [pikepdf.Name(name) for name in shapes]
        made.Encoding = pikepdf.Dictionary(Type=pikepdf.Name.Encoding, Differences=[1, *names])
        made.FirstChar, made.LastChar, made.Widths = 1, len(widths), widths
        made.FontBBox = [0, _LOW, max([1, *widths]), _HIGH]
        made.ToUnicode = pdf.make_stream(_meanings(self.codes))


@dataclass
class _Span:
    """A span while it is read: its text, its operators, and how far they move the pen."""

    text: str
    parts: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class _Show:
    """An operator that shows glyphs: its place in the span, and where it begins and how wide."""

    place: int
    start: float
    width: float
    height: float


@dataclass
class _Pen:
    """The font that is set: its name in the page's resources, and its size."""

    font: str = ""
    size: float = 0.0


def _content(page: Any) -> bytes:
    content = page.obj.get("/Contents")
    streams = list(content) if content is not None and not hasattr(content, "read_bytes") else []
    parts = streams or ([content] if content is not None else [])
    raw = b"\n".join(part.read_bytes() for part in parts)
    return raw if len(raw) <= _LARGEST else b""


def _rewrite(pdf: Any, page: Any, fonts: dict[tuple[int, int], list[_StatedFont]]) -> int:
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
        self, pdf: Any, known: Any, fonts: dict[tuple[int, int], list[_StatedFont]]
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
        before = _Pen(self._pen.font, self._pen.size)
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
            self._pen = _Pen(str(instruction.operands[0]), float(instruction.operands[1]))

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
        pen = _Pen(self._pen.font, self._pen.size)
        line = place = height = 0.0
        shows: list[_Show] = []
        for at, part in enumerate(parts):
            operator = str(part.operator)
            if operator == "Tf":
                pen = _Pen(str(part.operands[0]), float(part.operands[1]))
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

    def _font(self, said: tuple[str, int]) -> _StatedFont | None:
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
        made.append(_stated_font(self._pdf, shape, number))
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


def _stated_font(pdf: Any, shape: Any, number: int) -> _StatedFont:
    import pikepdf

    descriptor = shape.get("/FontDescriptor")
    if descriptor is None and "/DescendantFonts" in shape:
        descriptor = shape.DescendantFonts[0].get("/FontDescriptor")
    name = shape.get("/BaseFont") or (descriptor or {}).get("/FontName")
    dictionary = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type3,
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        BaseFont=name or pikepdf.Name.Stated,
    )
    if descriptor is not None:
        dictionary.FontDescriptor = descriptor
    return _StatedFont(descriptor, f"/Stated{number}", pdf.make_indirect(dictionary))


def _as_told(text: str) -> str:
    """What is read from the right the other way round: pdfium turns it, a glyph's parts too."""
    directions = map(unicodedata.bidirectional, text)
    strong = next((one for one in directions if one in ("L", "R", "AL")), "L")
    return text if strong == "L" else text[::-1]


def _meanings(codes: dict[tuple[str, int], int]) -> bytes:
    """A CMap of what each code stands for, ISO 32000-2 §9.10.3."""
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CMapName /Stated def /CMapType 2 def",
        "1 begincodespacerange <00> <FF> endcodespacerange",
    ]
    entries = [
        f"<{code:02X}> <{_as_told(text).encode('utf-16-be', 'replace').hex()}>"
        for (text, _), code in codes.items()
    ]
    for at in range(0, len(entries), _PER_BLOCK):
        block = entries[at : at + _PER_BLOCK]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")
