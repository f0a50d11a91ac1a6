"""What people filled into a form, put where they wrote it: fields are no part of a page's text.

ISO 32000-2 §12.7 (interactive forms), §12.5.6.19 (widget annotations).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ebook_pipeline.books.converting.from_pdf.lines import FontStyle, Line, Page, Span
from ebook_pipeline.books.converting.from_pdf.turns import Rect

_HIDDEN = 1 << 1 | 1 << 5
"""Flags of an annotation that readers do not show, §12.5.3: Hidden, NoView."""
_PASSWORD, _RADIO, _PUSH_BUTTON = 1 << 13, 1 << 15, 1 << 16
"""Flags of a field, §12.7.5."""
_LONGEST_VALUE = 20_000
"""Characters of a value."""
_MOST_FIELDS = 20_000
"""Widgets of one file."""
_CHECKED, _CHOSEN = "\u2611", "\u25c9"
_SIZE = 10.0
"""Points of a value's letters where no line stands near."""
_NEAR = 60.0
"""Points between a field and the words beside it, up to which they are one line."""
_SLACK = 6.0
"""Points by which a field may reach over the words beside it."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A filled field: its value, and where it stands in the page's own space."""

    text: str
    rect: Rect
    mark: bool = False


def filled_fields(pdf: Any) -> dict[int, list[FieldValue]]:
    """The filled fields that readers show, by their page, counted from 0."""
    found: dict[int, list[FieldValue]] = {}
    count = 0
    for number, page in enumerate(pdf.pages if "/AcroForm" in pdf.Root else ()):
        for widget in _widgets(page.obj):
            count += 1
            value = _value(widget) if count <= _MOST_FIELDS else None
            if value is not None:
                found.setdefault(number, []).append(value)
    return found


def write_values(page: Page, values: Sequence[FieldValue]) -> None:
    """Put the values into the lines of `page`: beside the words that ask for them, else apart."""
    for value in values:
        rect = page.view.placed(value.rect) if page.view else value.rect
        page.letters += sum(letter.isalnum() for letter in value.text)
        before, after = _beside(page, rect)
        first, *rest = value.text.splitlines()
        if before is not None and not (value.mark and after is not None):
            _append(before, first, rect)
        elif after is not None:
            _prepend(after, first, rect)
        else:
            rest = [first, *rest]
        for number, text in enumerate(rest):
            _insert(page, text, rect, number)


def _widgets(page: Any) -> Iterator[Any]:
    from ebook_pipeline.books.formats.pdf import objects

    for note in objects.array_items(objects.entry(page, "/Annots")):
        shown = not int(objects.number(objects.entry(note, "/F")) or 0) & _HIDDEN
        if objects.name(objects.entry(note, "/Subtype")) == "Widget" and shown:
            yield note


def _value(widget: Any) -> FieldValue | None:
    from ebook_pipeline.books.formats.pdf import objects

    numbers = [objects.number(side) for side in objects.array_items(objects.entry(widget, "/Rect"))]
    kind = objects.name(objects.inherited(widget, "/FT"))
    flags = int(objects.number(objects.inherited(widget, "/Ff")) or 0)
    marked = kind == "Btn"
    text = _mark(widget, flags) if marked else _text(widget, kind, flags)
    if len(numbers) != 4 or None in numbers or not text.strip():
        return None
    x, y, other_x, other_y = (float(number or 0) for number in numbers)
    rect = min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)
    return FieldValue(text.strip(), rect, marked)


def _mark(widget: Any, flags: int) -> str:
    """A sign for a box that is checked, or a choice that is made (§12.7.5.2)."""
    from ebook_pipeline.books.formats.pdf import objects

    state = objects.name(objects.entry(widget, "/AS")) or objects.name(
        objects.inherited(widget, "/V")
    )
    if flags & _PUSH_BUTTON or state in ("", "Off"):
        return ""
    return _CHOSEN if flags & _RADIO else _CHECKED


def _text(widget: Any, kind: str, flags: int) -> str:
    """The text of a field, or the choices as they show (§12.7.5.3, §12.7.5.4)."""
    import pikepdf

    from ebook_pipeline.books.formats.pdf import objects

    value: Any = objects.inherited(widget, "/V")
    if kind not in ("Tx", "Ch") or (kind == "Tx" and flags & _PASSWORD):
        return ""
    if isinstance(value, pikepdf.Array):
        return ", ".join(filter(None, (_shown(widget, choice) for choice in value)))
    return _shown(widget, value) if kind == "Ch" else _string(value)


def _shown(widget: Any, value: object) -> str:
    """A choice by the name that readers see for it."""
    from ebook_pipeline.books.formats.pdf import objects

    text = _string(value)
    for option in objects.array_items(objects.inherited(widget, "/Opt")):
        pair = [_string(part) for part in objects.array_items(option)]
        if len(pair) == 2 and pair[0] == text:
            return pair[1]
    return text


def _string(value: Any) -> str:
    """The text on its lines, without what does not print."""
    import pikepdf

    if isinstance(value, pikepdf.Stream):
        text = value.read_bytes()[:_LONGEST_VALUE].decode("latin-1")
    elif isinstance(value, pikepdf.String):
        text = str(value)[:_LONGEST_VALUE]
    else:
        return ""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(c if c.isprintable() else " " for c in line).strip() for line in lines)
    return "\n".join(filter(None, kept))


def _beside(page: Page, rect: Rect) -> tuple[Line | None, Line | None]:
    """The nearest lines that end before the field and that begin after it, at its height."""
    abreast = [
        line for line in page.lines if rect[1] - 2 <= line.base + 0.3 * line.size <= rect[3] + 2
    ]
    left = [line for line in abreast if -_SLACK <= rect[0] - line.right <= _NEAR]
    right = [line for line in abreast if -_SLACK <= line.left - rect[2] <= _NEAR]
    before = max(left, key=lambda line: line.right, default=None)
    return before, min(right, key=lambda line: line.left, default=None)


def _append(line: Line, text: str, rect: Rect) -> None:
    last = line.spans[-1]
    last.text = last.text.rstrip() + " "
    line.spans.append(_span(text, rect, last.style, line.base, last.mark))
    line.right = max(line.right, line.spans[-1].right)


def _prepend(line: Line, text: str, rect: Rect) -> None:
    first = line.spans[0]
    line.spans.insert(0, _span(f"{text} ", rect, first.style, line.base, first.mark))
    line.left = min(line.left, rect[0])


def _insert(page: Page, text: str, rect: Rect, number: int) -> None:
    """A line of its own, behind the last line that stands above it."""
    near = min(page.lines, key=lambda line: abs(line.base - rect[3]), default=None)
    size = near.size if near is not None else _SIZE
    style = replace(near.spans[-1].style, raised=0) if near is not None else FontStyle(size)
    base = rect[3] - size * (1 + 1.2 * number)
    span = _span(text, rect, style, base, near.spans[-1].mark if near is not None else -1)
    line = Line([span], page.number, span.left, span.right, base, size, span.right - span.left)
    above = [place for place, other in enumerate(page.lines) if other.base >= base]
    page.lines.insert(above[-1] + 1 if above else 0, line)


def _span(text: str, rect: Rect, style: FontStyle, base: float, mark: int) -> Span:
    right = min(rect[0] + 0.5 * style.size * len(text), max(rect[2], rect[0] + 1))
    return Span(text, style, rect[0], right, base, mark)
