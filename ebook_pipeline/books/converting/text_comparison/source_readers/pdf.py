"""PDF as it is compared: each line that pdfium sees on a page, and what was filled into forms.

ISO 32000-2 §12.7 (forms). Lines that stand at the edge of several pages, or are nothing but a
number there, need not be in the book; so do slanted letters. Lines with letters read from the right
are taken by the places of their letters, for no order of writing them is sure.
"""

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ebook_pipeline.books.converting.text_comparison.source_readers.pdf_fields import (
    filled_values,
)
from ebook_pipeline.books.converting.text_comparison.source_text import LeftOutKind, SourceText
from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.pdf import actual_text, objects, opening
from ebook_pipeline.foundation.errors import BookError

_EDGE = 3
"""Lines at the beginning and at the end of a page that may be its furniture."""
_FEWEST_PAGES = 3
"""Pages at whose edge a line stands, from which it may be furniture."""
_LONGEST_HEAD = 10
"""Words of a line that every second page begins with."""
_NUMBERS = re.compile(
    r"[\W_]*(?:[\w.]{1,8}\s+)?(?:\d{1,5}|[ivxlcdm]{1,8})(?:\W+\w{1,4}\W+\d+)?\W*", re.IGNORECASE
)
_MARK = re.compile(r"((?<=[^\W\d_]{2})[^\w\s]{0,3}?\d{1,3}(?!\w)|^\W{0,2}\d{1,4}[.)\s])")
"""The mark of a note behind a word; a number with which a line begins."""
_BREAK = re.compile(r"[\x02\ufffe\u00ad]\s*")
"""What pdfium gives for a hyphen at the end of a line."""
_FROM_RIGHT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LEFT_LETTERS = r"[^\W\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+"
_FROM_LEFT = re.compile(rf"{_LEFT_LETTERS}(?:(?<=\d)[.,:/-](?=\d){_LEFT_LETTERS})*")
"""Words, and numbers with what parts their digits, in lines that are read from the right."""
_SAME_LINE = 0.4
"""Of a letter's height: how far letters of one line may stand from each other in height."""
_HYPHENS = ("-", "\x02")
_ARABIC_NUMBER = re.compile(
    r"[\u0660-\u0669\u06f0-\u06f9]+(?:[.,\u066b\u066c][\u0660-\u0669\u06f0-\u06f9]+)*"
)
"""Digits that stand among letters read from the right and are read from the left."""
_HYPHENATED = re.compile(r"[^\W\d_][-\x02] ")
_COLUMN_GAP = 0.8
"""Of a letter's height: the gap behind a broken word from which another column follows."""
_UNSPACED = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_READING = 0.62
"""Times the size of most letters, up to which one is the reading of another (`from_pdf`)."""
_STACKED = 0.6
"""Share of letters below the one before, 0 to 1, from which a page reads from above."""
_SPACE = 0.2
"""Of a letter's height: the gap from which there is a space."""
_HALF = 2
"""Quarter turns by which a letter stands on its head."""
_QUARTER = 1.5707963
"""Radians of a quarter turn."""
_LEANING = 0.12
"""Of a quarter turn, from which letters are slanted."""


@dataclass(frozen=True)
class _PageText:
    """The lines of a page; those that slant, those beyond its visible part, and readings, apart."""

    lines: Sequence[str]
    slanted: str = ""
    clipped: str = ""
    readings: str = ""


def read(path: Path) -> SourceText:
    """The PDF at `path`. Raises BookError, LimitExceeded."""
    import pypdfium2 as pdfium

    try:
        with actual_text.readable(path) as document:
            pages = [_page(document, number) for number in range(len(document))]
        with opening.opened(path) as pdf:
            fields = [list(filled_values(page.obj)) for page in pdf.pages]
    except (pdfium.PdfiumError, *objects.UNREADABLE) as error:
        raise BookError("pdf.unreadable", "The PDF's text cannot be read.") from error
    collector = TextCollector()
    _collect(pages, fields, collector)
    text = collector.text()
    unknown = {"alternatives", "addresses", "inner_links", "notes", "tables", "formulas"}
    return replace(
        text,
        pictures=None,
        languages=None,
        spaces_are_certain=False,
        order_is_certain=False,
        **dict.fromkeys(unknown),  # type: ignore[arg-type]
    )


def _collect(
    pages: Sequence[_PageText], fields: Sequence[Sequence[str]], collector: TextCollector
) -> None:
    """All text, and behind it what stands at pages' edges, which the book may leave out."""
    repeated = _repeated(pages)
    furniture: list[tuple[int, str]] = []
    for number, (page, values) in enumerate(zip(pages, fields, strict=False), 1):
        collector.place = f"page {number}"
        for place, line in enumerate(page.lines):
            edge = place < _EDGE or place >= len(page.lines) - _EDGE
            if edge and (_shape(line) in repeated or _NUMBERS.fullmatch(line)):
                furniture.append((number, line))
            else:
                # A letter alone is an initial, which may stand apart from its word.
                _add(line, collector, furniture=len(line.strip()) == 1)
        # A sign alone would count as an ornament: all values are one line.
        _add(" ".join(values), collector)
        furniture += [(number, page.slanted), (number, page.readings)]
        collector.leave_out(LeftOutKind.CLIPPED, page.clipped)
    for number, text in furniture:
        collector.place = f"page {number}"
        _add(text, collector, furniture=True)


def _add(text: str, collector: TextCollector, *, furniture: bool = False) -> None:
    """A line; the mark of a note, and a number that begins a line, may become something else."""
    for number, part in enumerate(_MARK.split(text)):
        collector.furniture = furniture or number % 2 == 1
        collector.add(part)
        collector.end()
    collector.furniture = False


def _repeated(pages: Sequence[_PageText]) -> set[str]:
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_shape(line) for line in (*page.lines[:_EDGE], *page.lines[-_EDGE:])})
    often = {shape for shape, count in seen.items() if count >= _FEWEST_PAGES}
    return often | _every_other(pages)


def _every_other(pages: Sequence[_PageText]) -> set[str]:
    """First lines of left and of right pages in a row, where both sides have one of their own."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        if page.lines and len(page.lines[0].split()) <= _LONGEST_HEAD:
            places[_shape(page.lines[0])].append(number)
    shared = {
        shape: numbers[0] % 2
        for shape, numbers in places.items()
        if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1, 2))
    }
    return set(shared) if len(set(shared.values())) > 1 else set()


def _shape(line: str) -> str:
    return re.sub(r"\d+|\b[ivxlcdm]+\b", "#", "".join(line.casefold().split()))


def _page(document: Any, number: int) -> _PageText:
    """A page's text; nothing of one that cannot be loaded."""
    import pypdfium2 as pdfium

    try:
        page = document[number]
    except pdfium.PdfiumError:
        return _PageText(())
    textpage = page.get_textpage()
    try:
        return _read(page, textpage)
    finally:
        textpage.close()
        page.close()


def _read(page: Any, textpage: Any) -> _PageText:
    box = page.get_bbox()
    whole = textpage.get_text_range()
    if _FROM_RIGHT.search(whole) or page.get_rotation() or _turns(textpage):
        shown = page.get_rotation() // 90
        return _by_places(textpage, box, sort=_from_above if shown else None, shown=shown)
    if _HYPHENATED.search(whole) and _jumps(textpage):
        middle = (box[0] + box[2]) / 2
        return _by_places(
            textpage, box, sort=lambda row: (row[0].x + row[-1].x > 2 * middle, -row[0].base)
        )
    if tuple(box) == tuple(page.get_mediabox()):
        columns = _in_columns(textpage) if _UNSPACED.search(whole) else None
        return columns or _PageText(_lines(whole))
    shown = _lines(textpage.get_text_bounded(*box))
    return _PageText(shown, clipped=_rest(_lines(whole), shown))


def _in_columns(textpage: Any) -> _PageText | None:
    """A page that reads from above, its small readings apart, which an EPUB made of it leaves out.

    None for a page of lines. pdfium gives the letters of a column in no sure order.
    """
    letters = [letter for letter in _placed(textpage) if letter.text.strip()]
    usual = Counter(round(letter.height, 1) for letter in letters).most_common(1)[0][0]
    text = [letter for letter in letters if letter.height > _READING * usual]
    stacked = sum(_is_below(before, letter) for before, letter in itertools.pairwise(text))
    if stacked < _STACKED * len(text):
        return None
    heights = [letter.y for letter in text if not letter.text.isdigit()]
    low, high = min(heights, default=0.0), max(heights, default=0.0)
    among = [letter for letter in text if low <= letter.y <= high]
    number = "".join(letter.text for letter in text if not low <= letter.y <= high)
    columns: list[list[_Letter]] = []
    for letter in sorted(among, key=lambda letter: -letter.x):
        if columns and columns[-1][0].x - letter.x < letter.height / 2:
            columns[-1].append(letter)
        else:
            columns.append([letter])
    ordered = (sorted(column, key=lambda letter: -letter.y) for column in columns)
    lines = ["".join(letter.text for letter in column) for column in ordered]
    lines += filter(None, [number])
    readings = (letter.text for letter in letters if letter.height <= _READING * usual)
    return _PageText(lines, readings=" ".join(readings))


def _is_below(before: "_Letter", letter: "_Letter") -> bool:
    """Whether two letters stand in one column."""
    near = letter.height / 2
    return abs(before.x - letter.x) < near < abs(before.y - letter.y)


def _lines(text: str) -> list[str]:
    return [line for line in _BREAK.sub("", text).splitlines() if line.strip()]


def _rest(lines: Sequence[str], shown: Sequence[str]) -> str:
    """The lines that are not shown."""
    kept = Counter(" ".join(line.split()) for line in shown)
    rest = Counter(" ".join(line.split()) for line in lines)
    return " ".join((rest - kept).elements())


def _turns(textpage: Any) -> bool:
    """Whether any letter is turned; one in sixteen is looked at."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFText_CountChars(textpage.raw)
    return any(_quarters(textpage, index) != 0 for index in range(0, count, 16))


def _jumps(textpage: Any) -> bool:
    """Whether a word is broken and text beside it follows: columns are written row by row."""
    before: _Letter | None = None
    for letter in _letters(textpage):
        if letter.text == " ":
            continue
        if before is not None and before.text in _HYPHENS and _is_apart(before, letter):
            return True
        before = letter
    return False


def _is_apart(before: "_Letter", letter: "_Letter") -> bool:
    """Whether a letter stands on the same line in another column."""
    return _abreast(before, letter) and letter.left - before.right > _COLUMN_GAP * letter.height


def _from_above(row: "Sequence[_Letter]") -> float:
    return -row[0].base


def _quarters(textpage: Any, index: int) -> int | None:
    """How a letter is turned, in quarters counter-clockwise; None for one that slants."""
    import pypdfium2.raw as pdfium

    angle: float = -pdfium.FPDFText_GetCharAngle(textpage.raw, index) / _QUARTER
    return round(angle) % 4 if abs(angle - round(angle)) <= _LEANING else None


@dataclass(frozen=True)
class _Letter:
    """A letter; left, right, base line and origin as it is read, its middle as it stands."""

    text: str
    quarters: int | None
    left: float
    right: float
    base: float
    height: float
    x: float
    y: float
    origin: float = 0.0


def _by_places(
    textpage: Any,
    box: Sequence[float],
    sort: "Callable[[Sequence[_Letter]], Any] | None",
    shown: int = 0,
) -> _PageText:
    """A page letter by letter: slanted and clipped ones apart, lines with Hebrew or Arabic read
    from the right; `sort` orders the lines where their own order is none."""
    rows: list[list[_Letter]] = [[]]
    slanted: list[str] = []
    clipped: list[str] = []
    last: _Letter | None = None
    for letter in _letters(textpage, shown):
        if letter.quarters is None:
            slanted.append(letter.text)
        elif not (box[0] <= letter.x <= box[2] and box[1] <= letter.y <= box[3]):
            clipped.append(letter.text)
        else:
            if not _abreast(last or letter, letter) or (sort and _is_apart(last or letter, letter)):
                rows.append([])
            rows[-1].append(letter)
            last = letter if letter.text != " " else last
    turned = [row for row in rows if row and row[0].quarters]
    straight = [row for row in rows if row and not row[0].quarters]
    if turned or sort:
        straight.sort(key=sort or _from_above)
    ordered = [*straight, *sorted(turned, key=_from_above)]
    text = _lines("\n".join(map(_line, ordered)))
    return _PageText(text, _BREAK.sub("", "".join(slanted)), "".join(clipped))


def _abreast(letter: _Letter, other: _Letter) -> bool:
    near = abs(letter.base - other.base) <= _SAME_LINE * other.height
    return near and letter.quarters == other.quarters


def _letters(textpage: Any, shown: int = 0) -> Iterator[_Letter]:
    """The letters in pdfium's order, those that stand on their head as they are read."""
    upside_down = [letter for letter in _placed(textpage) if _on_its_head(letter, shown)]
    if not upside_down:
        yield from _placed(textpage)
        return
    yield from (letter for letter in _placed(textpage) if not _on_its_head(letter, shown))
    line: list[_Letter] = []
    for letter in sorted(upside_down, key=lambda letter: -letter.base):
        if line and not _abreast(line[0], letter):
            yield from _with_spaces(sorted(line, key=_origin))
            line = []
        line.append(letter)
    yield from _with_spaces(sorted(line, key=_origin))


def _origin(letter: "_Letter") -> float:
    return letter.origin


def _on_its_head(letter: "_Letter", shown: int) -> bool:
    return letter.quarters is not None and (letter.quarters - shown) % 4 == _HALF


def _with_spaces(line: "Sequence[_Letter]") -> Iterator[_Letter]:
    before: _Letter | None = None
    for letter in line:
        if before is not None and letter.left - before.right > _SPACE * letter.height:
            yield replace(before, text=" ")
        yield letter
        before = letter


def _placed(textpage: Any) -> Iterator[_Letter]:
    import ctypes

    import pypdfium2.raw as pdfium

    raw, box = textpage.raw, pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(pdfium.FPDFText_CountChars(raw)):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        if code in (10, 13) or 0xD800 <= code < 0xE000:
            continue
        pdfium.FPDFText_GetLooseCharBox(raw, index, box)
        pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
        quarters = _quarters(textpage, index) if pdfium.FPDFText_GetTextObject(raw, index) else 0
        ends = {0: (box.left, box.right), 1: (box.bottom, box.top)}
        ends |= {2: (-box.right, -box.left), 3: (-box.top, -box.bottom)}
        left, right = ends[quarters or 0]
        base = {0: y.value, 1: -x.value, 2: -y.value, 3: x.value}[quarters or 0]
        height = max(pdfium.FPDFText_GetFontSize(raw, index), 1.0)
        place = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        begins = {0: x.value, 1: y.value, 2: -x.value, 3: -y.value}[quarters or 0]
        yield _Letter(chr(code), quarters, left, right, base, height, *place, begins)


def _line(row: Sequence[_Letter]) -> str:
    """The letters as they were written, or from the right where one of them is read so."""
    text = "".join(letter.text for letter in row)
    if not _FROM_RIGHT.search(text):
        return text
    ordered = sorted(
        (letter for letter in row if letter.text != " "),
        key=lambda letter: -(letter.left + letter.right),
    )
    pieces = [ordered[0].text] if ordered else []
    for before, letter in itertools.pairwise(ordered):
        mark = unicodedata.combining(letter.text) > 0
        gap = before.left - letter.right > _SPACE * letter.height and not mark
        pieces.append(" " * gap + letter.text)
    turned = _FROM_LEFT.sub(lambda match: match[0][::-1], "".join(pieces))
    turned = _ARABIC_NUMBER.sub(lambda match: match[0][::-1], turned)
    return unicodedata.normalize("NFC", turned)
