"""Manuscripts → EPUB 3: cleaned, read by pandoc (plain text by ourselves), bound with our style."""

import hashlib
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.chapters import chapters
from ebook_pipeline.books.converting.from_manuscript.flow import (
    Flow,
    heading_level,
    read_html,
    read_text,
    words,
)
from ebook_pipeline.books.converting.from_manuscript.pictures import Pictures
from ebook_pipeline.books.converting.to_epub.authoring import EpubMetadata, author_epub
from ebook_pipeline.books.converting.to_epub.container import write_parts
from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.manuscripts import CleanedManuscript, ManuscriptMetadata
from ebook_pipeline.books.formats.manuscripts.plain_text import RAW_HTML
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.books.records.converted_book import TITLE_GUESSED
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.typesetter import Typesetter

KINDS = {
    BookFormat.DOCX: "docx+empty_paragraphs",
    BookFormat.ODT: "odt",
    BookFormat.RTF: "rtf",
    BookFormat.HTML: "html",
    BookFormat.MARKDOWN: "markdown-raw_tex-raw_attribute-latex_macros",
}
_DIGEST = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
_ENOUGH = 400
_MOST_READ = 20_000
_UNTITLED = "Untitled"


@dataclass(frozen=True)
class Prepared:
    """The cleaned manuscript's own words on itself, and where it lies."""

    about: ManuscriptMetadata
    alts: dict[str, str]
    path: Path
    raw_html: bool


def epub_from_manuscript(
    source: Path, format_: BookFormat, target: Path, claims: Claims, typesetter: Typesetter
) -> tuple[Finding, ...]:
    """Write `source` to `target` as EPUB 3, described as `claims` say; what was lost.

    Where they say nothing the manuscript is asked, at last its file's name. Raises BookError:
    ``convert.unsupported`` for a format that is not converted, ``convert.empty``, and what is
    fatal in the manuscript.
    """
    if format_ not in manuscripts.FORMATS:
        raise BookError(
            "convert.unsupported",
            f"Books of the format {format_.value} are recognised but not converted.",
            remedy="Send an EPUB, a PDF or the manuscript.",
        )
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        return _converted(source, format_, target, claims, _Reader(typesetter, Path(folder)))


def epub_from_text(source: Path, target: Path, claims: Claims) -> None:
    """Plain text in any encoding as EPUB; lines like “Chapter 3” start a chapter."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(source, BookFormat.TEXT, Path(folder))
        bind(prepared, prepared.path, source, target, claims)


@dataclass(frozen=True)
class _Reader:
    typesetter: Typesetter
    folder: Path

    def read(self, prepared: Prepared, format_: BookFormat) -> Path:
        """The manuscript as pandoc's HTML; plain text, which is not pandoc's, as it is."""
        if format_ not in KINDS:
            return prepared.path
        read = self.typesetter.read(prepared.path, KINDS[format_], self.folder)
        if prepared.raw_html:
            cleaned = sandbox.call(clean_html, read)
            read = self.typesetter.read(cleaned, KINDS[BookFormat.HTML], self.folder)
        return read


def _converted(
    source: Path, format_: BookFormat, target: Path, claims: Claims, reader: _Reader
) -> tuple[Finding, ...]:
    prepared = sandbox.call(prepare, source, format_, reader.folder)
    read = reader.read(prepared, format_)
    return sandbox.call(bind, prepared, read, source, target, claims)


def prepare(source: Path, format_: BookFormat, folder: Path) -> Prepared:
    """Write the cleaned manuscript into `folder`; raises BookError where it can't be read."""
    cleaned = manuscripts.clean(source, format_)
    if not cleaned.may_be_read:
        fatal = next(one for one in cleaned.findings if one.severity >= Severity.FATAL)
        raise BookError(fatal.rule, fatal.message, place=fatal.place, remedy=fatal.remedy)
    written = folder / f"cleaned.{format_.value}"
    if "" in cleaned.parts:
        written.write_bytes(cleaned.parts[""] or b"")
    else:
        _write_container(source, cleaned, written)
    markdown = format_ is BookFormat.MARKDOWN
    raw = markdown and RAW_HTML.search(written.read_text("utf-8")) is not None
    return Prepared(cleaned.metadata, dict(cleaned.alts), written, raw)


def _write_container(source: Path, cleaned: CleanedManuscript, target: Path) -> None:
    """The kept parts as a container, those without new bytes copied."""
    with archive.opened(source) as opened:
        write_parts(
            target,
            (
                (name, opened.read(name) if data is None else data)
                for name, data in cleaned.parts.items()
            ),
        )


def clean_html(written: Path) -> Path:
    """Pandoc's HTML of a Markdown that holds HTML, cleaned, to be read again as HTML."""
    cleaned = manuscripts.clean(written, BookFormat.HTML)
    target = written.with_name("cleaned.html")
    target.write_bytes(cleaned.parts[""] or b"")
    return target


def bind(
    prepared: Prepared, read: Path, source: Path, target: Path, claims: Claims
) -> tuple[Finding, ...]:
    """Write the book at `target`, from pandoc's HTML or the text at `read`; what was lost."""
    flow = read_text(read) if read.suffix == ".text" else read_html(read)
    flow = replace(flow, about=_both(prepared.about, flow.about))
    if not any(words(block) for block in flow.blocks):
        raise BookError("convert.empty", "The file holds no text.", remedy="Send the manuscript.")
    pictures = Pictures(read.parent, prepared.alts)
    pictures.place([*flow.blocks, *flow.notes.values()])
    described = _described(flow, source, claims)
    author_epub(
        target,
        described,
        chapters(flow, described.title),
        pictures.taken,
        title_page=True,
    )
    named = claims.title or flow.about.title
    guessed = () if named else (_title_guessed(described.title),)
    return (*_missing(flow), *pictures.findings(), *_no_headings(flow.blocks), *guessed)


def _both(first: ManuscriptMetadata, second: ManuscriptMetadata) -> ManuscriptMetadata:
    """What the file's properties say, else what its text says."""
    return ManuscriptMetadata(
        first.title or second.title,
        first.authors or second.authors,
        second.language if first.assumed and second.language else first.language or second.language,
        first.assumed and not second.language,
    )


def _described(flow: Flow, source: Path, claims: Claims) -> EpubMetadata:
    about = flow.about
    return EpubMetadata(
        title=claims.title or about.title or _name_title(source) or _first_words(flow.blocks),
        authors=claims.authors or about.authors,
        language=claims.language or _language(flow),
        identifier=hashlib.sha256(source.read_bytes()).hexdigest(),
        publisher=claims.publisher,
        description=claims.description,
        rights=claims.rights,
    )


def _name_title(source: Path) -> str:
    """The file's name as a title, where a person named it: “my_first-book.docx” → My first book."""
    name = " ".join(re.sub(r"[_-]+", " ", source.stem).split())
    if _DIGEST.fullmatch(source.stem) or not any(letter.isalpha() for letter in name):
        return ""
    return name[0].upper() + name[1:]


def _first_words(blocks: list[etree._Element]) -> str:
    first = next((words(block) for block in blocks if words(block)), _UNTITLED)
    return first if len(first) <= 80 else first[:80].rsplit(" ", 1)[0] + "…"


def _language(flow: Flow) -> str:
    """The language that the author named; one that a program assumed must fit the text."""
    about = flow.about
    if about.language and not about.assumed:
        return about.language
    text = " ".join(words(block) for block in flow.blocks[:200])[:_MOST_READ]
    if len(text) < _ENOUGH:
        return about.language or "und"
    import py3langid

    found: str = py3langid.classify(text)[0]
    return about.language if about.language.split("-")[0] == found else found


def _missing(flow: Flow) -> tuple[Finding, ...]:
    lost = (one for one in flow.findings if one.rule == "manuscript.external")
    return tuple(one.model_copy(update={"rule": "convert.missing-picture"}) for one in lost)


def _title_guessed(title: str) -> Finding:
    return Finding(
        rule=TITLE_GUESSED,
        severity=Severity.INFO,
        message=f"The manuscript names no title; taken: {title!r}.",
        remedy="Send the title in the sidecar.",
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
