"""A Kindle book's pictures and fonts as files of an EPUB: known types, readable, named."""

import io
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ebook_pipeline.books.converting.to_epub.publication import FOLDER, PublicationFile
from ebook_pipeline.books.formats.kindle.resources import FONT_TYPES, IMAGE_TYPES, Resource

_CORE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/svg+xml"})
_LARGEST_PIXELS = 89_000_000
"""Width times height; Pillow calls more a decompression bomb."""


@dataclass(frozen=True)
class KindleImages:
    """The files by the number that the text uses; `names` are below the package's folder."""

    items: Mapping[int, PublicationFile]
    cover: int | None = None
    damaged: tuple[str, ...] = field(default=())

    @property
    def names(self) -> dict[int, str]:
        return {number: item.name.removeprefix(FOLDER) for number, item in self.items.items()}

    def used(self, names: Iterable[str]) -> list[PublicationFile]:
        """The files whose base names `names` hold, and the cover."""
        wanted = {name.rpartition("/")[2] for name in names}
        return [
            item
            for number, item in sorted(self.items.items())
            if number == self.cover or item.name.rpartition("/")[2] in wanted
        ]


def collect_images(resources: Iterable[Resource], cover: int | None) -> KindleImages:
    """The resources that an EPUB may hold; pictures of other types are made into PNG."""
    items: dict[int, PublicationFile] = {}
    damaged = []
    for resource in resources:
        item = _item(resource, resource.number == cover)
        if item is not None:
            items[resource.number] = item
        elif resource.media_type.startswith(IMAGE_TYPES):
            damaged.append(resource.name)
    return KindleImages(items, cover if cover in items else None, tuple(damaged))


def _item(resource: Resource, is_cover: bool) -> PublicationFile | None:
    if resource.media_type.startswith(FONT_TYPES):
        return PublicationFile(f"{FOLDER}fonts/{resource.name}", resource.media_type, resource.data)
    if not resource.media_type.startswith(IMAGE_TYPES):
        return None
    media_type, data = resource.media_type, resource.data
    name = resource.name
    if media_type != "image/svg+xml":
        if not _is_readable(data):
            return None
        if media_type not in _CORE:
            media_type, data, name = "image/png", _png(data), f"{name.rpartition('.')[0]}.png"
    properties = frozenset({"cover-image"} if is_cover else ())
    return PublicationFile(f"{FOLDER}images/{name}", media_type, data, properties)


def _is_readable(data: bytes) -> bool:
    """Whether Pillow reads the header, and the picture is no bomb."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                return image.width * image.height <= _LARGEST_PIXELS
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _png(data: bytes) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").save(written, "PNG")
    return written.getvalue()
