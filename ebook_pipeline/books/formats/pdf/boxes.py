"""Page boxes and sizes: what a printer trims, what a reader shows.

ISO 32000-2 §14.11.2; the largest page of Annex C.2 is 14,400 units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.facts import Boxes
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted

Box = tuple[float, float, float, float]
Size = tuple[int, int]

_MM = 25.4 / 72
"""Millimetres of a point."""
_LARGEST = 14_400
"""Points of a page's longer side, PDF's own limit."""
_SMALLEST = 3
"""Points of a side, below which a page has no area worth the name."""
_SLACK = 1.0
"""Points by which a box may reach beyond the page: programs round."""
_ALIKE = 3
"""Millimetres by which sides may differ and still be called the same size."""
_BOOK_MM = (76, 430)
"""Millimetres of the shortest and of the longest side of a book: 3 in, and a little over A3."""
_MOST_SIZES = 4
"""Sizes that a finding names."""
_MOST_KINDS = 50
"""Sizes that are counted."""
_PARTS = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_NAMED = {
    "A3": (297, 420),
    "A4": (210, 297),
    "A5": (148, 210),
    "A6": (105, 148),
    "B5": (176, 250),
    "US Letter": (216, 279),
    "US Legal": (216, 356),
    "5 x 8 in": (127, 203),
    "5.5 x 8.5 in": (140, 216),
    "6 x 9 in": (152, 229),
    "7 x 10 in": (178, 254),
    "8 x 10 in": (203, 254),
}
_SET_BOXES = "Set the page boxes in the layout program and export the PDF again."


@dataclass
class _Seen:
    sizes: Counter[Size] = field(default_factory=Counter)
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    rotated: list[int] = field(default_factory=list)
    trimmed: int = 0


def check(pages: Sequence[object]) -> tuple[Boxes, list[Finding]]:
    """The boxes of all pages, given as their dictionaries."""
    seen = _Seen()
    for place, page in enumerate(pages, 1):
        _page(page, place, seen)
    common = _united(seen.sizes)
    size = size_name(common[0][0]) if common else ""
    facts = Boxes(size, len(common), len(seen.rotated), seen.trimmed)
    return facts, [*_faults(seen), *_sizes(seen, common)]


def size_name(size: Size) -> str:
    """A size in mm, and by its name where it has one."""
    for named, (width, height) in _NAMED.items():
        if all(
            abs(side - other) <= _ALIKE for side, other in zip(size, (width, height), strict=True)
        ):
            return f"{named} ({width} x {height} mm)"
    return f"{size[0]} x {size[1]} mm"


def _page(page: object, place: int, seen: _Seen) -> None:
    given = objects.inherited_by(page, "/MediaBox", "/Rotate", *_PARTS)
    media = _box(given.get("/MediaBox"))
    if media is None:
        return
    unit = objects.number(objects.entry(page, "/UserUnit")) or 1.0
    shown = _box(given.get("/CropBox")) or media
    width, height = (abs(side) * unit for side in _sides(shown))
    fault = _extent(width, height, unit)
    if fault:
        seen.faults[fault].append(place)
    turned = _turned(given.get("/Rotate"), place, seen)
    seen.trimmed += objects.entry(page, "/TrimBox") is not None
    if any(_reaches_out(_box(given.get(part)), media) for part in _PARTS):
        seen.faults["outside"].append(place)
    if fault != "empty":
        size = (round(width * _MM), round(height * _MM))
        seen.sizes[size[::-1] if turned else size] += 1


def _extent(width: float, height: float, unit: float) -> str:
    if width < _SMALLEST or height < _SMALLEST:
        return "empty"
    return "huge" if max(width, height) > _LARGEST * max(unit, 1.0) else ""


def _turned(rotate: object, place: int, seen: _Seen) -> bool:
    """Whether a page turned by `rotate` is shown lying on its side."""
    angle = objects.number(rotate) or 0
    if angle % 90:
        seen.faults["angle"].append(place)
    elif angle % 360:
        seen.rotated.append(place)
    return angle % 180 == 90


def _box(value: object) -> Box | None:
    """A rectangle with its lower left corner first (§7.9.5)."""
    numbers = [objects.number(number) for number in objects.array_items(value)[:5]]
    if len(numbers) != 4 or any(number is None for number in numbers):
        return None
    left, bottom, right, top = (number or 0.0 for number in numbers)
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


def _reaches_out(inner: Box | None, outer: Box) -> bool:
    if inner is None:
        return False
    low = any(inner[side] < outer[side] - _SLACK for side in (0, 1))
    return low or any(inner[side] > outer[side] + _SLACK for side in (2, 3))


def _faults(seen: _Seen) -> Iterator[Finding]:
    texts = {
        "empty": "{} with no area: nothing of it can be shown.",
        "huge": "{} larger than 5 m: readers refuse or cut it.",
        "outside": "{} with a crop, bleed or trim box that reaches beyond the page.",
        "angle": "{} turned by an angle that is no quarter turn.",
    }
    for fault, text in texts.items():
        numbers = seen.faults.get(fault)
        if numbers:
            message = text.format(counted(len(numbers), "page"))
            place = pdf_findings.page_ranges(numbers)
            yield pdf_findings.warning(f"pdf.box-{fault}", message, _SET_BOXES, place)


def _sizes(seen: _Seen, common: Sequence[tuple[Size, int]]) -> Iterator[Finding]:
    if seen.rotated:
        message = f"{counted(len(seen.rotated), 'page')} shown turned."
        yield pdf_findings.info(
            "pdf.rotated", message, place=pdf_findings.page_ranges(seen.rotated)
        )
    if len(common) > 1:
        told = "; ".join(f"{size_name(size)}: {count}" for size, count in common[:_MOST_SIZES])
        remedy = "Where it is not meant so, bring all pages to one size."
        yield pdf_findings.info("pdf.mixed-sizes", f"Pages differ in size: {told}.", remedy)
    odd = [size for size, _ in common[:1] if not _is_book(size)]
    if odd:
        text = f"The pages measure {size_name(odd[0])}: few books do."
        yield pdf_findings.info("pdf.page-size", text, "Check the page size of the export.")


def _united(sizes: Counter[Size]) -> list[tuple[Size, int]]:
    """Sizes that differ by less than 3 mm are one."""
    united: list[tuple[Size, int]] = []
    for size, count in sizes.most_common():
        for place, (other, total) in enumerate(united):
            if all(abs(a - b) <= _ALIKE for a, b in zip(size, other, strict=True)):
                united[place] = (other, total + count)
                break
        else:
            if len(united) < _MOST_KINDS:
                united.append((size, count))
    return united


def _is_book(size: Size) -> bool:
    smallest, largest = _BOOK_MM
    return smallest <= min(size) and max(size) <= largest and max(size) <= 2 * min(size)
