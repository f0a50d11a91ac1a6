"""The pictures of a manuscript as an EPUB may hold them; EPUB 3.3 §3.2, core media types."""

import base64
import hashlib
import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books.converting.to_epub.authoring import ImageFile
from ebook_pipeline.books.converting.to_epub.conforming import XHTML
from ebook_pipeline.foundation.findings import Finding, Severity

_KEPT = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp"}
_MOST_PIXELS = 100_000_000
"""Width times height."""
_NOT_SAID = frozenset({"", "image", "picture", "img", "graphic"})


class ManuscriptImages:
    """Takes pictures that blocks show out of `folder`; `alts` describe them by their part."""

    def __init__(self, folder: Path, alts: Mapping[str, str]) -> None:
        self._folder = folder
        self._alts = alts
        self._images: dict[str, ImageFile] = {}
        self._lost: list[str] = []
        self._undescribed = 0

    @property
    def images(self) -> tuple[ImageFile, ...]:
        return tuple(self._images.values())

    def replace_images(self, blocks: list[etree._Element]) -> None:
        """Let every ``img`` in `blocks` show a picture of the book, or its description."""
        for block in blocks:
            for image in list(block.iter(f"{XHTML}img")):
                self._replace_image(image)

    def cover(self, image: etree._Element) -> ImageFile | None:
        """The picture that `image` shows, which nothing else in the text need show."""
        source = unquote(image.get("src", ""))
        picture = self._picture(source)
        if picture is None:
            self._lost.append(_called(source))
        return picture

    def findings(self) -> Iterator[Finding]:
        """What became of pictures that could not be kept or that say nothing."""
        if self._lost:
            named = ", ".join(dict.fromkeys(self._lost))[:300]
            yield Finding(
                rule="convert.picture-format",
                severity=Severity.WARNING,
                message=f"{len(self._lost)} pictures can not be shown in a book: {named}.",
                remedy="Put them into the manuscript as PNG or JPEG.",
            )
        if self._undescribed:
            yield Finding(
                rule="convert.no-description",
                severity=Severity.INFO,
                message=f"{self._undescribed} pictures have no description for who can not see.",
                remedy="Give every picture an alternative text in the word processor.",
            )

    def _replace_image(self, image: etree._Element) -> None:
        source = unquote(image.get("src", ""))
        alt = self._alt(image, source)
        picture = self._picture(source)
        if picture is None:
            self._lost.append(_called(source))
            image.tag = f"{XHTML}span"
            image.attrib.clear()
            image.text = f"[{alt}]" if alt else None
            return
        self._undescribed += not alt
        width = _width(image.get("style", ""))
        image.attrib.clear()
        image.attrib.update({"src": f"images/{picture.name}", "alt": alt})
        if width:
            image.set("style", width)

    def _alt(self, image: etree._Element, source: str) -> str:
        description = " ".join(image.get("alt", "").split())
        if description.lower() in _NOT_SAID:
            description = next(
                (alt for name, alt in self._alts.items() if source.endswith(name)), ""
            )
        figure = image.getparent()
        if not description and figure is not None and figure.tag == f"{XHTML}figure":
            caption = figure.find(f"{XHTML}figcaption")
            description = "".join(map(str, caption.itertext())) if caption is not None else ""
        return " ".join(description.split())

    def _picture(self, source: str) -> ImageFile | None:
        data = self._bytes(source)
        if data is None:
            return None
        key = hashlib.sha256(data).hexdigest()
        if key not in self._images:
            made = _made(data, len(self._images) + 1)
            if made is None:
                return None
            self._images[key] = made
        return self._images[key]

    def _bytes(self, source: str) -> bytes | None:
        """What the manuscript holds as `source`, a ``data:`` URL or a file in the folder."""
        head, comma, encoded = source.partition(",")
        if head.startswith("data:") and comma:
            try:
                return base64.b64decode(encoded)
            except ValueError:
                return None
        path = (self._folder / source).resolve()
        inside = path.is_relative_to(self._folder.resolve()) and path.is_file()
        return path.read_bytes() if inside else None


def _called(source: str) -> str:
    return "a picture" if source.startswith("data:") else Path(source).name or "a picture"


def _made(data: bytes, number: int) -> ImageFile | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > _MOST_PIXELS:
                    return None
                name = _KEPT.get(image.format or "")
                if name is None:
                    data, name = _as_png(image), "png"
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
    kind = "jpeg" if name == "jpg" else name
    return ImageFile(f"picture-{number:04}.{name}", f"image/{kind}", data)


def _as_png(image: object) -> bytes:
    from PIL import Image

    assert isinstance(image, Image.Image)
    written = io.BytesIO()
    mode = image.mode if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else "RGB"
    image.convert(mode).save(written, "PNG", optimize=True)
    return written.getvalue()


def _width(style: str) -> str:
    """The width that the author gave; the height follows from it."""
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        if name.strip() == "width":
            return f"width: {value.strip()}"
    return ""
