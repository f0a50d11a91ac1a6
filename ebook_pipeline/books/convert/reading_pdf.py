"""The PDF that is read: a browser prints the whole spine as one document, tagged, with links."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.convert.merge import merge
from ebook_pipeline.books.convert.unpacked import unpack
from ebook_pipeline.books.epub.navigation import toc
from ebook_pipeline.books.epub.package import PackageDocument, read_package
from ebook_pipeline.books.findings import Finding, Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser

DOCUMENT = "ebook-print.xhtml"
_MOST_NAMED = 5


@dataclass(frozen=True)
class PrintedBook:
    """A reading PDF: its pages, who made it, and what was lost on the way."""

    pages: int
    engine: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """The book as one document in a folder, ready to be printed."""

    package: PackageDocument
    documents: int
    fixed: bool
    cover: bool
    findings: tuple[Finding, ...]


def print_epub(epub: Path, target: Path, browser: Browser, folder: Path) -> PrintedBook:
    """Print the EPUB at `epub` to the PDF `target`; `folder` is scratch space.

    Raises BookError where the book cannot be read, LimitExceeded (``sandbox.time``,
    ``sandbox.memory``) where it asks for too much, NoBrowser.
    """
    book = folder / "unpacked"
    book.mkdir(parents=True)
    prepared = sandbox.call(prepare, epub, book)
    printed = folder / "printed.pdf"
    browser.print_pdf(book / DOCUMENT, printed)
    pages = sandbox.call(finish, epub, prepared, printed, target)
    findings = (*prepared.findings, *_letters(prepared.package, folder))
    return PrintedBook(pages, browser.version, findings)


def prepare(epub: Path, folder: Path) -> Prepared:
    """Lay the book out in `folder` with its one document `DOCUMENT`; runs in the sandbox."""
    package = read_package(epub)
    unpack(epub, package, folder)
    merged = merge(epub, package, folder)
    etree.ElementTree(merged.root).write(folder / DOCUMENT, encoding="utf-8", xml_declaration=True)
    findings = []
    if merged.remote:
        findings.append(_remote(sorted(merged.remote)))
    if merged.media:
        message = f"{merged.media} sounds or films are not in the PDF."
        findings.append(_note("convert.media", message))
    for name in merged.repaired:
        message = "The document is not well-formed: it was read as far as it goes."
        findings.append(_note("convert.repaired", message, name))
    return Prepared(package, merged.documents, merged.fixed, merged.cover, tuple(findings))


def finish(epub: Path, prepared: Prepared, printed: Path, target: Path) -> int:
    """Give the PDF its book's title, authors, language and direction; its pages.

    The same book gives the same bytes: dates are the book's own. Runs in the sandbox.
    """
    import pikepdf

    from ebook_pipeline.books.convert.structure_ids import renumber

    package = prepared.package
    with pikepdf.open(printed) as pdf:
        pages = len(pdf.pages)
        _describe(pdf, package)
        renumber(pdf)
        first = int(prepared.cover)
        if prepared.fixed and pages == prepared.documents + first and "/Outlines" not in pdf.Root:
            _outline(pdf, epub, package, first)
        pdf.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
        )
    return pages


def _letters(package: PackageDocument, folder: Path) -> Iterator[Finding]:
    """A warning where this machine has no font for the book's language and the book brings none."""
    program = shutil.which("fc-list")
    language = next(iter(package.languages), "und").split("-")[0].lower()
    types = [item.media_type for item in package.manifest]
    embeds = any("font" in one or "opentype" in one for one in types)
    if program is None or embeds or not re.fullmatch("[a-z]{2,3}", language) or language == "und":
        return
    if not sandbox.run_tool([program, f":lang={language}", "family"], cwd=folder).strip():
        yield Finding(
            rule="convert.no-font",
            severity=Severity.WARNING,
            message=f"No font for the language {language} was found: letters show as boxes.",
            remedy="Put a font into the book, or install one where the pipeline runs.",
        )


def page_count(pdf: Path) -> int:
    """The pages of the PDF at `pdf`; runs in the sandbox."""
    import pikepdf

    with pikepdf.open(pdf) as opened:
        return len(opened.pages)


def _describe(pdf: object, package: PackageDocument) -> None:
    import pikepdf

    assert isinstance(pdf, pikepdf.Pdf)
    authors = [creator.name for creator in package.creators]
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp["dc:title"] = package.title or "Untitled"
        if authors:
            xmp["dc:creator"] = authors
        if package.languages:
            xmp["dc:language"] = set(package.languages)
    for key in list(pdf.docinfo.keys()):
        if key != "/Producer":
            del pdf.docinfo[key]
    pdf.docinfo["/Title"] = package.title or "Untitled"
    if authors:
        pdf.docinfo["/Author"] = ", ".join(authors)
    stamp = re.sub(r"\D", "", package.modified or "")
    if len(stamp) == 14:
        pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = f"D:{stamp}Z"
    preferences = pikepdf.Dictionary(DisplayDocTitle=True)
    if package.page_progression == "rtl":
        preferences.Direction = pikepdf.Name.R2L
    pdf.Root.ViewerPreferences = preferences
    if package.languages:
        pdf.Root.Lang = package.languages[0]
    if "/Outlines" in pdf.Root:
        pdf.Root.PageMode = pikepdf.Name.UseOutlines


def _outline(pdf: object, epub: Path, package: PackageDocument, first: int) -> None:
    """A fixed-layout book has a page per document: its table of contents names pages."""
    import pikepdf

    assert isinstance(pdf, pikepdf.Pdf)
    numbers = {item.path: number for number, item in enumerate(package.spine_items, first)}
    with pdf.open_outline() as outline:
        for entry in toc(epub, package):
            number = numbers.get(entry.href.partition("#")[0])
            if number is not None:
                outline.root.append(pikepdf.OutlineItem(entry.title, number))


def _remote(urls: list[str]) -> Finding:
    named = ", ".join(url[:200] for url in urls[:_MOST_NAMED])
    more = f" and {len(urls) - _MOST_NAMED} more" if len(urls) > _MOST_NAMED else ""
    return Finding(
        rule="convert.remote",
        severity=Severity.WARNING,
        message=f"Not in the PDF, for it lies outside the book: {named}{more}.",
        remedy="Put the resource into the book.",
    )


def _note(rule: str, message: str, place: str = "") -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=message, place=place)
