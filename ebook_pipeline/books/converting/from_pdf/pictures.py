"""Pictures of a page: images as they are in the file, drawings and cut-up images as they show.

ISO 32000-2 §8.9 (images), §8.5 (paths). Thresholds: see the package.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.converting.from_pdf import scan_figures
from ebook_pipeline.books.converting.from_pdf.lines import Page, group_rows
from ebook_pipeline.books.converting.from_pdf.pixel_budget import (
    PixelBudget,
    PixelBudgets,
    page_pixels,
)
from ebook_pipeline.books.converting.from_pdf.turns import Rect, overlap
from ebook_pipeline.books.converting.to_epub.authoring import ImageFile

if TYPE_CHECKING:
    import PIL.Image
    import pypdfium2 as pdfium

MOST_PIXELS = 50_000_000
"""Width times height of an image that is decoded."""
MOST_PICTURES = 3000
"""Different pictures of one book."""
MOST_BYTES = 160 << 20
"""Bytes of all pictures of a book together."""
LARGEST_SIDE = 2400
"""Pixels of a picture's longer side; larger ones are scaled down."""
_MOST_IMAGES = 200
"""Images of one page."""
_MOST_OBJECTS = 20_000
"""Objects of one page that are looked at."""
_SMALLEST_PIXELS = 16
"""Pixels of an image's shorter side, below which it is a rule or a texture."""
_SMALLEST_SHOWN = 10.0
"""Points of a picture's longer side on the page."""
_WHOLE_PAGE_SHARE = 0.8
"""Share of a page's area, 0 to 1, above which a picture is the page itself, a scan."""
_FEWEST_PATHS = 8
"""Paths that touch each other, from which they are a drawing."""
_MOST_PATHS = 1000
"""Paths of one page."""
_SMALLEST_DRAWING = 40.0
"""Points of a drawing's sides."""
_THINNEST_DRAWN = 1.5
"""Points of a path's shorter side, above which it is no rule or underline."""
_MOST_LETTERS = 250
"""Letters within a drawing, above which it is a text in a frame."""
_PIXELS_PER_POINT = 2.5
"""Resolution of drawings: 180 dpi."""
_SLACK = 4.0
"""Points by which a line may reach beyond the drawing that it belongs to."""
_DECORATION_SHARE = 0.3
"""Share of the pages, 0 to 1, that show one picture, above which it is decoration."""
_FEWEST_DECORATED = 3
"""Pages, at least, that one picture may stand on and be no decoration."""
_MOST_FLAT_COLOURS = 4096
"""Colours up to which a picture is kept as PNG; photographs have more."""
_JPEG_QUALITY = 82
_PNG_LEVEL = 6
"""zlib's; the highest takes longer and saves 4 % of a drawing."""


@dataclass(slots=True)
class PlacedPicture:
    """A picture at its place on a page: left, bottom, right, top in points.

    `drawn`: it shows a part of the page, with the text in it, which becomes its `label`.
    """

    page: int
    rect: Rect
    name: str
    drawn: bool = False
    label: str = ""


@dataclass
class PictureStore:
    """The book's pictures, each kept once; `lost` counts those that were too large or too many."""

    pixels: PixelBudgets
    pictures: dict[str, ImageFile] = field(default_factory=dict)
    lost: int = 0
    scans: int = 0
    _bytes: int = 0

    def keep(self, data: bytes, media_type: str) -> str | None:
        """The name of the picture, or None where the book has too many already."""
        digest = hashlib.sha256(data).hexdigest()[:16]
        name = f"picture-{digest}.{'jpg' if media_type == 'image/jpeg' else 'png'}"
        if name not in self.pictures:
            if len(self.pictures) >= MOST_PICTURES or self._bytes + len(data) > MOST_BYTES:
                self.lost += 1
                return None
            self.pictures[name] = ImageFile(name, media_type, data)
            self._bytes += len(data)
        return name


def extract_pictures(
    page: "pdfium.PdfPage", text: Page, store: PictureStore
) -> list[PlacedPicture]:
    """The pictures of a page, upright as its text is, at their places among it.

    Text that belongs to a drawing leaves `text`.
    """
    images, paths = _objects(page)
    hidden = sum(span.style.hidden for line in text.lines for span in line.spans)
    placed: list[PlacedPicture] = []
    for rect, group in _touching([(_rect(image), image) for image in images]):
        whole = _area(rect) > _WHOLE_PAGE_SHARE * text.width * text.height
        if whole and hidden:
            store.scans += 1
            placed += _figures(page, text, store)
            continue
        alone = group[0] if len(group) == 1 else None
        if alone is None:
            name = _region(page, text, rect, store, store.pixels.pictures)
        else:
            name = _image(alone, text, store)
        if name is not None:
            placed.append(PlacedPicture(text.number, _placed(rect, text), name))
    return [*placed, *_drawings(page, text, paths, store)]


def _figures(page: "pdfium.PdfPage", text: Page, store: PictureStore) -> Iterator[PlacedPicture]:
    """The pictures within a scan, with the words in them."""
    if not store.pixels.scanned.take(page_pixels(page)):
        return
    for rect in scan_figures.find_figures(page, text):
        name = _region(page, text, rect, store, store.pixels.scanned)
        if name is not None:
            yield PlacedPicture(text.number, _placed(rect, text), name, drawn=True)


def without_decoration(shown: Sequence[PlacedPicture], pages: int) -> list[PlacedPicture]:
    """The pictures but those that stand on page after page."""
    seen = Counter(name for name, _ in {(picture.name, picture.page) for picture in shown})
    most = max(_FEWEST_DECORATED, pages * _DECORATION_SHARE)
    return [picture for picture in shown if seen[picture.name] <= most]


def render_page(page: "pdfium.PdfPage", longest: int = 1600) -> bytes:
    """The whole page as a JPEG, `longest` pixels at its longer side."""
    scale = longest / max(*page.get_size(), 1)
    image = page.render(scale=scale).to_pil().convert("RGB")
    return _jpeg(image)


def _objects(page: "pdfium.PdfPage") -> tuple[list[Any], list[Rect]]:
    """The page's images and the places of its paths; text is passed over quickly."""
    import pypdfium2.raw as raw

    objects = range(min(raw.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS))
    kinds = {
        raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page.raw, number)) for number in objects
    }
    wanted = {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM}
    if not kinds & wanted:
        return [], []
    images: list[Any] = []
    paths: list[Rect] = []
    shown = [raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH]
    for thing in page.get_objects(filter=shown, max_depth=4):
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE and len(images) < _MOST_IMAGES:
            images.append(thing)
        elif thing.type == raw.FPDF_PAGEOBJ_PATH and len(paths) < _MOST_PATHS:
            paths.append(_rect(thing))
    return images, paths


def _rect(shown: Any) -> Rect:
    """The object's place on the page; forms place what is in them."""
    left, bottom, right, top = shown.get_bounds()
    container = shown.container
    while container is not None:
        matrix = container.get_matrix()
        corners = [matrix.on_point(x, y) for x in (left, right) for y in (bottom, top)]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        bottom, top = min(y for _, y in corners), max(y for _, y in corners)
        container = container.container
    return left, bottom, right, top


def _touching(parts: Sequence[tuple[Rect, Any]]) -> Iterator[tuple[Rect, list[Any]]]:
    """Parts that touch each other, taken together."""
    groups: list[tuple[Rect, list[Any]]] = []
    for rect, part in parts:
        together = [part]
        apart = []
        for other, members in groups:
            if _touch(rect, other):
                rect = _union(rect, other)
                together = [*members, *together]
            else:
                apart.append((other, members))
        groups = [*apart, (rect, together)]
    yield from groups


def _touch(rect: Rect, other: Rect) -> bool:
    return not (
        rect[0] > other[2] + 1
        or other[0] > rect[2] + 1
        or rect[1] > other[3] + 1
        or other[1] > rect[3] + 1
    )


def _union(rect: Rect, other: Rect) -> Rect:
    return (
        min(rect[0], other[0]),
        min(rect[1], other[1]),
        max(rect[2], other[2]),
        max(rect[3], other[3]),
    )


def _area(rect: Rect) -> float:
    return max(0.0, rect[2] - rect[0]) * max(0.0, rect[3] - rect[1])


def _placed(rect: Rect, text: Page) -> Rect:
    """Where a rectangle of the page's own space stands among its text."""
    return text.view.placed(rect) if text.view is not None else rect


def _image(shown: Any, text: Page, store: PictureStore) -> str | None:
    """The image kept as it is where readers can show it so, else as it shows on the page."""
    import pypdfium2 as pdfium

    left, bottom, right, top = _rect(shown)
    width, height = shown.get_px_size()
    tiny = max(right - left, top - bottom) < _SMALLEST_SHOWN
    flat = min(right - left, top - bottom) < 1
    if min(width, height) < _SMALLEST_PIXELS or tiny or flat:
        return None
    if width * height > MOST_PIXELS:
        store.lost += 1
        return None
    if not store.pixels.pictures.take(width * height):
        return None
    try:
        rendered = _drawn_alone(shown, width, height)
    except pdfium.PdfiumError:
        store.lost += 1
        return None
    quarters = text.view.read.quarters if text.view is not None else 0
    original = None if quarters else _original(shown, rendered)
    if original is not None:
        return store.keep(original, "image/jpeg")
    return _kept(rendered.rotate(-90 * quarters, expand=True), store)


def _drawn_alone(shown: Any, width: int, height: int) -> "PIL.Image.Image":
    """The image with its mask, at its own size or the largest: never larger, however stretched."""
    left, bottom, right, top = shown.get_bounds()
    across, high = max(abs(right - left), 1e-3), max(abs(top - bottom), 1e-3)
    if (width < height) != (across < high):  # it lies on its side
        width, height = height, width
    scale = min(max(width / across, height / high), LARGEST_SIDE / max(across, high))
    matrix = shown.get_matrix()
    shown.set_matrix(matrix.scale(scale, scale))
    try:
        drawn: PIL.Image.Image = shown.get_bitmap(render=True, scale_to_original=False).to_pil()
    finally:
        shown.set_matrix(matrix)
    return drawn


def _original(shown: Any, rendered: "PIL.Image.Image") -> bytes | None:
    """The image's own JPEG; None where it is none, is turned, is masked or is not RGB or grey."""
    from PIL import Image, UnidentifiedImageError

    matrix = shown.get_matrix()
    turned = abs(matrix.b) + abs(matrix.c) > 0.01 * (abs(matrix.a) + abs(matrix.d))
    if list(shown.get_filters()) != ["DCTDecode"] or turned or matrix.a < 0 or matrix.d < 0:
        return None
    if _see_through(rendered):
        return None
    data = bytes(shown.get_data(decode_simple=True))
    try:
        with Image.open(io.BytesIO(data)) as image:
            fits = image.format == "JPEG" and image.mode in ("RGB", "L")
            return data if fits and max(image.size) <= LARGEST_SIDE else None
    except (UnidentifiedImageError, OSError):
        return None


def _see_through(image: "PIL.Image.Image") -> bool:
    if "A" not in image.getbands():
        return False
    lowest = image.getchannel("A").getextrema()[0]
    return isinstance(lowest, int | float) and lowest < 255


def _kept(image: "PIL.Image.Image", store: PictureStore) -> str | None:
    """Photographs as JPEG, what has few colours as PNG, on white."""
    from PIL import Image

    if _see_through(image):
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image.convert("RGBA"))
        image = white
    image = image.convert("L" if image.mode in ("1", "L") else "RGB")
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    colours = image.getcolors(_MOST_FLAT_COLOURS)
    if colours is None:
        return store.keep(_jpeg(image), "image/jpeg")
    if all(_is_grey(colour) for _, colour in colours):
        image = image.convert("L")
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=_PNG_LEVEL)
    return store.keep(written.getvalue(), "image/png")


def _is_grey(colour: object) -> bool:
    return not isinstance(colour, tuple) or len(set(colour)) == 1


def _jpeg(image: "PIL.Image.Image") -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return written.getvalue()


def _region(
    page: "pdfium.PdfPage", text: Page, rect: Rect, store: PictureStore, budget: PixelBudget
) -> str | None:
    """A part of the page as it shows, turned as its text is read."""
    view = text.view
    if view is None:
        return None
    margins = tuple(max(margin - 1, 0.0) for margin in view.displayed(rect))
    width, height = page.get_size()
    right, top = width - margins[2], height - margins[3]
    if right - margins[0] < _SMALLEST_SHOWN or top - margins[1] < _SMALLEST_SHOWN:
        return None
    if not budget.take(page_pixels(page)):
        return None
    scale = min(_PIXELS_PER_POINT, LARGEST_SIDE / max(right - margins[0], top - margins[1]))
    image = page.render(scale=scale, crop=margins).to_pil()
    turned = view.read.quarters - view.shown.quarters
    return _kept(image.rotate(-90 * turned, expand=True), store)


def _drawings(
    page: "pdfium.PdfPage", text: Page, paths: Sequence[Rect], store: PictureStore
) -> Iterator[PlacedPicture]:
    """Drawings of many lines that hold little text."""
    whole = _WHOLE_PAGE_SHARE * text.width * text.height
    parts = [(rect, rect) for rect in paths if _area(rect) < whole and _drawn(rect)]
    for own, group in _touching(parts) if len(parts) >= _FEWEST_PATHS else ():
        rect = _placed(own, text)
        small = rect[2] - rect[0] < _SMALLEST_DRAWING or rect[3] - rect[1] < _SMALLEST_DRAWING
        inside = [line for line in text.lines if _inside(line.left, line.right, line.base, rect)]
        letters = sum(len(line.text) for line in inside)
        ruled = sum(len(row) > 1 for row in group_rows(inside)) > 1
        if len(group) < _FEWEST_PATHS or small or ruled or letters > _MOST_LETTERS:
            continue
        name = _region(page, text, own, store, store.pixels.pictures)
        if name is not None:
            yield PlacedPicture(text.number, rect, name, drawn=True)


def _drawn(rect: Rect) -> bool:
    """Whether a path is more than a rule or an underline."""
    return min(rect[2] - rect[0], rect[3] - rect[1]) > _THINNEST_DRAWN or (
        max(rect[2] - rect[0], rect[3] - rect[1]) < 3 * _SMALLEST_DRAWING
    )


def _inside(left: float, right: float, base: float, rect: Rect) -> bool:
    return rect[0] - _SLACK <= left and right <= rect[2] + _SLACK and rect[1] <= base <= rect[3]


def take_label(shown: PlacedPicture, page: Page) -> str:
    """Take the lines within a picture out of the page; their text is its label."""
    inside = [line for line in page.lines if _inside(line.left, line.right, line.base, shown.rect)]
    taken = set(map(id, inside))
    page.lines = [line for line in page.lines if id(line) not in taken]
    beside = [aside for aside in page.asides if overlap(aside.rect, shown.rect)]
    page.asides = [aside for aside in page.asides if not overlap(aside.rect, shown.rect)]
    return " ".join(line.text for line in [*inside, *(aside.line for aside in beside)])
