"""Where a book's cover is: the image that it names, else the first picture, else the first page.

https://www.w3.org/TR/epub-33/#sec-cover-image
"""

import posixpath
import re
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.covers.cover_words import cover_alt
from ebook_pipeline.books.formats.epub import archive, content, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.package import PackageDocument, package_in
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

_RENDERED = 1600
"""Pixels of the longer side of a page or drawing that becomes a cover."""
_NUMBER = r"\d+\.?\d*|\.\d+"
_SHORTEST, _LONGEST = 1e-6, 1e9
"""Units of a drawing's side."""
_SVG_TYPE = "image/svg+xml"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_FIRST_DOCUMENTS = 4
"""Documents of the spine in which a cover, or the text that describes it, is looked for."""
_MOST_LETTERS = 80
"""Letters of a document that may still be a cover's page."""


@dataclass(frozen=True)
class CoverCandidate:
    """What the book offers: an image file, or an SVG drawing with the size to render, in pixels.

    `name` is what it is called in the book's archive, `turned` the way of the book's pages.
    """

    title: str
    authors: tuple[str, ...]
    alt: str = ""
    image: Path | None = None
    drawing: Path | None = None
    size: tuple[int, int] = (0, 0)
    language: str = ""
    findings: tuple[Finding, ...] = ()
    name: str = ""
    turned: str = ""

    @property
    def alt_text(self) -> str:
        """The book's own description of its cover, else the default one."""
        return self.alt or self.default_alt

    @property
    def default_alt(self) -> str:
        """What its title and authors say of it, in the book's language."""
        return cover_alt(self.title, self.authors, self.language)


def find_cover(epub: Path, folder: Path) -> CoverCandidate:
    """The cover image that the package names, else the first image of the first document."""
    with archive.opened(epub) as opened:
        package = package_in(opened)
        nothing = _nothing(package)
        name, alt = _cover_name(opened, package)
        if name is None or name not in opened:
            missing = _note("cover.none", "The book names no cover: one was set from its title.")
            return replace(nothing, findings=(missing,))
        data = opened.read(name)
        named = replace(nothing, alt=alt, name=name)
        if name.lower().endswith(".svg") or data[:512].lstrip().startswith(b"<"):
            return _drawing(opened, name, data, named, folder / "drawing")
    image = folder / f"found{posixpath.splitext(name)[1][:6]}"
    image.write_bytes(data)
    return replace(named, image=image)


def render_first_page(pdf: Path, target: Path) -> Path:
    """The first page of a PDF as PNG, its longest side 1600 px; raises BookError."""
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


def _nothing(package: PackageDocument) -> CoverCandidate:
    authors = tuple(creator.name for creator in package.creators)
    language = next(iter(package.languages), "")
    turned = "rtl" if package.turns_from_right else package.page_progression
    return CoverCandidate(package.title, authors, language=language, turned=turned)


def _cover_name(opened: Archive, package: PackageDocument) -> tuple[str | None, str]:
    """The image's name and its alternative text, as the first documents say it."""
    name = package.cover.path if package.cover else None
    for item in package.spine_items[:_FIRST_DOCUMENTS]:
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
    images = []
    for element in root.iter("{*}img", "{*}image"):
        path = resolve(base, element.get("src") or element.get(_XLINK) or "")
        if path and path != base:
            images.append((path, element.get("alt", "").strip()))
    return images


def _drawing(
    opened: Archive, name: str, data: bytes, candidate: CoverCandidate, root: Path
) -> CoverCandidate:
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
    return replace(candidate, drawing=target, size=size)


def _place(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _size(drawing: etree._Element) -> tuple[int, int]:
    """Pixels to picture the SVG at: its own proportions, the longest side 1600."""
    box = re.findall(rf"-?(?:{_NUMBER})", drawing.get("viewBox", ""))
    width, height = map(_length, box[2:] if len(box) == 4 else ("", ""))
    width = width or _length(drawing.get("width")) or 1000
    height = height or _length(drawing.get("height")) or 1500
    scale = _RENDERED / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _length(text: str | None) -> float:
    """The number that `text` begins with; 0 where it has none, or one that no drawing has."""
    match = re.match(_NUMBER, text or "")
    length = float(match[0]) if match else 0.0
    return length if _SHORTEST <= length <= _LONGEST else 0.0


def _note(rule: str, message: str) -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=message)
