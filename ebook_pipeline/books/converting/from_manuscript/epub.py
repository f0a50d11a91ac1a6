"""Manuscripts → EPUB 3: cleaned, read by pandoc (plain text by ourselves), written in our style."""

import hashlib
import json
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.body import (
    ManuscriptBody,
    element_text,
    heading_level,
    mark_directions,
    read_html,
    read_text,
)
from ebook_pipeline.books.converting.from_manuscript.chapters import build_chapters
from ebook_pipeline.books.converting.from_manuscript.cover_mark import take_cover
from ebook_pipeline.books.converting.from_manuscript.odt_html import write_odt_html
from ebook_pipeline.books.converting.from_manuscript.pictures import ManuscriptImages
from ebook_pipeline.books.converting.from_manuscript.title_lines import divide_title_page, guessed
from ebook_pipeline.books.converting.to_epub.authoring import EpubMetadata, author_epub
from ebook_pipeline.books.converting.to_epub.container import write_zip
from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.foreign_files import unknown_format
from ebook_pipeline.books.formats.manuscripts import CleanedManuscript, ManuscriptMetadata
from ebook_pipeline.books.records import MANUSCRIPT_FORMATS, BookFormat, Claims
from ebook_pipeline.books.records.converted_book import TITLE_GUESSED
from ebook_pipeline.books.text_direction import RIGHT_TO_LEFT, text_direction
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.typesetter import Typesetter

PANDOC_FORMATS = {
    BookFormat.DOCX: "docx+empty_paragraphs",
    BookFormat.RTF: "rtf",
    BookFormat.MARKDOWN: "markdown-raw_tex-raw_attribute-latex_macros-yaml_metadata_block",
}
SHARED_BY_CALLS = ("ebook_pipeline.books.language_detection",)
_DIGEST = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
_ENOUGH = 400
"""Letters from which the language is detected."""
_MOST_READ = 20_000
"""Letters by which it is."""
_LONGEST_TITLE = 80
"""Letters of a title that is made of the text's first words."""
_UNTITLED = "Untitled"


@dataclass(frozen=True)
class PreparedManuscript:
    """The cleaned manuscript at `path`, its metadata and the descriptions of its pictures.

    `stated` holds, as JSON, what is to be rendered as the text is.
    """

    metadata: ManuscriptMetadata
    alts: dict[str, str]
    path: Path
    format_: BookFormat
    stated: Path | None = None


def epub_from_manuscript(
    source: Path, format_: BookFormat, target: Path, claims: Claims, typesetter: Typesetter
) -> tuple[Finding, ...]:
    """Write `source` to `target` as EPUB 3, described as `claims` say; what was lost.

    The manuscript says what they leave out, at last its file's name does. Raises BookError:
    ``convert.unsupported`` for a format that is not converted, ``convert.empty``, and what is
    fatal in the manuscript.
    """
    if format_ is BookFormat.UNKNOWN:
        raise BookError.of(unknown_format(source))
    if format_ not in MANUSCRIPT_FORMATS:
        raise BookError(
            "convert.unsupported",
            f"Books of the format {format_.value} are recognised but not converted.",
            remedy="Send an EPUB, a PDF or the manuscript.",
        )
    target.unlink(missing_ok=True)  # children may write what is not there yet, and nothing else
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        return _converted(source, format_, target, claims, _Reader(typesetter, Path(folder)))


def epub_from_text(source: Path, target: Path, claims: Claims) -> None:
    """Plain text in any encoding as EPUB; lines like “Chapter 3” start a chapter."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare_manuscript(source, BookFormat.TEXT, Path(folder))
        write_book(prepared, prepared.path, source, target, claims)


@dataclass(frozen=True)
class _Reader:
    typesetter: Typesetter
    folder: Path

    def read(self, prepared: PreparedManuscript, format_: BookFormat) -> Path:
        """The manuscript as HTML, by pandoc or by ourselves (ODT); HTML and plain text as is."""
        if format_ is BookFormat.ODT:
            return sandbox.call(write_odt_html, prepared.path, self.folder / "manuscript.html")
        if format_ not in PANDOC_FORMATS:
            return prepared.path
        kind = PANDOC_FORMATS[format_]
        return self.typesetter.read(prepared.path, kind, self.folder, prepared.stated)


def _converted(
    source: Path, format_: BookFormat, target: Path, claims: Claims, reader: _Reader
) -> tuple[Finding, ...]:
    prepared = sandbox.call(prepare_manuscript, source, format_, reader.folder)
    read = reader.read(prepared, format_)
    return sandbox.call(write_book, prepared, read, source, target, claims)


def prepare_manuscript(source: Path, format_: BookFormat, folder: Path) -> PreparedManuscript:
    """Write the cleaned manuscript into `folder`; raises BookError where it can't be read."""
    cleaned = manuscripts.clean(source, format_)
    if not cleaned.may_be_read:
        fatal = next(finding for finding in cleaned.findings if finding.severity >= Severity.FATAL)
        raise BookError.of(fatal)
    written = folder / f"cleaned.{format_.value}"
    if "" in cleaned.parts:
        written.write_bytes(cleaned.parts[""] or b"")
    else:
        _write_container(source, cleaned, written)
    stated = folder / "stated.json" if cleaned.stated else None
    if stated:
        stated.write_text(json.dumps(dict(cleaned.stated)), "utf-8")
    return PreparedManuscript(cleaned.metadata, dict(cleaned.alts), written, format_, stated)


def _write_container(source: Path, cleaned: CleanedManuscript, target: Path) -> None:
    """The kept parts as a container, those without new bytes copied."""
    with archive.opened(source) as opened:
        write_zip(
            target,
            (
                (name, opened.read(name) if data is None else data)
                for name, data in cleaned.parts.items()
            ),
        )


def write_book(
    prepared: PreparedManuscript, read: Path, source: Path, target: Path, claims: Claims
) -> tuple[Finding, ...]:
    """Write the book at `target`, from pandoc's HTML or the text at `read`; what was lost."""
    manuscript = _read(prepared, read)
    if not any(element_text(block) for block in manuscript.blocks):
        raise BookError("convert.empty", "The file holds no text.", remedy="Send the manuscript.")
    marked, text = take_cover(manuscript.blocks)
    manuscript = replace(manuscript, blocks=text)
    pictures = ManuscriptImages(read.parent, prepared.alts)
    cover = None if marked is None else pictures.cover(marked)
    pictures.replace_images([*text, *manuscript.notes.values()])
    metadata = _epub_metadata(manuscript, source, claims)
    blocks, title_page = divide_title_page(manuscript, metadata)
    mark_directions(blocks, metadata.direction)
    built = build_chapters(replace(manuscript, blocks=blocks), metadata.title)
    author_epub(
        target, metadata, built.chapters, pictures.images, title_page=title_page, cover=cover
    )
    named = claims.title or manuscript.metadata.title
    return (
        *_missing(manuscript),
        *pictures.findings(),
        *_no_headings(manuscript.blocks),
        *_dead_links(built.dead_links),
        *(() if named else (_title_guessed(metadata.title),)),
        *guessed(manuscript, metadata),
    )


def _read(prepared: PreparedManuscript, read: Path) -> ManuscriptBody:
    if prepared.format_ is BookFormat.TEXT:
        return read_text(read, prepared.metadata)
    printed = prepared.format_ is not BookFormat.MARKDOWN
    return read_html(read, prepared.metadata, printed=printed)


def _epub_metadata(manuscript: ManuscriptBody, source: Path, claims: Claims) -> EpubMetadata:
    stated = manuscript.metadata
    direction = stated.direction or text_direction(map(element_text, manuscript.blocks))
    direction = direction if direction == RIGHT_TO_LEFT else ""
    return EpubMetadata(
        title=claims.title
        or stated.title
        or _name_title(source)
        or _first_words(manuscript.blocks),
        authors=claims.authors or stated.authors,
        language=claims.language or _language(manuscript),
        identifier=hashlib.sha256(source.read_bytes()).hexdigest(),
        publisher=claims.publisher or stated.publisher or None,
        description=claims.description or stated.description or None,
        rights=claims.rights or stated.rights or None,
        progression=direction,
        direction=direction,
        subtitle="" if claims.title and claims.title != stated.title else stated.subtitle,
        date=stated.date,
        isbn=stated.isbn,
        subjects=stated.subjects,
        contributors=stated.contributors,
        series=stated.series,
    )


def _name_title(source: Path) -> str:
    """The file's name as a title, where a person named it: “my_first-book.docx” → My first book."""
    name = " ".join(re.sub(r"[_-]+", " ", source.stem).split())
    if _DIGEST.fullmatch(source.stem) or not any(letter.isalpha() for letter in name):
        return ""
    return name[0].upper() + name[1:]


def _first_words(blocks: list[etree._Element]) -> str:
    first = next((element_text(block) for block in blocks if element_text(block)), _UNTITLED)
    if len(first) <= _LONGEST_TITLE:
        return first
    return first[:_LONGEST_TITLE].rsplit(" ", 1)[0] + "…"


def _language(manuscript: ManuscriptBody) -> str:
    """The language that the author named; one that a program assumed must fit the text."""
    stated = manuscript.metadata
    if stated.language and not stated.assumed:
        return stated.language
    text = " ".join(element_text(block) for block in manuscript.blocks[:200])[:_MOST_READ]
    if len(text) < _ENOUGH:
        return stated.language or "und"
    from ebook_pipeline.books.language_detection import detected_language

    detected = detected_language(text)
    return stated.language if stated.language.split("-")[0] == detected else detected


def _missing(manuscript: ManuscriptBody) -> tuple[Finding, ...]:
    lost = (finding for finding in manuscript.findings if finding.rule == "manuscript.external")
    return tuple(finding.model_copy(update={"rule": "convert.missing-picture"}) for finding in lost)


def _dead_links(dead: tuple[str, ...]) -> tuple[Finding, ...]:
    if not dead:
        return ()
    named = ", ".join(dict.fromkeys(dead))[:300]
    finding = Finding(
        rule="convert.dead-link",
        severity=Severity.INFO,
        message=f"{len(dead)} links lead to no place of the manuscript: {named}. Their words stay.",
        remedy="Give the place that is meant a bookmark of this name, or take the link out.",
    )
    return (finding,)


def _title_guessed(title: str) -> Finding:
    return Finding(
        rule=TITLE_GUESSED,
        severity=Severity.INFO,
        message=f"The manuscript names no title; taken: {title!r}.",
        remedy="State the title where you submit the book.",
    )


def _no_headings(blocks: list[etree._Element]) -> tuple[Finding, ...]:
    if any(heading_level(block) for block in blocks):
        return ()
    finding = Finding(
        rule="convert.no-headings",
        severity=Severity.WARNING,
        message="No headings were found: the book is one long chapter.",
        remedy="Give every chapter's title the style “Heading 1”.",
    )
    return (finding,)
