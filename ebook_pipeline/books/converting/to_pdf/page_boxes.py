"""The sheets that a book is printed on: one size for flowing text, the viewport for fixed layout.

EPUB 3.3 §8.2.2.6 (initial containing block), https://www.w3.org/TR/epub-33/#sec-fxl-icb
"""

import re

from lxml import etree

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.content import SpineDocument
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools.fitting import FIXED

_H = "{http://www.w3.org/1999/xhtml}"
_DEFAULT = (800, 1200)
"""Width and height, in CSS pixels, of a fixed page that names none."""
_NUMBER = r"\d+\.?\d*|\.\d+"
_LARGEST = 10000
"""CSS pixels of a fixed page's side."""
TEXT_COLUMN = (456, 728)
"""Width and height, in CSS pixels, that a sheet of 6 by 9 inches leaves for text.

Text of 16 pixels has advances that are exact in a PDF: a line is one string, and the file a third
of the size that it has with other sizes.
"""
_FLOWING = """
@page { size: 576px 864px; margin: 64px 60px 72px;
  @bottom-center { content: counter(page); font: 9pt serif; color: #444;
    writing-mode: horizontal-tb } }
@page ebook-cover { margin: 0; @bottom-center { content: none } }
html { font: 16px/1.4 serif; MODE }
html { widows: 2; orphans: 2; UNITS }
body { margin: 0 }
:where(.ebook-doc) { display: block }
:where(.ebook-doc > body) { margin: 0; overflow-wrap: break-word }
:where(.ebook-doc:not(.ebook-fixed)) :where(img, svg, video) { max-width: WIDEST;
  max-height: 716px; object-fit: contain }
:where(figure img, figure svg) { max-height: 600px }
:where(h1, h2, h3, h4, h5, h6) { break-after: avoid; break-inside: avoid }
:where(figure, tr, img, svg, math) { break-inside: avoid }
:where(table) { max-width: 100% }
:where(a:any-link) { color: inherit; text-decoration: underline 0.4pt #888 }
:where(.ebook-note) { color: #444; font-style: italic }
:where(pre) { white-space: pre-wrap }
.ebook-doc + .ebook-doc { break-before: page }
.ebook-doc:not(.ebook-fixed), .ebook-doc:not(.ebook-fixed) > body { overflow: visible !important;
  height: auto !important; max-height: none !important; min-height: 0 !important;
  float: none !important; position: static !important }
.ebook-cover { page: ebook-cover; break-after: page; height: 863.5px; width: 576px;
  writing-mode: horizontal-tb; display: flex; align-items: center; justify-content: center }
.ebook-cover img { max-width: 100%; max-height: 100%; min-height: 60%; object-fit: contain }
.ebook-fixed { display: block; position: relative; overflow: hidden !important;
  contain: layout paint; break-inside: avoid; break-after: page; margin: 0 !important; padding: 0 }
:where(.ebook-fixed > body) { margin: 0 }
"""


class PageLayout:
    """Decides for every document which pages it is printed on, and writes the CSS for them."""

    def __init__(self, package: PackageDocument) -> None:
        self._package = package
        self._sizes: set[tuple[int, int]] = set()
        self._properties = {ref.idref: ref.properties for ref in package.spine}

    def mark_fixed(self, wrapper: etree._Element, document: SpineDocument) -> bool:
        """Mark `wrapper` as fixed where its document is, with the size that it asks for."""
        if not self._fixed(document):
            return False
        size = _viewport(document.data) or _numbers(self._package.viewport or "") or _DEFAULT
        self._sizes.add(size)
        width, height = size
        wrapper.set("class", f"ebook-fixed {wrapper.get('class', '')}")
        own = wrapper.get("style", "").rstrip("; ")
        box = f"page: {_name(size)}; width: {width}px; height: {height - 0.5}px; {_units(size)}"
        wrapper.set("style", f"{own}; {box}" if own else box)
        wrapper.set(FIXED, "")
        return True

    def css(self, mode: str | None) -> str:
        """The page rules; `mode` is the writing mode of the whole where it is vertical."""
        fixed = [
            f"@page {_name(size)} {{ size: {size[0]}px {size[1]}px; margin: 0; "
            "@bottom-center { content: none } }"
            for size in sorted(self._sizes)
        ]
        flowing = _FLOWING.replace("MODE", f"writing-mode: {mode}" if mode else "")
        flowing = flowing.replace("UNITS", _units(TEXT_COLUMN))
        # Shares of a width mean nothing where lines run down the page: the width is the text's.
        flowing = flowing.replace("WIDEST", "432px" if mode else "100%")
        return "\n".join([flowing, *fixed])

    def _fixed(self, document: SpineDocument) -> bool:
        properties = self._properties.get(document.item.id, ())
        if "rendition:layout-pre-paginated" in properties:
            return True
        if "rendition:layout-reflowable" in properties:
            return False
        return self._package.layout == "pre-paginated"


def _units(size: tuple[int, int]) -> str:
    """Hundredths of a page as variables, for `scoped_css.rewrite_declarations`."""
    values = {"vw": size[0], "vh": size[1], "vmin": min(size), "vmax": max(size)}
    return "; ".join(f"--ebook-{name}: {value / 100}px" for name, value in values.items())


def _name(size: tuple[int, int]) -> str:
    return f"ebook-{size[0]}x{size[1]}"


def _viewport(data: bytes) -> tuple[int, int] | None:
    """Width and height in CSS pixels that the document declares, or None."""
    try:
        root = xml.parse(data, recover=True)
    except BookError:
        return None
    for meta in root.iter(f"{_H}meta"):
        if meta.get("name") == "viewport":
            size = _numbers(meta.get("content", ""))
            if size:
                return size
    if etree.QName(root).localname == "svg":
        return _svg_size(root)
    return None


def _svg_size(root: etree._Element) -> tuple[int, int] | None:
    box = re.findall(rf"-?(?:{_NUMBER})", root.get("viewBox", ""))
    if len(box) == 4:
        return _bounded(float(box[2]), float(box[3]))
    return _numbers(f"width={root.get('width', '')}, height={root.get('height', '')}")


def _numbers(text: str) -> tuple[int, int] | None:
    width = re.search(rf"width\s*=\s*({_NUMBER})", text)
    height = re.search(rf"height\s*=\s*({_NUMBER})", text)
    if width is None or height is None:
        return None
    return _bounded(float(width[1]), float(height[1]))


def _bounded(width: float, height: float) -> tuple[int, int] | None:
    if not (1 <= width <= _LARGEST and 1 <= height <= _LARGEST):
        return None
    return round(width), round(height)
