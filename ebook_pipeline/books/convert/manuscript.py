"""Manuscripts → EPUB 3: word processors' files through pandoc, plain text by its blank lines."""

import hashlib
import re
import uuid
from html import escape
from pathlib import Path

from ebook_pipeline.books.convert.authoring import Chapter, Described, author_epub
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.typesetter import Typesetter

KINDS = {
    BookFormat.DOCX: "docx",
    BookFormat.ODT: "odt",
    BookFormat.RTF: "rtf",
    BookFormat.HTML: "html",
    BookFormat.MARKDOWN: "markdown-raw_html-raw_tex-raw_attribute",
}
_HEADING = re.compile(
    r"(?:chapter|part|book|act|scene|prologue|epilogue|preface|introduction)\b.{0,80}"
    r"|[IVXLC]{1,8}\.?(?:\s.{0,80})?",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[ \t\f]*\n\s*")
_LONGEST_CHAPTER = 60_000


def epub_from_manuscript(
    source: Path, format_: BookFormat, target: Path, claims: Claims, typesetter: Typesetter
) -> None:
    """Write `source` to `target` as EPUB 3, described as `claims` say.

    Raises BookError: ``convert.unsupported`` for a format that is not converted, ``convert.empty``.
    """
    if format_ is BookFormat.TEXT:
        sandbox.call(epub_from_text, source, target, claims)
    elif format_ in KINDS:
        typesetter.author(source, KINDS[format_], target, _metadata(source, claims))
    else:
        raise BookError(
            "convert.unsupported",
            f"Books of the format {format_.value} are recognised but not converted.",
            remedy="Send an EPUB, a PDF or the manuscript.",
        )


def epub_from_text(source: Path, target: Path, claims: Claims) -> None:
    """Plain text in any encoding as EPUB; lines like “Chapter 3” start a chapter."""
    parts = [part for part in _BLANK_LINE.split(_decoded(source)) if part.strip()]
    if not parts:
        raise BookError("convert.empty", "The file holds no text.")
    paragraphs = [" ".join(part.split()) for part in parts]
    chapters = _chapters(paragraphs)
    described = Described(
        title=claims.title or paragraphs[0][:120],
        authors=claims.authors,
        language=claims.language or "und",
        identifier=_digest(source),
        publisher=claims.publisher,
    )
    author_epub(target, described, chapters)


def _decoded(source: Path) -> str:
    data = source.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        import charset_normalizer

        best = charset_normalizer.from_bytes(data).best()
        text = str(best) if best is not None else data.decode("cp1252", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[^\S\n]|[\x00-\x08\x0b-\x1f\ufffe\uffff]", " ", lines)


def _chapters(paragraphs: list[str]) -> list[Chapter]:
    chapters: list[Chapter] = []
    body: list[str] = []
    title, letters = "", 0
    for paragraph in paragraphs:
        heading = _HEADING.fullmatch(paragraph) is not None
        if body and (heading or letters > _LONGEST_CHAPTER):
            chapters.append(_chapter(title, body, len(chapters)))
            title, body, letters = "", [], 0
        title = title or (paragraph if heading else "")
        tag = "h2" if heading else "p"
        body.append(f"<{tag}>{escape(paragraph)}</{tag}>")
        letters += len(paragraph)
    chapters.append(_chapter(title, body, len(chapters)))
    return chapters


def _chapter(title: str, body: list[str], number: int) -> Chapter:
    return Chapter(title or f"Part {number + 1}", "\n".join(body))


def _metadata(source: Path, claims: Claims) -> dict[str, str]:
    """For pandoc; the identifier is the bytes' own, so that they always make the same book."""
    metadata = {"identifier": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, _digest(source))}"}
    if claims.title:
        metadata["title"] = claims.title
    if claims.authors:
        metadata["author"] = ", ".join(claims.authors)
    metadata["lang"] = claims.language or "en"
    return metadata


def _digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()
