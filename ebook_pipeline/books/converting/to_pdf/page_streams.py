"""What a browser wrote on a PDF's pages, read and mended in one pass over their content streams.

Here: letters counted, those without a glyph found, soft hyphens put right. Streams are as Skia
writes them: a move before a glyph that does not stand where the last one ends, text that its font
does not say in spans with ``ActualText``.

ISO 32000-2 §9.10 (extraction of text), §14.8.2.6.2 (soft hyphens), §14.9.4 (replacement text).
"""

import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

_NUMBER = rb"-?[\d.]+"
_SOFT = rb"/Span<</ActualText <FEFF00AD> >> BDC\n"
_MOVE = rb"%b %b Td " % (_NUMBER, _NUMBER)
_UNBROKEN = re.compile(_SOFT + rb"(%b)?<[0-9A-F]+> Tj\nEMC\n(?=%b)" % (_MOVE, _MOVE))
_BROKEN = re.compile(
    _SOFT + rb"(?:%b)?<[0-9A-F]+> Tj\nEMC\n" % _MOVE + rb"(ET\nBT\n/\S+ "
    rb"[\d.]+ Tf\n[^\n]* Tm\n)(<[0-9A-F]+> Tj\n)(?=ET\n)"
)
_SPAN = re.compile(rb"/Span<</ActualText <FEFF([0-9A-F]*)> >> BDC\n(.*?)EMC\n", re.DOTALL)
_FONT = re.compile(rb"/([^\s/]++) %b Tf\n" % _NUMBER)
_STRING = re.compile(rb"<([0-9A-F]+)> Tj")
_NOTHING = re.compile(rb"(?:[0-9A-F]{4})*0000")
_CHARACTERS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]*)>")
_NO_FORM = rb"\000\000"
"""How typst writes the code of a sign that its font lacks."""
_DEEPEST = 8
"""Forms within forms."""


@dataclass
class PageText:
    """The text of a PDF: how often each piece is shown, and each letter that has no glyph.

    `unembedded` names fonts that are not in the file.
    """

    shown: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    unembedded: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Font:
    """The text of a font's codes, which are `digits` hexadecimal digits long."""

    digits: int
    text: dict[bytes, str]


def read_and_mend(pdf: pikepdf.Pdf) -> PageText:
    """Read the text of all pages, and take out soft hyphens that stand at no line's end."""
    reader = _Reader()
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        if isinstance(contents, pikepdf.Stream):
            reader.read(contents, page.obj.get("/Resources"), 0)
    return reader.pages


def read_typeset(pdf: pikepdf.Pdf) -> PageText:
    """What typst has set: signs without a form; their text is in the span that they stand in.

    Pages without the bytes of such a sign are not read further.
    """
    pages = PageText()
    for page in pdf.pages:
        if any(_NO_FORM in part.read_bytes() for part in _streams(page)):
            _count_unset(pikepdf.parse_content_stream(page), pages)
    return pages


def _count_unset(instructions: Iterable[Any], pages: PageText) -> None:
    spans: list[str] = []
    for operands, operator in instructions:
        name = str(operator)
        if name == "BDC":
            spans.append(_actual_text(operands[-1]))
        elif name == "BMC":
            spans.append("")
        elif name == "EMC" and spans:
            spans.pop()
        elif name in ("Tj", "TJ"):
            unset = sum(_unset(part) for part in _strings(operands[0]))
            if unset:
                text = next((span for span in reversed(spans) if span), "")
                pages.missing.update(text or "\ufffd" * unset)


def _streams(page: pikepdf.Page) -> Iterator[pikepdf.Stream]:
    contents = page.obj.get("/Contents")
    parts = [contents] if isinstance(contents, pikepdf.Stream) else list(contents or ())
    yield from (part for part in parts if isinstance(part, pikepdf.Stream))


def _actual_text(properties: Any) -> str:
    if not isinstance(properties, pikepdf.Dictionary):
        return ""
    return str(properties.get("/ActualText", ""))


def _strings(operand: Any) -> Iterator[bytes]:
    parts = operand if isinstance(operand, pikepdf.Array) else [operand]
    yield from (bytes(part) for part in parts if isinstance(part, pikepdf.String))


def _unset(codes: bytes) -> int:
    """Codes of two bytes that are 0: no glyph of the font."""
    return sum(codes[at : at + 2] == b"\0\0" for at in range(0, len(codes) - 1, 2))


class _Reader:
    """Streams and fonts that many pages share are read once each."""

    def __init__(self) -> None:
        self.pages = PageText()
        self._fonts: dict[tuple[int, int], _Font] = {}
        self._forms: set[tuple[int, int]] = set()

    def read(self, stream: pikepdf.Stream, resources: Any, depth: int) -> None:
        data = stream.read_bytes()
        mended = _BROKEN.sub(rb"\1" + _SOFT + rb"\2EMC\n", _UNBROKEN.sub(rb"\1", data))
        if mended is not data and mended != data:
            stream.write(mended)
        if resources is None:
            return
        self._count(mended, resources.get("/Font", {}))
        for form in _forms(resources) if depth < _DEEPEST else ():
            if form.objgen not in self._forms:
                self._forms.add(form.objgen)
                self.read(form, form.get("/Resources"), depth + 1)

    def _count(self, data: bytes, fonts: Any) -> None:
        plain = _SPAN.sub(self._span, data)
        parts = _FONT.split(plain)
        used: dict[bytes, list[bytes]] = {}
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            used.setdefault(name, []).append(text)
        for name, texts in used.items():
            font = fonts.get(f"/{name.decode('latin-1')}")
            if font is not None:
                self._codes(b"".join(_STRING.findall(b"".join(texts))), self._font(font))

    def _span(self, match: re.Match[bytes]) -> bytes:
        """A span counts as the text that it stands for; its font still counts for what follows."""
        text = _utf16(match[1])
        self.pages.shown[text] += 1
        if any(_NOTHING.match(string) for string in _STRING.findall(match[2])):
            self.pages.missing.update(text)
        return b"\n".join(font[0] for font in _FONT.finditer(match[2]))

    def _codes(self, digits: bytes, font: _Font) -> None:
        whole = digits[: len(digits) // font.digits * font.digits].decode()
        form = f">{len(whole) // font.digits}{'H' if font.digits == 4 else 'B'}"
        for code, count in Counter(struct.unpack(form, bytes.fromhex(whole))).items():
            text = font.text.get(b"%0*X" % (font.digits, code), "")
            self.pages.shown[text] += count
            if code == 0:
                self.pages.missing[text or "\ufffd"] += count

    def _font(self, font: Any) -> _Font:
        if font.objgen not in self._fonts:
            self._fonts[font.objgen] = _read_font(font)
            if not _embedded(font):
                self.pages.unembedded.add(str(font.get("/BaseFont", "unnamed")).lstrip("/"))
        return self._fonts[font.objgen]


def _forms(resources: Any) -> list[pikepdf.Stream]:
    objects = dict(resources.get("/XObject", {}))
    return [form for form in objects.values() if form.get("/Subtype") == "/Form"]


def _read_font(font: Any) -> _Font:
    digits = 4 if font.get("/Subtype") == "/Type0" else 2
    mapping = font.get("/ToUnicode")
    text: dict[bytes, str] = {}
    if isinstance(mapping, pikepdf.Stream):
        data = mapping.read_bytes()
        for block in _CHARACTERS.findall(data):
            codes = _HEX.findall(block)
            text.update(
                (a.upper(), _utf16(b)) for a, b in zip(codes[::2], codes[1::2], strict=False)
            )
        for block in _RANGES.findall(data):
            codes = _HEX.findall(block)
            for first, last, start in zip(codes[::3], codes[1::3], codes[2::3], strict=False):
                text.update(_range(first, last, start))
    return _Font(digits, text)


def _range(first: bytes, last: bytes, start: bytes) -> dict[bytes, str]:
    low, high, point = int(first, 16), int(last, 16), _utf16(start)
    if not point:
        return {}
    digits = len(first)
    return {
        b"%0*X" % (digits, low + step): point[:-1] + chr(ord(point[-1]) + step)
        for step in range(min(high - low, 0xFFFF) + 1)
    }


def _embedded(font: Any) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    described = font.get("/DescendantFonts", [font])[0].get("/FontDescriptor", {})
    return any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")
