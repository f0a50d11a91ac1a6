"""Manuscripts → EPUB 3: word processors' files through pandoc, plain text by its blank lines."""

import hashlib
import re
import uuid
from html import escape
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.convert.authoring import Chapter, Described, author_epub
from ebook_pipeline.books.convert.container import write_container
from ebook_pipeline.books.convert.nav_document import page
from ebook_pipeline.books.epub import archive, xml
from ebook_pipeline.books.epub.archive import Archive
from ebook_pipeline.books.epub.content import XHTML_TYPE
from ebook_pipeline.books.epub.package import package_in
from ebook_pipeline.books.epub.paths import resolve
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.findings import Finding, Severity
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
_H = "{http://www.w3.org/1999/xhtml}"
_BLANK_LINE = re.compile(r"\n[ \t\f]*\n\s*")
_LONGEST_CHAPTER = 60_000


def epub_from_manuscript(
    source: Path, format_: BookFormat, target: Path, claims: Claims, typesetter: Typesetter
) -> tuple[Finding, ...]:
    """Write `source` to `target` as EPUB 3, described as `claims` say; what was lost.

    Raises BookError: ``convert.unsupported`` for a format that is not converted, ``convert.empty``.
    """
    if format_ is BookFormat.TEXT:
        sandbox.call(epub_from_text, source, target, claims)
    elif format_ in KINDS:
        written = target.with_suffix(".pandoc.epub")
        typesetter.author(source, KINDS[format_], written, _metadata(source, claims))
        return sandbox.call(mended, written, target)
    else:
        raise BookError(
            "convert.unsupported",
            f"Books of the format {format_.value} are recognised but not converted.",
            remedy="Send an EPUB, a PDF or the manuscript.",
        )
    return ()


def mended(written: Path, target: Path) -> tuple[Finding, ...]:
    """Pandoc's EPUB made valid at `target`: pictures that it does not hold, doubled ids, no title.

    Runs in the sandbox.
    """
    missing: set[str] = set()
    files: dict[str, bytes] = {}
    with archive.opened(written) as opened:
        package = package_in(opened)
        for item in package.manifest:
            if item.path and item.media_type == XHTML_TYPE and item.path in opened:
                data = opened.read(item.path)
                files[item.path] = _mended(data, item.path, opened, missing)
        if not package.title:
            data = opened.read(package.path)
            title = b"<dc:title>Untitled</dc:title></metadata>"
            files[package.path] = data.replace(b"</metadata>", title, 1)
        names = [name for name in opened.names if name != "mimetype"]
        write_container(target, ((one, files.get(one) or opened.read(one)) for one in names))
    return tuple(_missing(url) for url in sorted(missing))


def _mended(data: bytes, name: str, opened: Archive, missing: set[str]) -> bytes:
    root = xml.parse(data, place=name)
    ids: set[str] = set()
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.get("id") in ids:
            element.attrib.pop("id")
        ids.add(element.get("id") or "")
        if element.tag == f"{_H}img" and resolve(name, element.get("src", "")) not in opened.names:
            missing.add(element.get("src", "")[:200])
            element.tag = f"{_H}span"
            text = element.get("alt", "")
            element.attrib.clear()
            element.text = text
    etree.strip_elements(root, f"{_H}wbr", with_tail=False)
    for link in root.iterfind(f".//{_H}nav//{_H}a"):
        etree.strip_tags(link, f"{_H}span")
        if not "".join(link.itertext()).strip():  # type: ignore[arg-type]
            link.text = "Untitled"
    return page(root)


def _missing(url: str) -> Finding:
    return Finding(
        rule="convert.missing-picture",
        severity=Severity.WARNING,
        message=f"The picture {url} is not in the file: its place shows its description.",
        remedy="Send the manuscript with its pictures inside, as DOCX, ODT or EPUB.",
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
