"""RTF as it is compared: RTF 1.9.1, read byte by byte.

Left out on purpose: contents that the word processor made, hidden and deleted text, comments,
heads and feet of pages; numbers of list items are generated.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ebook_pipeline.books.converting.text_comparison.source_text import LeftOutKind, SourceText
from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.manuscripts.symbol_fonts import FONTS, shown_in, sign_of_field
from ebook_pipeline.foundation.errors import LimitExceeded

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n])",
    re.DOTALL,
)
_DESTINATIONS = frozenset(
    b"fonttbl colortbl stylesheet info pict listtable listoverridetable listtext pntext themedata "
    b"colorschememapping latentstyles rsidtbl pgptbl xmlnstbl generator datastore fldinst "
    b"bkmkstart bkmkend objdata objclass objname template atnid atnauthor atntime atnicn atndate "
    b"atnref shprslt xe tc rxe filetbl revtbl userprops mmath falt panose fname ftnsep ftnsepc "
    b"aftnsep aftnsepc pgdsctbl nonesttables sp private".split()
)
_LEFT_OUT = {
    **dict.fromkeys(
        (b"header", b"headerl", b"headerr", b"headerf", b"footer", b"footerl", b"footerr",
         b"footerf"), LeftOutKind.RUNNING_HEADS),
    b"annotation": LeftOutKind.COMMENTS,
}  # fmt: skip
_KEPT_STARRED = frozenset(
    {b"footnote", b"shpinst", b"shptxt", b"ud", b"shppict", b"nesttableprops"}
)
_BOXES = frozenset({b"shptxt", b"dptxbxtext"})
_ENDS = frozenset({b"par", b"sect", b"cell", b"nestcell", b"row", b"nestrow"})
_SPACES = frozenset({b"tab", b"line", b"page", b"column", b"emspace", b"enspace", b"qmspace"})
_CHARACTERS = {
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"bullet": "•",
}  # fmt: skip
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_PAGES = {936: "gb18030", 950: "big5", 10000: "mac_roman", 65001: "utf-8"}
_SYSTEMS = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850", b"ansi": "cp1252"}
_ADDRESS = re.compile(r'\s*HYPERLINK\s+"?((?:https?|mailto|tel|ftp):[^"\s]*)', re.IGNORECASE)
_CONTENTS = re.compile(r"\s*(?:TOC|TOA)\b", re.IGNORECASE)
_DEEPEST = 2000
_LARGEST = 64 << 20


def read(path: Path) -> SourceText:
    """The RTF at `path`. Raises LimitExceeded."""
    data = path.read_bytes()
    if len(data) > _LARGEST:
        raise LimitExceeded("convert.text-size", "The text is larger than 64 MiB.")
    return _Reader().read(_escaped(data))


def _escaped(data: bytes) -> bytes:
    """`data`, its letters escaped where it is UTF-8 beyond the seven bits of RTF."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data
    if text.isascii():
        return data
    escapes = {
        ord(letter): f"{{\\uc0\\u{ord(letter)} }}" for letter in set(text) if letter > "\x7f"
    }
    return text.translate(escapes).encode()


@dataclass(frozen=True)
class _Group:
    """What a group inherits. `ends` says what is done when it closes."""

    encoding: str = ""
    fallbacks: int = 1
    unread: bool = False
    left_out: LeftOutKind | None = None
    hidden: bool = False
    deleted: bool = False
    ends: str = ""
    instruction: bool = False
    old: bool = False
    """Whether this is a shape as older readers show it, beside the shape itself."""


class _Reader:
    def __init__(self) -> None:
        self._to = TextCollector()
        self._now = _Group()
        self._open: list[_Group] = []
        self._document = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = -1
        self._in_fonts = False
        self._bytes = b""
        self._units: list[int] = []
        self._skip = 0
        self._starred = self._first = False
        self._kept_back: dict[LeftOutKind, list[str]] = {}
        self._codes: list[list[str]] = []
        self._shown: list[bool] = []
        self._paragraphs = 1
        self._in_table = self._in_cell = self._naming = False

    def read(self, data: bytes) -> SourceText:
        self._to.place = "paragraph 1"
        for match in self._tokens(data):
            word, number, hexed, symbol, brace, plain = match.groups()
            if brace:
                self._brace(brace)
            elif word:
                self._word(word, int(number) if number else None)
            elif hexed:
                self._byte(bytes.fromhex(hexed.decode()))
            elif symbol:
                self._symbol(symbol)
            elif plain:
                self._byte(plain)
            if not brace and not match[0].isspace():
                self._first = self._first and symbol == b"*"
        while self._open:
            self._brace(b"}")
        self._end()
        return self._to.text()

    def _tokens(self, data: bytes) -> "Iterator[re.Match[bytes]]":
        position = 0
        while match := _TOKEN.search(data, position):
            position = match.end()
            if match[1] == b"bin":
                position += max(0, int(match[2] or 0))
            yield match

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._skip = 0
        if brace == b"{":
            if len(self._open) > _DEEPEST:
                raise LimitExceeded("manuscript.nesting", "Groups lie too deep in each other.")
            self._open.append(self._now)
            self._now = replace(self._now, ends="")
            self._first, self._starred = True, False
            return
        ended = self._now
        self._now = self._open.pop() if self._open else _Group()
        self._close(ended)

    def _close(self, ended: _Group) -> None:
        if ended.ends == "note":
            self._to.end_aside(note=True)
        elif ended.ends == "box":
            self._to.end_aside()
        elif ended.ends == "fonts":
            self._in_fonts = False
        elif ended.ends == "field" and self._codes:
            code, shown = "".join(self._codes.pop()), self._shown.pop()
            if not shown and (sign := sign_of_field(code)):
                self._say(sign)
            if address := _ADDRESS.match(code):
                self._to.addresses.add(address[1])
        if ended.left_out and not self._now.left_out:
            self._tell()

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = self._first
        elif symbol in b"\\{}":
            self._byte(symbol)
        elif self._passed():
            return
        elif symbol in b"\r\n~_":
            self._flush()
            if symbol in b"~_":
                self._say(" " if symbol == b"~" else "-")
            else:
                self._end()

    def _byte(self, byte: bytes) -> None:
        if not self._passed():
            self._finish_units()
            self._bytes += byte

    def _passed(self) -> bool:
        """Whether this is what older readers show instead of the letter before it."""
        if self._skip:
            self._skip -= 1
            return True
        return False

    def _word(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self._flush_bytes()
            self._skip = self._now.fallbacks
            letter = chr(number % 65536) if number < 65536 else chr(min(number, 0x10FFFF))
            if self._now.encoding in FONTS:
                letter = shown_in(self._now.encoding, letter)
            raw = letter.encode("utf-16-le", "surrogatepass")
            self._units += [
                int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)
            ]
            return
        if self._passed():
            return
        self._flush()
        if self._first:
            self._destination(word)
        if word in _CHARACTERS:
            self._say(_CHARACTERS[word])
        elif word in _SPACES:
            self._say(" ")
        elif word in _ENDS:
            self._in_table = self._in_table and (self._in_cell or word != b"par")
            self._end()
        else:
            self._property(word, 1 if number is None else number)

    def _destination(self, word: bytes) -> None:
        """What the group is, of which `word` is the first."""
        if word in _DESTINATIONS or (self._starred and word not in _KEPT_STARRED | {*_LEFT_OUT}):
            instruction = word == b"fldinst"
            old = self._now.old or word == b"shprslt"
            self._now = replace(self._now, unread=True, instruction=instruction, old=old)
            if word == b"fonttbl":
                self._in_fonts = True
                self._now = replace(self._now, ends="fonts")
            self._to.counts["formulas"] += word == b"mmath"
            self._to.counts["pictures"] += word == b"pict" and self._is_shown()
        elif word in _LEFT_OUT:
            self._now = replace(self._now, left_out=_LEFT_OUT[word])
        elif word == b"upr":
            self._now = replace(self._now, unread=True)
        elif word == b"ud":
            self._now = replace(self._now, unread=False)
        elif word == b"field":
            self._codes.append([])
            self._shown.append(False)
            self._now = replace(self._now, ends="field")
        elif word == b"fldrslt" and self._codes and _CONTENTS.match("".join(self._codes[-1])):
            self._now = replace(self._now, left_out=LeftOutKind.CONTENTS)
        elif not self._now.old:
            self._beside(word)

    def _beside(self, word: bytes) -> None:
        """What stands beside the text."""
        if (word == b"footnote" or word in _BOXES) and not self._now.left_out:
            note = word == b"footnote"
            self._to.counts["notes"] += note
            self._to.begin_aside()
            self._now = replace(self._now, ends="note" if note else "box", unread=False)
        elif word == b"shppict":
            self._now = replace(self._now, unread=False)

    def _is_shown(self) -> bool:
        return not (self._now.left_out or self._now.hidden or self._now.deleted)

    def _property(self, word: bytes, number: int) -> None:
        if word == b"v":
            self._now = replace(self._now, hidden=number != 0)
        elif word in (b"deleted", b"mvf"):
            self._now = replace(self._now, deleted=number != 0)
        elif word == b"uc":
            self._now = replace(self._now, fallbacks=max(0, min(number, 16)))
        elif word == b"plain":
            self._now = replace(self._now, encoding="", hidden=False)
        elif word == b"trowd":
            self._to.counts["tables"] += not self._in_table
            self._in_table = True
        elif word in (b"pard", b"intbl") and not self._now.unread:
            self._in_cell = word == b"intbl"
        else:
            self._code_page(word, number)

    def _code_page(self, word: bytes, number: int) -> None:
        if word == b"f" and self._in_fonts:
            self._font = number
        elif word == b"fcharset":
            self._fonts[self._font] = _CHARSETS.get(number, "")
            self._naming = number == 2
        elif word == b"f":
            self._now = replace(self._now, encoding=self._fonts.get(number, ""))
        elif word == b"ansicpg":
            self._document = _PAGES.get(number) or _known(f"cp{number}") or self._document
        elif word in _SYSTEMS:
            self._document = _SYSTEMS[word]

    def _flush(self) -> None:
        self._flush_bytes()
        self._finish_units()

    def _flush_bytes(self) -> None:
        if self._bytes:
            font = self._now.encoding if self._now.encoding in FONTS else ""
            encoding = "latin-1" if font else self._now.encoding or self._document
            text = self._bytes.decode(encoding, "replace")
            self._bytes = b""
            name = text.strip(" ;").casefold()
            if self._naming and self._in_fonts and name:
                self._fonts[self._font], self._naming = name if name in FONTS else "", False
            self._say(shown_in(font, text) if font else text)

    def _finish_units(self) -> None:
        if self._units:
            raw = b"".join(unit.to_bytes(2, "little") for unit in self._units)
            self._units.clear()
            self._say(raw.decode("utf-16-le", "replace"))

    def _say(self, text: str) -> None:
        now = self._now
        if now.instruction and self._codes:
            self._codes[-1].append(text)
        if now.unread:
            return
        if self._shown and text.strip():
            self._shown[-1] = True
        hidden = LeftOutKind.HIDDEN if now.hidden else None
        kind = now.left_out or (LeftOutKind.DELETED if now.deleted else hidden)
        if kind is None:
            self._to.add(text)
        else:
            self._kept_back.setdefault(kind, []).append(text)

    def _end(self) -> None:
        if self._now.unread:
            return
        if self._now.left_out:
            self._say(" ")
            return
        self._to.end()
        self._tell()
        self._paragraphs += 1
        self._to.place = f"paragraph {self._paragraphs}"

    def _tell(self) -> None:
        for kind, pieces in self._kept_back.items():
            self._to.leave_out(kind, "".join(pieces))
        self._kept_back.clear()


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""
