"""What was read of a scan laid over it as invisible text, where each word stands.

ISO 32000-2 §9.3.6 (render mode 3 paints nothing), §14.8.2.2. The scan itself stays as it is; older
invisible text on the same page goes. Runs in the sandbox.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf

from ebook_pipeline.books.converting.recognizing.glyphless_font import WIDTH, add_font
from ebook_pipeline.books.converting.recognizing.line_sizes import LineSizes
from ebook_pipeline.books.converting.recognizing.reading_order import in_reading_order
from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedLine, RecognizedPage
from ebook_pipeline.books.formats.pdf import objects, opening
from ebook_pipeline.foundation.errors import BookError

Matrix = tuple[float, float, float, float, float, float]

_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_INVISIBLE = 3
_DEEPEST_FORM = 4
_MOST_FORMS = 200


def write_text_layers(
    pdf: Path, pages: Sequence[RecognizedPage], target: Path, level: Path
) -> None:
    """Write `target`, in which each word stands where it shows on the scan, and `level`.

    There the lines are level, however the scan is turned: it is for those who read the text, not
    for those who look at the page. Raises BookError (``pdf.unreadable``).
    """
    sizes = LineSizes(line for page in pages for line in page.lines)
    for written, turned in ((target, True), (level, False)):
        try:
            with opening.opened(pdf) as opened:
                _write(opened, pages, sizes, turned)
                opening.save(opened, written)
        except objects.UNREADABLE as error:
            raise opening.unreadable(error, pdf) from error


def _write(
    pdf: pikepdf.Pdf, pages: Sequence[RecognizedPage], sizes: LineSizes, turned: bool
) -> None:
    font = add_font(pdf)
    for recognized in pages:
        if recognized.number >= len(pdf.pages):
            text = f"The PDF has no page {recognized.number + 1}."
            raise BookError("pdf.unreadable", text)
        page = pdf.pages[recognized.number]
        remove_invisible_text(pdf, page)
        _own_resources(page)
        name = page.add_resource(font, pikepdf.Name.Font)
        matrix = _joined(_turn(recognized, turned), _shown_to_own(page))
        layer = "\n".join(_operators(recognized, sizes, matrix, str(name)))
        page.contents_add(pdf.make_stream(layer.encode("ascii")), prepend=True)


def _own_resources(page: pikepdf.Page) -> None:
    """Resources that pages share, or have from above, get no font of one page."""
    own = _copied(objects.inherited(page.obj, "/Resources"))
    own.Font = _copied(own.get("/Font"))
    page.obj.Resources = own


def _copied(dictionary: object) -> pikepdf.Dictionary:
    """The same entries; none where it is no dictionary."""
    copied = pikepdf.Dictionary()
    if isinstance(dictionary, pikepdf.Dictionary):
        for key, value in dictionary.items():
            copied[key] = value
    return copied


def _operators(page: RecognizedPage, sizes: LineSizes, matrix: Matrix, font: str) -> Iterator[str]:
    yield f"q {' '.join(f'{number:.5f}' for number in matrix)} cm BT {_INVISIBLE} Tr"
    for line in in_reading_order(page.lines):
        size = sizes.of(line)
        yield f"{font} {size:.2f} Tf"
        yield from _line_operators(line, size)
    yield "ET Q"


def _line_operators(line: RecognizedLine, size: float) -> Iterator[str]:
    """Each word as wide as it is on the scan, with a space behind it.

    Of a word's own object: pdfium leaves out single letters and spaces that are objects alone.
    """
    for word in line.words:
        codes = word.text.encode("utf-16-be", "replace")
        wide = max(word.right - word.left, 0.1) / (len(codes) / 2 * WIDTH * size)
        place = f"1 0 0 1 {word.left:.2f} {line.base:.2f} Tm"
        yield f"{wide * 100:.2f} Tz {place} <{codes.hex()}0020> Tj"


def _turn(page: RecognizedPage, turned: bool) -> Matrix:
    """From the level page to the scan: turned back about its middle, with the clock."""
    angle = math.radians(-page.skew) if turned else 0.0
    sine, cosine = math.sin(angle), math.cos(angle)
    x, y = page.width / 2, page.height / 2
    return (
        cosine, sine, -sine, cosine, x - x * cosine + y * sine, y - x * sine - y * cosine,
    )  # fmt: skip


def _shown_to_own(page: pikepdf.Page) -> Matrix:
    """From the page as readers show it, its lower left at 0, to its own space (/Rotate, boxes)."""
    left, bottom, right, top = _shown_box(page)
    width, height = right - left, top - bottom
    turned = objects.number(objects.inherited(page.obj, "/Rotate")) or 0
    quarters = int(turned) // 90 % 4
    return {
        0: (1.0, 0.0, 0.0, 1.0, left, bottom),
        1: (0.0, 1.0, -1.0, 0.0, left + width, bottom),
        2: (-1.0, 0.0, 0.0, -1.0, left + width, bottom + height),
        3: (0.0, -1.0, 1.0, 0.0, left, bottom + height),
    }[quarters]


def _shown_box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """What the media box and the crop box share, as pdfium shows it."""
    media, crop = _box(page.mediabox), _box(page.cropbox)
    shared = (
        max(media[0], crop[0]), max(media[1], crop[1]),
        min(media[2], crop[2]), min(media[3], crop[3]),
    )  # fmt: skip
    return shared if shared[0] < shared[2] and shared[1] < shared[3] else media


def _box(box: object) -> tuple[float, float, float, float]:
    numbers = [objects.number(item) or 0.0 for item in objects.array_items(box)]
    x, y, right, top = numbers if len(numbers) == 4 else (0.0, 0.0, 612.0, 792.0)
    return min(x, right), min(y, top), max(x, right), max(y, top)


def _joined(first: Matrix, then: Matrix) -> Matrix:
    """One matrix for `first` and `then`, §8.3.4."""
    a, b, c, d, e, f = first
    k, m, n, o, p, r = then
    return (
        a * k + b * n, a * m + b * o,
        c * k + d * n, c * m + d * o,
        e * k + f * n + p, e * m + f * o + r,
    )  # fmt: skip


def remove_invisible_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Take out what an earlier recognition wrote in render mode 3, also where a form holds it."""
    page.Contents = pdf.make_stream(_without_invisible(page))
    waiting: list[tuple[pikepdf.Object, int]] = [(page.obj, 0)]
    seen = 0
    while waiting and seen < _MOST_FORMS:
        holder, depth = waiting.pop()
        resources = objects.inherited(holder, "/Resources")
        seen += 1
        for form in _forms(resources) if depth < _DEEPEST_FORM else ():
            form.write(_without_invisible(form))
            waiting.append((form, depth + 1))


def _forms(resources: object) -> Iterator[pikepdf.Stream]:
    inner = objects.entry(resources, "/XObject")
    if isinstance(inner, pikepdf.Dictionary):
        for _, form in list(inner.items()):
            if isinstance(form, pikepdf.Stream) and form.get("/Subtype") == "/Form":
                yield form


def _without_invisible(holder: pikepdf.Page | pikepdf.Stream) -> bytes:
    kept: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    modes = [0]
    for instruction in pikepdf.parse_content_stream(holder):
        operator = str(instruction.operator)
        if operator == "q":
            modes.append(modes[-1])
        elif operator == "Q" and len(modes) > 1:
            modes.pop()
        elif operator == "Tr" and instruction.operands:
            modes[-1] = int(objects.number(instruction.operands[0]) or 0)
        if operator not in _SHOWING or modes[-1] != _INVISIBLE:
            kept.append(instruction)
    return pikepdf.unparse_content_stream(kept)
