"""A manuscript that was written elsewhere, as chapters of Markdown to be written on.

What makes an EPUB of it is what makes one when it is submitted (`books/converting`), so that what
is read of a file is the same both times. All of a stranger's bytes is read in the sandbox; pandoc
writes the Markdown, from markup of ours.
"""

import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ebook_pipeline.books.contributor_roles import AUTHOR
from ebook_pipeline.books.converting.conversion import ConversionTools, make_epub
from ebook_pipeline.books.converting.covers import CoverCandidate, find_cover
from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.formats.foreign_files import unknown_format
from ebook_pipeline.books.language_tags import language_tag
from ebook_pipeline.books.records import (
    MANUSCRIPT_FORMATS,
    BookFormat,
    Claims,
    Record,
    ValidationReport,
)
from ebook_pipeline.books.validating.validation import FileVerdict, Unchecked, validate, verdict
from ebook_pipeline.books.writing.chapter_blocks import LeftOut, taken_apart
from ebook_pipeline.books.writing.cover_picture import CoverPicture, cover_picture_of
from ebook_pipeline.books.writing.manuscript_file import (
    LONGEST_HEADING,
    LONGEST_TEXT,
    MOST_CHAPTERS,
    ImportedManuscript,
    WrittenChapter,
)
from ebook_pipeline.books.writing.note_labels import numbered_notes
from ebook_pipeline.books.writing.plain_markup import plain_html
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.wording import counted
from ebook_pipeline.tools import sandbox

IMPORTED_FORMATS = MANUSCRIPT_FORMATS | {BookFormat.EPUB}
_FOLDED = 120
"""Characters of a heading that is shown in a message."""
_OF_A_BOOK_ALONE = frozenset({"convert.no-description", "convert.epub2"})
"""What conversion says of what no chapter holds."""
_RULE = re.compile(r"^-{5,}$", re.MULTILINE)


class ReadChapters(Record):
    """What the sandbox found in the EPUB: headings in their order, the file that its cover is in,
    and what is left out."""

    claims: Claims
    headings: tuple[str, ...]
    cover: Path | None
    findings: tuple[Finding, ...]


def import_manuscript(source: Path, tools: ConversionTools) -> ImportedManuscript:
    """The chapters of the manuscript or EPUB at `source`; its name is a title where it has none.

    Raises BookError where it is none of `IMPORTED_FORMATS`, unsafe, locked, empty, or has too much
    in it; LimitExceeded, ServiceError.
    """
    format_ = _format_of(source)
    with tempfile.TemporaryDirectory(prefix="ebooks-import-") as name:
        folder = Path(name)
        (folder / "made").mkdir()
        made = make_epub(source, format_, Claims(), tools, folder / "made")
        mark = secrets.token_hex(16)
        target = folder / "chapters.html"
        read = sandbox.call(write_chapters, made.path, target, mark, limits=tools.limits)
        written = tools.typesetter.write_markdown(target, folder)
        texts = divided(written.read_text("utf-8"), mark)
        cover, lost = drawn_anew(read.cover)
    chapters = tuple(_chapters(read.headings, texts))
    kept = (one for one in made.findings if one.rule not in _OF_A_BOOK_ALONE)
    return ImportedManuscript(
        claims=read.claims,
        chapters=chapters,
        cover=cover,
        findings=(*read.findings, *lost, *kept),
    )


def write_chapters(epub: Path, target: Path, mark: str) -> ReadChapters:
    """Write the EPUB's chapters as plain HTML for pandoc, and its cover beside them. Runs in the
    sandbox. Raises BookError."""
    package = read_package(epub)
    book = taken_apart(epub, package)
    cover, unread = _cover_in(epub, target.parent)
    if not any(chapter.letters for chapter in book.chapters):
        raise BookError("convert.empty", "The file holds no text.", remedy="Send the manuscript.")
    if len(book.chapters) > MOST_CHAPTERS:
        raise BookError(
            "import.chapters",
            f"It would have {len(book.chapters)} chapters, and a manuscript has {MOST_CHAPTERS} at"
            " most.",
            remedy="Give chapters' titles alone the first level of headings, or send it in parts.",
        )
    target.write_text(plain_html(book, mark), "utf-8")
    book.left_out.forget_picture(cover.name)
    return ReadChapters(
        claims=_claims(package),
        headings=tuple(chapter.heading[:LONGEST_HEADING] for chapter in book.chapters),
        cover=cover.image or cover.drawing,
        findings=(*_findings(book.left_out), *unread),
    )


def divided(markdown: str, mark: str) -> tuple[str, ...]:
    """The chapters' texts, of what pandoc wrote with dividers between them."""
    parts = re.split(rf"^#{{6}} {mark}-(?:\d+|end)[ \t]*$", markdown, flags=re.MULTILINE)
    return tuple(_by_hand(part.strip("\n")) for part in parts[1:-1])


def _cover_in(epub: Path, folder: Path) -> tuple[CoverCandidate, tuple[Finding, ...]]:
    """What the EPUB offers as cover; the chapters are taken where that can't be read, too."""
    try:
        return find_cover(epub, folder), ()
    except BookError as error:
        return CoverCandidate("", ()), (_without_cover(error),)


def drawn_anew(found: Path | None) -> tuple[CoverPicture | None, tuple[Finding, ...]]:
    """The cover that the sandbox found, or why there is none where one was found."""
    if found is None:
        return None, ()
    try:
        return cover_picture_of(found), ()
    except BookError as error:
        return None, (_without_cover(error),)


def _without_cover(error: BookError) -> Finding:
    return Finding(
        rule="import.cover",
        severity=Severity.WARNING,
        message=f"The file's cover was not taken: {error.finding.message}",
        remedy="Choose a picture as the cover: a PNG, JPEG or WebP.",
    )


def _by_hand(text: str) -> str:
    """As people write it: short rules, and notes numbered from 1."""
    return numbered_notes(_RULE.sub("* * *", text))


def _format_of(source: Path) -> BookFormat:
    """Raises BookError for what must not be read, or is no manuscript. EPUBCheck is not asked: an
    invalid EPUB has chapters all the same."""
    format_ = sandbox.call(media_types.sniff, source)
    if format_ is BookFormat.UNKNOWN:
        raise BookError.of(unknown_format(source))
    if format_ not in IMPORTED_FORMATS:
        known = "EPUB, DOCX, ODT, RTF, HTML, Markdown or text"
        raise BookError(
            "import.format",
            f"Chapters are made of {known}; this is {format_.value.upper()}.",
            remedy=f"Save the manuscript as {known}.",
        )
    report: ValidationReport = validate(
        source, source.name, "default", Unchecked(), IMPORTED_FORMATS, format_=format_
    )
    if verdict(report) is FileVerdict.REFUSED:
        worst = max(report.findings, key=lambda finding: finding.severity.rank)
        raise BookError.of(worst)
    return format_


def _chapters(headings: Sequence[str], texts: Sequence[str]) -> Iterator[WrittenChapter]:
    for heading, text in zip(headings, texts, strict=True):
        if len(text) > LONGEST_TEXT:
            raise BookError(
                "import.length",
                f"The chapter “{heading[:_FOLDED]}” has {len(text):,} characters, and one has"
                f" {LONGEST_TEXT:,} at most.",
                remedy="Give every chapter's title the style “Heading 1”.",
            )
        yield WrittenChapter(heading=heading, text=text)


def _claims(package: PackageDocument) -> Claims:
    authors = [one.name for one in package.creators if not one.roles or AUTHOR in one.roles]
    language = next(filter(None, map(language_tag, package.languages)), None)
    return Claims(
        title=package.title or None,
        subtitle=package.subtitle or None,
        authors=tuple(dict.fromkeys(authors))[:20],
        language=None if language == "und" else language,
    )


def _findings(left_out: LeftOut) -> Iterator[Finding]:
    if left_out.pictures:
        named = ", ".join(dict.fromkeys(left_out.pictures))[:300]
        pictures = counted(len(left_out.pictures), "picture is", "pictures are")
        yield Finding(
            rule="import.pictures",
            severity=Severity.WARNING,
            message=f"{pictures} not in the chapters: {named}.",
            remedy="Chapters hold text. Submit the file itself where its book needs the pictures.",
        )
    if left_out.marks:
        yield Finding(
            rule="import.notes",
            severity=Severity.WARNING,
            message=f"{left_out.marks} marks of notes lead to no note that could be found.",
            remedy="Look for their numbers in the text, and write the notes anew: [^1].",
        )
    if left_out.readings:
        yield Finding(
            rule="import.readings",
            severity=Severity.WARNING,
            message=f"{left_out.readings} readings beside characters (ruby) are not in the text.",
            remedy="Submit the file itself where its book needs them.",
        )
    if left_out.links:
        yield Finding(
            rule="import.links",
            severity=Severity.INFO,
            message=f"{left_out.links} links within the book became plain words.",
            remedy="Nothing is to be done where the words say enough.",
        )
