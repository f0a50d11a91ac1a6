"""The cover image of a book that names only the page which shows it: EPUB 2's guide, old programs.

OPF 2.0.1 §2.6 has a reference of the type ``cover``, which must lead to a document.
"""

import re
from collections.abc import Iterator, Sequence

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.foundation.errors import BookError

_XLINK = "{http://www.w3.org/1999/xlink}href"
_NAMED_COVER = re.compile(r"cover|titlepage", re.IGNORECASE)


def shown_images(container: Archive, pages: Sequence[str | None]) -> Iterator[str]:
    """The names of the images that these documents of the container show, in order."""
    for name in pages:
        if name is None or name not in container:
            continue
        try:
            root = xml.parse(container.read(name, xml.LARGEST_DOCUMENT), place=name, recover=True)
        except BookError:
            continue  # its check says so
        for element in root.iter("{*}img", "{*}image"):
            source = element.get("src") or element.get(_XLINK) or element.get("href") or ""
            path = resolve(name, source)
            if path and path != name:
                yield path


def is_called_cover(*names: str) -> bool:
    """Whether an id or a file's name says that this is the cover's page."""
    return any(_NAMED_COVER.search(name) for name in names)
