"""The cover: found in the book, or its first page, or set from title and authors; three sizes.

`found_in_epub`, `first_page`, `scaled` and `typographic` read strangers' bytes or draw: callers run
them in the sandbox. `epub_cover` and `pdf_cover` do so and are what a stage calls.
"""

import hashlib
import importlib.util
import io
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from ebook_pipeline.books.epub import archive, content, xml
from ebook_pipeline.books.epub.archive import Archive
from ebook_pipeline.books.epub.package import PackageDocument, package_in
from ebook_pipeline.books.epub.paths import resolve
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.findings import Finding, Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

MEDIUM, THUMBNAIL = 640, 200
LARGEST_PIXELS = 89_000_000
_RENDERED = 1400
_QUALITY = 85
_TYPES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "GIF": ("image/gif", ".gif"),
    "WEBP": ("image/webp", ".webp"),
    "AVIF": ("image/avif", ".avif"),
}
_XLINK = "{http://www.w3.org/1999/xlink}href"
_HAS_ALT = 4
_MOST_LETTERS = 80


@dataclass(frozen=True)
class Cover:
    """Three files: the original, longest sides of 640 and 200 px (JPEG, sRGB). Sizes in pixels."""

    original: Path
    media_type: str
    medium: Path
    thumbnail: Path
    width: int
    height: int
    alt: str = ""
    generated: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Found:
    """What the book offers: an image file, or a drawing (SVG) with the size to picture it at."""

    title: str
    authors: tuple[str, ...]
    alt: str = ""
    image: Path | None = None
    drawing: Path | None = None
    size: tuple[int, int] = (0, 0)
    findings: tuple[Finding, ...] = ()


def epub_cover(epub: Path, browser: Browser | None, folder: Path) -> Cover:
    """The cover of the EPUB at `epub`, its files in `folder`; drawn where there is none to show."""
    found = sandbox.call(found_in_epub, epub, folder)
    image = found.image
    if found.drawing is not None and browser is not None and browser.available:
        image = folder / "drawing.png"
        browser.picture(found.drawing, image, found.size, root=folder / "drawing")
    return sandbox.call(cover_of, image, found, folder)


def pdf_cover(pdf: Path, title: str, authors: tuple[str, ...], folder: Path) -> Cover:
    """The first page of the PDF at `pdf` as cover."""
    image = folder / "page.png"
    sandbox.call(first_page, pdf, image)
    return sandbox.call(cover_of, image, Found(title, authors), folder)


def cover_of(image: Path | None, found: Found, folder: Path) -> Cover:
    """`image` in three sizes; a typographic cover where it is None or cannot be shown."""
    findings = list(found.findings)
    if image is not None:
        try:
            return scaled(image, folder, found.alt, tuple(findings))
        except BookError as error:
            findings.append(error.finding.model_copy(update={"severity": Severity.WARNING}))
    drawn = typographic(found.title, found.authors, folder / "typographic.png")
    words = ", ".join([found.title or "Untitled", *found.authors])
    cover = scaled(drawn, folder, words, tuple(findings))
    return Cover(**{**cover.__dict__, "generated": True})


def found_in_epub(epub: Path, folder: Path) -> Found:
    """The cover image that the package names, else the first image of the first document."""
    with archive.opened(epub) as opened:
        package = package_in(opened)
        title, authors = package.title, tuple(one.name for one in package.creators)
        name, alt = _cover_name(opened, package)
        if name is None or name not in opened:
            missing = _note("cover.none", "The book names no cover: one was set from its title.")
            return Found(title, authors, findings=(missing,))
        data = opened.read(name)
        if name.lower().endswith(".svg") or data[:512].lstrip().startswith(b"<"):
            return _drawing(opened, name, data, Found(title, authors, alt), folder / "drawing")
    image = folder / f"found{posixpath.splitext(name)[1][:6]}"
    image.write_bytes(data)
    return Found(title, authors, alt, image=image)


def scaled(image: Path, folder: Path, alt: str, findings: tuple[Finding, ...] = ()) -> Cover:
    """`image` with its 640 and 200 px sizes in `folder`.

    Raises BookError: ``image.too-large`` over 89 million pixels (nothing is decoded then),
    ``image.unreadable``.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(image, formats=list(_TYPES)) as opened:
            width, height = opened.size
            if width * height > LARGEST_PIXELS:
                raise BookError("image.too-large", f"The cover has {width} × {height} pixels.")
            media_type, suffix = _TYPES[opened.format or ""]
            opened.draft("RGB", (MEDIUM, MEDIUM))
            picture = _srgb(opened)
    except Image.DecompressionBombError as error:
        raise BookError("image.too-large", "The cover has far too many pixels.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError) as error:
        raise BookError("image.unreadable", f"The cover cannot be read: {error}") from error
    original = folder / f"cover{suffix}"
    original.write_bytes(image.read_bytes())
    medium = _shrunk(picture, MEDIUM, folder / "cover-medium.jpg")
    small = _shrunk(picture, THUMBNAIL, folder / "cover-thumbnail.jpg")
    return Cover(original, media_type, medium, small, width, height, alt, findings=findings)


def typographic(title: str, authors: tuple[str, ...], target: Path) -> Path:
    """A cover of letters: title and authors on a colour that the title gives; 1000 × 1500 PNG."""
    from PIL import Image, ImageDraw

    digest = hashlib.sha256(title.encode()).digest()
    ground = tuple(30 + value % 80 for value in digest[:3])
    image = Image.new("RGB", (1000, 1500), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((50, 50, 950, 1450), outline="white", width=4)
    bottom = _set(draw, title or "Untitled", 260, (92, 40))
    draw.line((400, bottom + 60, 600, bottom + 60), fill="white", width=4)
    _set(draw, ", ".join(authors), max(bottom + 130, 1100), (48, 30))
    image.save(target)
    return target


def first_page(pdf: Path, target: Path) -> Path:
    """The first page of a PDF as PNG, its longest side 1400 px; raises BookError."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise BookError("pdf.unreadable", f"The PDF cannot be read: {error}") from error
    try:
        page = document[0]
        scale = _RENDERED / max(*page.get_size(), 1)
        page.render(scale=scale).to_pil().convert("RGB").save(target)
    except pdfium.PdfiumError as error:
        raise BookError("pdf.unreadable", f"The first page cannot be read: {error}") from error
    finally:
        document.close()
    return target


def _srgb(opened: "PilImage") -> "PilImage":
    """Pixels as sRGB, upright, transparent parts white."""
    from PIL import Image, ImageCms, ImageOps

    profile = opened.info.get("icc_profile")
    picture = ImageOps.exif_transpose(opened)
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ours = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(picture, given, ours, outputMode="RGB")
        except ImageCms.PyCMSError:  # a profile of another kind: the plain numbers are shown
            changed = None
        if changed is not None:
            return changed
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return picture.convert("RGB")


def _shrunk(picture: "PilImage", longest: int, target: Path) -> Path:
    small = picture.copy()
    small.thumbnail((longest, longest))
    small.save(target, "JPEG", quality=_QUALITY, optimize=True)
    return target


def _cover_name(opened: Archive, package: PackageDocument) -> tuple[str | None, str]:
    """The image's name and its alternative text, as the first documents say it."""
    name = package.cover.path if package.cover else None
    for item in package.spine_items[:_HAS_ALT]:
        if item.path is None or item.path not in opened:
            continue
        if name is None and item.media_type.startswith("image/"):
            return item.path, ""
        data = opened.read(item.path, xml.LARGEST_DOCUMENT)
        if name is None and len(content.text_of(data, place=item.path)) > _MOST_LETTERS:
            break
        for image, alt in _images(data, item.path):
            if name in (None, image):
                return image, alt
    return name, ""


def _images(data: bytes, base: str) -> list[tuple[str, str]]:
    root = xml.parse(data, place=base, recover=True)
    found = []
    for element in root.iter("{*}img", "{*}image"):
        path = resolve(base, element.get("src") or element.get(_XLINK) or "")
        if path and path != base:
            found.append((path, element.get("alt", "").strip()))
    return found


def _drawing(opened: Archive, name: str, data: bytes, found: Found, root: Path) -> Found:
    """The SVG laid out with the images that it shows, its size set so that it fills the picture."""
    drawing = xml.parse(data, place=name)
    size = _size(drawing)
    if not drawing.get("viewBox"):
        width, height = (_length(drawing.get(side)) or 1000 for side in ("width", "height"))
        drawing.set("viewBox", f"0 0 {width:g} {height:g}")
    drawing.set("width", str(size[0]))
    drawing.set("height", str(size[1]))
    for element in drawing.iter("{*}image"):
        shown = resolve(name, element.get(_XLINK) or element.get("href") or "")
        if shown and shown in opened and ".." not in shown:
            _place(root / shown, opened.read(shown))
    target = root / posixpath.normpath(name)
    _place(target, etree.tostring(drawing, encoding="utf-8", xml_declaration=True))
    return Found(found.title, found.authors, found.alt, drawing=target, size=size)


def _place(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _size(drawing: etree._Element) -> tuple[int, int]:
    """Pixels to picture the SVG at: its own proportions, the longest side 1400."""
    box = [float(part) for part in re.findall(r"-?[\d.]+", drawing.get("viewBox", ""))]
    width, height = box[2:] if len(box) == 4 else (0.0, 0.0)
    width = width or _length(drawing.get("width")) or 1000
    height = height or _length(drawing.get("height")) or 1500
    scale = _RENDERED / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _length(text: str | None) -> float:
    match = re.match(r"[\d.]+", text or "")
    return float(match[0]) if match else 0.0


def _set(draw: "ImageDraw", text: str, top: int, sizes: tuple[int, int]) -> int:
    """Text in centred lines from `top` down, as large as it fits; where it ends."""
    largest, smallest = sizes
    for size in range(largest, smallest - 1, -4):
        font = _font(size)
        lines = _lines(draw, text, font)
        if len(lines) * size * 1.3 < 700:
            break
    for line in lines[:20]:
        draw.text((500, top), line, font=font, fill="white", anchor="ma")
        top += round(size * 1.3)
    return top


def _lines(draw: "ImageDraw", text: str, font: "FreeTypeFont") -> list[str]:
    lines: list[str] = []
    for word in text[:500].split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(longer, font=font) <= 800:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _font(size: int) -> "FreeTypeFont":
    """DejaVu, which comes with matplotlib; the machine's fonts do not matter."""
    from PIL import ImageFont

    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    fonts = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(fonts / "DejaVuSerif-Bold.ttf", size)


def _note(rule: str, message: str) -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=message)
