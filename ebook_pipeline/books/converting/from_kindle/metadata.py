"""What a Kindle book says of itself (EXTH) as an EPUB's metadata."""

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import date

from ebook_pipeline.books.converting.to_epub.publication import PackageMetadata
from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.exth import Exth
from ebook_pipeline.books.html_text import text_of_html
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.identifiers import isbn13

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_BISAC = re.compile(r"[A-Z]{3}\d{6}")
_FIRST_PRINTED = 1400
"""The year before which a date of publication is a program's default."""


def package_metadata(book: KindleBook, claims: Claims, digest: str) -> PackageMetadata:
    """The metadata of `book`; `claims` fill what it leaves out.

    `digest`, the file's SHA-256 in hex, identifies a book without an identifier of its own.
    """
    exth = book.exth
    return PackageMetadata(
        title=_text(book.title) or claims.title or "Untitled",
        subtitle=_text(exth.first("secondary_title")),
        identifiers=_identifiers(exth, digest),
        languages=_languages(book, claims),
        creators=_names(exth.all("author")) or claims.authors,
        contributors=[name for name in _names(exth.all("contributor")) if not _is_tool(name)],
        publishers=_texts((*exth.all("publisher"), *exth.all("imprint")))
        or tuple(filter(None, [claims.publisher])),
        subjects=_parts(exth.all("subject"), r"\s*;\s*"),
        codes=[("BISAC", code) for code in exth.all("subject_code") if _BISAC.fullmatch(code)],
        description=_text(text_of_html(exth.first("description"))),
        date=_date(exth.first("date")),
        rights=_text(exth.first("rights")),
        source=_text(exth.first("source")),
        metas=tuple(_layout(exth)),
    )


def progression(book: KindleBook) -> str:
    """The direction in which pages turn, where the book says one."""
    stated = book.exth.first("page_progression").lower()
    if stated in ("ltr", "rtl"):
        return stated
    return "rtl" if book.exth.first("writing_mode").endswith("-rl") else ""


def is_fixed(book: KindleBook) -> bool:
    """Whether its pages are of fixed layout."""
    return book.exth.first("fixed_layout").lower() == "true"


def _layout(exth: Exth) -> Iterator[tuple[str, str]]:
    if exth.first("fixed_layout").lower() != "true":
        return
    yield "rendition:layout", "pre-paginated"
    lock = exth.first("orientation_lock").lower()
    if lock in ("portrait", "landscape"):
        yield "rendition:orientation", lock


def _identifiers(exth: Exth, digest: str) -> list[str]:
    """The first one names the book: its ISBN, else Amazon's number or the program's own."""
    identifiers = []
    for text in exth.all("isbn"):
        number = isbn13(text)
        identifiers.append(f"urn:isbn:{number}" if number else _text(text))
    for text in (*exth.all("asin"), *exth.all("content_key"), *_calibre(exth)):
        identifiers.append(_uuid(text) or f"urn:x-asin:{_text(text)}")
    return list(dict.fromkeys(identifiers)) or [
        f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}"
    ]


def _calibre(exth: Exth) -> Iterator[str]:
    """Calibre names the book in its source."""
    for text in exth.all("source"):
        if text.startswith("calibre:") and _uuid(text.removeprefix("calibre:")):
            yield text.removeprefix("calibre:")


def _uuid(text: str) -> str:
    try:
        return f"urn:uuid:{uuid.UUID(text)}"
    except ValueError:
        return ""


def _languages(book: KindleBook, claims: Claims) -> tuple[str, ...]:
    header = book.header.language if book.header.version else ""
    stated = [*book.exth.all("language"), header, claims.language or ""]
    tags = [tag.replace("_", "-") for tag in stated]
    return next(((tag,) for tag in tags if _LANGUAGE.fullmatch(tag)), ("und",))


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    """People, one each: several stand in one statement behind semicolons or ``&``."""
    return _parts(texts, r"\s*;\s*|\s+&\s+")


def _parts(texts: Iterable[str], separator: str) -> tuple[str, ...]:
    return _texts(part for text in texts for part in re.split(separator, text))


def _is_tool(name: str) -> bool:
    return name.lower().startswith(("calibre", "kindlegen"))


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_text, texts))))


def _text(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _date(text: str) -> str:
    """The day in ISO 8601; empty for years before printing, which programs write for unknown."""
    match = _DAY.match(text.strip())
    if match is None or int(match[1]) < _FIRST_PRINTED:
        return ""
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return match[1]
    return match[0]
