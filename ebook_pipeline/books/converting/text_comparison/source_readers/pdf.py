"""PDF as it is compared: each line that pdfium sees on a page, and what was filled into forms.

ISO 32000-2 §12.7 (forms). Lines that stand at the edge of several pages, or are nothing but a
number there, need not be in the book; so do slanted letters. Lines with letters read from the right
are taken by the places of their letters, for no order of writing them is sure.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ebook_pipeline.books.converting.text_comparison.source_readers.pdf_fields import (
    filled_values,
)
from ebook_pipeline.books.converting.text_comparison.source_readers.pdf_letters import (
    FROM_RIGHT,
    Letter,
    abreast,
    is_apart,
    letters_of,
    line_of,
    placed_letters,
    quarter_turns,
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
_HYPHENS = ("-", "\x02")
_HYPHENATED = re.compile(r"[^\W\d_][-\x02] ")
_UNSPACED = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_READING = 0.62
"""Times the size of most letters, up to which one is the reading of another (`from_pdf`)."""
_STACKED = 0.6
"""Share of letters below the one before, 0 to 1, from which a page reads from above."""


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
    if FROM_RIGHT.search(whole) or page.get_rotation() or _turns(textpage):
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
    letters = [letter for letter in placed_letters(textpage) if letter.text.strip()]
    usual = Counter(round(letter.height, 1) for letter in letters).most_common(1)[0][0]
    text = [letter for letter in letters if letter.height > _READING * usual]
    stacked = sum(_is_below(before, letter) for before, letter in itertools.pairwise(text))
    if stacked < _STACKED * len(text):
        return None
    heights = [letter.y for letter in text if not letter.text.isdigit()]
    low, high = min(heights, default=0.0), max(heights, default=0.0)
    among = [letter for letter in text if low <= letter.y <= high]
    number = "".join(letter.text for letter in text if not low <= letter.y <= high)
    columns: list[list[Letter]] = []
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


def _is_below(before: Letter, letter: Letter) -> bool:
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
    return any(quarter_turns(textpage, index) != 0 for index in range(0, count, 16))


def _jumps(textpage: Any) -> bool:
    """Whether a word is broken and text beside it follows: columns are written row by row."""
    before: Letter | None = None
    for letter in letters_of(textpage):
        if letter.text == " ":
            continue
        if before is not None and before.text in _HYPHENS and is_apart(before, letter):
            return True
        before = letter
    return False


def _from_above(row: Sequence[Letter]) -> float:
    return -row[0].base


def _by_places(
    textpage: Any,
    box: Sequence[float],
    sort: Callable[[Sequence[Letter]], Any] | None,
    shown: int = 0,
) -> _PageText:
    """A page letter by letter: slanted and clipped ones apart, lines with Hebrew or Arabic read
    from the right; `sort` orders the lines where their own order is none."""
    rows: list[list[Letter]] = [[]]
    slanted: list[str] = []
    clipped: list[str] = []
    last: Letter | None = None
    for letter in letters_of(textpage, shown):
        if letter.quarters is None:
            slanted.append(letter.text)
        elif not (box[0] <= letter.x <= box[2] and box[1] <= letter.y <= box[3]):
            clipped.append(letter.text)
        else:
            if not abreast(last or letter, letter) or (sort and is_apart(last or letter, letter)):
                rows.append([])
            rows[-1].append(letter)
            last = letter if letter.text != " " else last
    turned = [row for row in rows if row and row[0].quarters]
    straight = [row for row in rows if row and not row[0].quarters]
    if turned or sort:
        straight.sort(key=sort or _from_above)
    ordered = [*straight, *sorted(turned, key=_from_above)]
    text = _lines("\n".join(map(line_of, ordered)))
    return _PageText(text, _BREAK.sub("", "".join(slanted)), "".join(clipped))
