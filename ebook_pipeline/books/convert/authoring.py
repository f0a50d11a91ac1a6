"""New EPUBs, written with EbookLib: for manuscripts that never were one."""

import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ebook_pipeline.books.convert import container
from ebook_pipeline.books.epub import archive

_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_CSS = b"""body { font-family: serif; line-height: 1.4 }
p { margin: 0; text-indent: 1.2em }
h1, h2, h3 { text-align: center; margin: 1.5em 0 1em }
h1 + p, h2 + p, h3 + p { text-indent: 0 }
img { display: block; max-width: 100%; margin: 0 auto }
"""


@dataclass(frozen=True)
class Chapter:
    """One document: `body` is well-formed XHTML, what stands between the tags of ``body``."""

    title: str
    body: str


@dataclass(frozen=True)
class Picture:
    """An image that chapters show as ``src="images/<name>"``."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Described:
    """What the package document will say; `identifier` makes the book itself, not its file."""

    title: str
    authors: tuple[str, ...] = ()
    language: str = "und"
    identifier: str = ""
    publisher: str | None = None
    description: str | None = None
    rights: str | None = None


def author_epub(
    target: Path,
    described: Described,
    chapters: Sequence[Chapter],
    pictures: Sequence[Picture] = (),
) -> None:
    """Write a valid EPUB 3 to `target`; the same arguments give the same bytes."""
    from ebooklib import epub

    book = epub.EpubBook()
    _describe(book, described)
    style = epub.EpubItem("style", "style.css", "text/css", _CSS)
    book.add_item(style)
    for picture in pictures:
        name = f"images/{picture.name}"
        book.add_item(
            epub.EpubItem(picture.name.split(".")[0], name, picture.media_type, picture.data)
        )
    documents = []
    for number, chapter in enumerate(chapters, 1):
        document = epub.EpubHtml(
            f"c{number}", f"chapter-{number:04}.xhtml", lang=described.language, title=chapter.title
        )
        document.content = f"<html><head></head><body>{chapter.body}</body></html>"
        document.add_item(style)
        book.add_item(document)
        documents.append(document)
    book.toc = documents
    book.spine = documents
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    with tempfile.TemporaryDirectory() as folder:
        loose = Path(folder, "loose.epub")
        epub.write_epub(str(loose), book, {"mtime": _MADE, "raise_exceptions": True})
        _repack(loose, target)


def _describe(book: object, described: Described) -> None:
    from ebooklib import epub

    assert isinstance(book, epub.EpubBook)
    words = "\n".join([described.title, *described.authors, described.identifier])
    book.set_identifier(f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, words)}")
    book.set_title(described.title)
    book.set_language(described.language)
    for author in described.authors:
        book.add_author(author, uid=f"author-{described.authors.index(author) + 1}")
    for name in ("publisher", "description", "rights"):
        value = getattr(described, name)
        if value:
            book.add_metadata("DC", name, value)


def _repack(loose: Path, target: Path) -> None:
    with archive.opened(loose) as opened:
        names = [name for name in opened.names if name != "mimetype"]
        first = (name for name in names if name.endswith((".opf", "nav.xhtml")))
        files = ((name, opened.read(name)) for name in container.ordered(names, first))
        container.write_container(target, files)
