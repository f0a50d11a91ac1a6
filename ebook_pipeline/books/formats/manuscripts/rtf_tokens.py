"""RTF as tokens: RTF 1.9.1, https://www.microsoft.com/en-us/download/details.aspx?id=10725

Letters of every code page come out as Unicode, each ``\\u`` with one fallback: that all readers
understand alike.
"""

import codecs
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ebook_pipeline.books.formats.manuscripts import carried_marks, symbol_fonts

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})"
    rb"|\\(?:(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|'(?P<hex>[0-9A-Fa-f]{2})"
    rb"|(?P<symbol>[^A-Za-z]))|(?P<text>[^\\{}\x80-\xff]+)|(?P<high>[\x80-\xff])",
    re.DOTALL,
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030",
    136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
    186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_DOCUMENT = {b"ansi": "cp1252", b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_PAGES = {
    437: "cp437", 850: "cp850", 852: "cp852", 866: "cp866", 874: "cp874", 932: "cp932",
    936: "gb18030", 949: "cp949", 950: "big5", 10000: "mac_roman", 65001: "utf-8",
    **{number: f"cp{number}" for number in range(1250, 1259)},
}  # fmt: skip
_DOUBLE_BYTE = frozenset({"cp932", "cp949", "johab", "gb18030", "big5"})
_REPLACEMENT = 0xFFFD
_SIGNS = 2
"""``\\fcharset`` of fonts whose letters are signs."""
_UNITS = ("hex", "high", "symbol", "word")


@dataclass(frozen=True, slots=True)
class RtfToken:
    """A piece of RTF: `kind` is open, close, word, hex, symbol, text; `raw` its bytes."""

    kind: str
    raw: bytes
    word: bytes = b""
    number: int | None = None


@dataclass(frozen=True)
class _State:
    """What a group inherits: how many fallbacks follow ``\\u``, the code page of letters."""

    fallbacks: int = 1
    encoding: str = ""


def tokenize(data: bytes) -> Iterator[RtfToken]:
    """The tokens of `data` in order, its letters as Unicode."""
    return _Letters().read(_raw_tokens(with_escapes(data)))


def with_escapes(data: bytes) -> bytes:
    """`data` with letters as RTF writes them where some program put UTF-8 there unescaped.

    RTF is of seven bits; what stands there beyond them and is UTF-8 throughout is nothing else.
    """
    if data.isascii():
        return data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data
    return _BEYOND_ASCII.sub(_escape, text).encode("ascii")


def _escape(letter: re.Match[str]) -> str:
    units = letter[0].encode("utf-16-le")
    numbers = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
    return "{\\uc1" + "".join(f"\\u{number}?" for number in numbers) + "}"


def _raw_tokens(data: bytes) -> Iterator[RtfToken]:
    """``\\bin`` takes the bytes that it announces with it."""
    position = 0
    while position < len(data):
        match = _TOKEN.match(data, position)
        if match is None:
            position += 1
            continue
        position = match.end()
        if not match["word"]:
            yield _token(match.lastgroup or "", match[0])
            continue
        number = int(match["number"]) if match["number"] else None
        if match["word"] == b"bin":
            position += min(max(number or 0, 0), len(data) - position)
        else:
            yield _token("word", match[0], match["word"], number)


@functools.lru_cache(maxsize=4096)
def _token(kind: str, raw: bytes, word: bytes = b"", number: int | None = None) -> RtfToken:
    """One for all that are the same: a book has millions of them."""
    return RtfToken(kind, raw, word, number)


class _Letters:
    """Rewrites letters; keeps what the font table says of each font's code page."""

    def __init__(self) -> None:
        self._state = _State()
        self._stack: list[_State] = []
        self._document = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._bytes = b""
        self._skip = 0
        self._high = 0
        self._naming = False

    def read(self, raw_tokens: Iterator[RtfToken]) -> Iterator[RtfToken]:
        for token in raw_tokens:
            token = _paragraph_end(self._trail_taken(self._after_fallback(token)))
            if token.kind in ("hex", "high"):
                self._bytes += (
                    bytes.fromhex(token.raw[2:].decode()) if token.kind == "hex" else token.raw
                )
                continue
            yield from self._flushed()
            if token.kind in ("open", "close"):
                self._group(token)
            elif token.word:
                self._see(token)
            if token.word == b"u" and token.number is not None:
                self._skip = self._state.fallbacks
                yield from self._unicode(token.number)
            elif token.word != b"uc" and token.raw:
                yield from self._unpaired()
                yield from self._signs(token)
        yield from self._flushed()
        yield from self._unpaired()

    def _signs(self, token: RtfToken) -> Iterator[RtfToken]:
        """The letters of a font of signs as signs; it is known by what the font table calls it."""
        text = token.raw.decode("ascii", "replace") if token.kind == "text" else ""
        if self._naming and text.strip(" ;\r\n"):
            name = text.strip(" ;\r\n").casefold()
            self._fonts[self._font] = name if name in symbol_fonts.FONTS else ""
            self._naming = False
        elif text and self._state.encoding in symbol_fonts.FONTS:
            plain = text.replace("\r", "").replace("\n", "")
            for letter in symbol_fonts.shown_in(self._state.encoding, plain):
                yield from _letter(ord(letter))
            return
        yield token

    def _unicode(self, number: int) -> Iterator[RtfToken]:
        """A letter; those beyond 16 bits come as two surrogates, each with its fallback."""
        code = number % 65536 if number < 65536 else number
        if self._state.encoding in symbol_fonts.FONTS and code >= 0xF000:
            code = ord(symbol_fonts.shown_in(self._state.encoding, chr(code)))
        if 0xD800 <= code < 0xDC00:
            yield from self._unpaired()
            self._high = code
        elif 0xDC00 <= code < 0xE000 and self._high:
            high, self._high = self._high, 0
            yield from _letter(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00)
        else:
            yield from self._unpaired()
            yield from _letter(code if code < 0x110000 else _REPLACEMENT)

    def _unpaired(self) -> Iterator[RtfToken]:
        """Half of a letter without its other half."""
        if self._high:
            self._high = 0
            yield from _letter(_REPLACEMENT)

    def _trail_taken(self, token: RtfToken) -> RtfToken:
        """`token` without the second byte of a letter, which may stand as plain text."""
        if not self._bytes or token.kind not in ("text", "symbol") or not self._wants_trail():
            return token
        if token.kind == "symbol":
            if token.raw[1:] not in (b"\\", b"{", b"}"):
                return token
            self._bytes += token.raw[1:]
            return replace(token, kind="text", raw=b"")
        self._bytes += token.raw[:1]
        return replace(token, raw=token.raw[1:])

    def _wants_trail(self) -> bool:
        """Whether the bytes so far end within a letter of a double-byte code page."""
        encoding = self._state.encoding or self._document
        if encoding not in _DOUBLE_BYTE:
            return False
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        decoder.decode(self._bytes)
        return bool(decoder.getstate()[0])

    def _after_fallback(self, token: RtfToken) -> RtfToken:
        """`token` without what older readers show instead of the letter before it."""
        if not self._skip or token.kind in ("open", "close"):
            self._skip = 0
            return token
        if token.kind in _UNITS and token.word != b"u":
            self._skip -= 1
            return replace(token, kind="text", raw=b"", word=b"")
        plain = token.raw.replace(b"\r", b"").replace(b"\n", b"")
        skipped, self._skip = self._skip, max(0, self._skip - len(plain))
        return replace(token, raw=plain[skipped:]) if token.kind == "text" else token

    def _group(self, token: RtfToken) -> None:
        if token.kind == "open":
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _see(self, token: RtfToken) -> None:
        word, number = token.word, token.number or 0
        if word == b"uc":
            self._state = replace(self._state, fallbacks=min(max(number, 0), 16))
        elif word in _DOCUMENT:
            self._document = _DOCUMENT[word]
        elif word == b"ansicpg":
            self._document = _PAGES.get(number, self._document)
        elif word == b"fcharset":
            self._fonts[self._font] = _CHARSETS.get(number, "") if number > 1 else ""
            self._naming = number == _SIGNS
        elif word == b"f":
            self._font = number
            self._state = replace(self._state, encoding=self._fonts.get(number, ""))
        elif word == b"plain":
            self._state = replace(self._state, encoding="")

    def _flushed(self) -> Iterator[RtfToken]:
        """The letters of the bytes that stood side by side."""
        font = self._state.encoding if self._state.encoding in symbol_fonts.FONTS else ""
        encoding = "latin-1" if font else self._state.encoding or self._document
        text = self._bytes.decode(encoding, "replace")
        text = symbol_fonts.shown_in(font, text) if font else text
        self._bytes = b""
        if text:
            yield from self._unpaired()
        for letter in text:
            yield from _letter(ord(letter))


def _paragraph_end(token: RtfToken) -> RtfToken:
    """A line's end behind a backslash is a paragraph's, RTF 1.9.1 “Special characters”."""
    ends = token.kind == "symbol" and token.raw in (b"\\\n", b"\\\r")
    return RtfToken("word", b"\\par ", b"par") if ends else token


@functools.lru_cache(maxsize=4096)
def _letter(code: int) -> tuple[RtfToken, ...]:
    """A letter by its number; those beyond 16 bits, which RTF has in halves, as marks."""
    if code > 0xFFFF:
        marks = carried_marks.beyond_16_bits(code)
        return tuple(token for mark in marks for token in _letter(ord(mark)))
    signed = code - 65536 if code > 32767 else code
    return RtfToken("word", b"\\u%d" % signed, b"u", signed), RtfToken("hex", b"\\'3f")
