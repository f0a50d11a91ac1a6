"""PDF → EPUB 3: text by its layout; pages without text as pictures. The PDF made safe to read."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.convert import pdf_layout
from ebook_pipeline.books.convert.authoring import Chapter, Described, Picture, author_epub
from ebook_pipeline.books.convert.pdf_layout import Block, Page
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.findings import Finding, Severity
from ebook_pipeline.books.records import Claims

if TYPE_CHECKING:
    import pikepdf
    import pypdfium2 as pdfium

LONGEST_CHAPTER = 60_000
MOST_PICTURED = 600
_PAGES_A_DOCUMENT = 25
_PICTURED = 1200
_FEWEST_LETTERS = 20
_ACTIVE = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/GoToE", "/Movie"}
)


@dataclass(frozen=True)
class FromPdf:
    """What came of a PDF: its pages, what the EPUB says of itself, what was lost."""

    pages: int
    described: Described
    findings: tuple[Finding, ...] = ()


def epub_from_pdf(pdf: Path, target: Path, claims: Claims) -> FromPdf:
    """Write an EPUB 3 of the PDF at `pdf`; runs in the sandbox.

    Raises BookError: ``pdf.unreadable``, ``pdf.encrypted``, ``convert.empty``,
    ``convert.too-many-pictures``.
    """
    document = _opened(pdf)
    try:
        pages = _pages(document)
        if not pages:
            raise BookError("convert.empty", "The PDF has no page.")
        letters = sum(len(line.text) for page in pages for line in page.lines)
        if letters < _FEWEST_LETTERS:
            return _pictured(document, target, claims)
        return _flowing(document, pages, target, claims)
    finally:
        document.close()


def clean_pdf(pdf: Path, target: Path) -> tuple[int, tuple[Finding, ...]]:
    """The PDF at `pdf` repaired, readable without a password, nothing in it that acts on its own.

    Its pages and findings; metadata is kept. Raises BookError. Runs in the sandbox.
    """
    import pikepdf

    try:
        with pikepdf.open(pdf) as opened:
            active = _disarm(opened)
            count = len(opened.pages)
            if count == 0:
                raise BookError("convert.empty", "The PDF has no page.")
            opened.save(target, deterministic_id=not opened.is_encrypted, encryption=False)
    except pikepdf.PasswordError as error:
        raise BookError("pdf.encrypted", "The PDF asks for a password.") from error
    except (pikepdf.PdfError, RecursionError) as error:
        raise BookError("pdf.unreadable", f"The PDF cannot be read: {error}") from error
    findings = (_active(active),) if active else ()
    return count, findings


def _opened(pdf: Path) -> "pdfium.PdfDocument":
    import pypdfium2 as pdfium

    try:
        return pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise BookError("pdf.encrypted", "The PDF asks for a password.") from error
        raise BookError("pdf.unreadable", f"The PDF cannot be read: {error}") from error


def _pages(document: "pdfium.PdfDocument") -> list[Page]:
    """Every page's lines; a page that pdfium cannot load has none."""
    import pypdfium2 as pdfium

    pages = []
    for number in range(len(document)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            pages.append(Page((), 0))
            continue
        text = page.get_textpage()
        pages.append(pdf_layout.read_page(text, number, page.get_height()))
        text.close()
        page.close()
    return pages


def _flowing(
    document: "pdfium.PdfDocument", pages: Sequence[Page], target: Path, claims: Claims
) -> FromPdf:
    found = pdf_layout.blocks(pages, _titles(document))
    if not found:
        raise BookError("convert.empty", "The PDF has no text but running heads.")
    described = _described(document, claims, found)
    chapters = [
        _chapter(part, number)
        for number, part in enumerate(pdf_layout.chapters(found, LONGEST_CHAPTER), 1)
    ]
    author_epub(target, described, chapters)
    empty = sum(1 for page in pages if not page.lines)
    findings = [_lost(_pictures(document), empty)]
    return FromPdf(len(pages), described, tuple(findings))


def _chapter(part: Sequence[Block], number: int) -> Chapter:
    heading = next((block.text for block in part if block.level), "")
    body = "\n".join(_html(block) for block in part)
    return Chapter(heading[:120] or f"Part {number}", body)


def _html(block: Block) -> str:
    tag = f"h{block.level}" if block.level else "p"
    return f"<{tag}>{escape(block.text)}</{tag}>"


def _pictured(document: "pdfium.PdfDocument", target: Path, claims: Claims) -> FromPdf:
    """Pages as pictures: what can be done for a scan without reading it."""
    count = len(document)
    if count > MOST_PICTURED:
        raise BookError(
            "convert.too-many-pictures",
            f"The PDF has {count} pages without text; up to {MOST_PICTURED} are taken as pictures.",
            remedy="Run text recognition over the scan.",
        )
    pictures, chapters = [], []
    for start in range(0, count, _PAGES_A_DOCUMENT):
        numbers = range(start, min(start + _PAGES_A_DOCUMENT, count))
        pictures += [_picture(document, number) for number in numbers]
        shown = "".join(
            f'<p><img src="images/page-{number + 1:04}.jpg" alt="Page {number + 1}"/></p>'
            for number in numbers
        )
        chapters.append(Chapter(f"Pages {numbers[0] + 1} to {numbers[-1] + 1}", shown))
    described = _described(document, claims, ())
    author_epub(target, described, chapters, pictures)
    finding = Finding(
        rule="convert.no-text",
        severity=Severity.WARNING,
        message=f"The PDF holds no text: its {count} pages became pictures.",
        remedy="Run text recognition over the scan, or send the text itself.",
    )
    return FromPdf(count, described, (finding,))


def _picture(document: "pdfium.PdfDocument", number: int) -> Picture:
    page = _loaded(document, number)
    scale = _PICTURED / max(*page.get_size(), 1)
    image = page.render(scale=scale).to_pil().convert("RGB")
    page.close()
    written = io.BytesIO()
    image.save(written, "JPEG", quality=75)
    return Picture(f"page-{number + 1:04}.jpg", "image/jpeg", written.getvalue())


def _loaded(document: "pdfium.PdfDocument", number: int) -> "pdfium.PdfPage":
    import pypdfium2 as pdfium

    try:
        return document[number]
    except pdfium.PdfiumError as error:
        raise BookError(
            "pdf.unreadable", f"Page {number + 1} of the PDF cannot be read.", place=f"{number + 1}"
        ) from error


def _titles(document: "pdfium.PdfDocument") -> dict[tuple[int, str], int]:
    """The outline's entries: levels 1 to 3 by page and plain title."""
    titles: dict[tuple[int, str], int] = {}
    for mark in document.get_toc():
        destination = mark.get_dest()
        number = destination.get_index() if destination else None
        title = pdf_layout.plain(mark.get_title())
        if number is not None and title:
            titles.setdefault((number, title), min(3, mark.level + 1))
    return titles


def _pictures(document: "pdfium.PdfDocument") -> int:
    """How many pictures the first hundred pages show."""
    import pypdfium2.raw as raw

    total = 0
    for number in range(min(100, len(document))):
        page = document[number]
        total += sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
        page.close()
    return total


def _described(document: "pdfium.PdfDocument", claims: Claims, found: Sequence[Block]) -> Described:
    info: dict[str, str] = document.get_metadata_dict()
    heading = next((block.text for block in found[:20] if block.level), "")
    author = _clean(info.get("Author", ""))
    return Described(
        title=claims.title or _clean(info.get("Title", "")) or heading or "Untitled",
        authors=claims.authors or ((author,) if author else ()),
        language=claims.language or _language(found),
        publisher=claims.publisher,
        description=claims.description,
        rights=claims.rights,
    )


def _language(found: Sequence[Block]) -> str:
    """The language that the text is in; ``und`` where there is too little of it."""
    words = " ".join(block.text for block in found[:200])[:5000]
    if len(words) < _FEWEST_LETTERS * 5:
        return "und"
    import py3langid

    language: str = py3langid.classify(words)[0]
    return language


def _clean(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _disarm(opened: "pikepdf.Pdf") -> list[str]:
    """Take out what acts without being asked; the names of what was taken."""
    taken: set[str] = set()
    root = opened.Root
    for key in ("/OpenAction", "/AA"):
        if key in root and not _is_view(root[key]):
            taken.add(key)
            del root[key]
    if "/Names" in root and "/JavaScript" in root.Names:
        taken.add("/JavaScript")
        del root.Names["/JavaScript"]
    for page in opened.pages:
        _disarm_page(page.obj, taken)
    return sorted(taken)


def _disarm_page(page: Any, taken: set[str]) -> None:
    import pikepdf

    if "/AA" in page:
        taken.add("/AA")
        del page["/AA"]
    notes = page.get("/Annots")
    if not isinstance(notes, pikepdf.Array):
        return
    for note in notes:
        if not isinstance(note, pikepdf.Dictionary):
            continue
        if "/AA" in note:
            taken.add("/AA")
            del note["/AA"]
        action = note.get("/A")
        if isinstance(action, pikepdf.Dictionary) and str(action.get("/S")) in _ACTIVE:
            taken.add(str(action.get("/S")))
            del note["/A"]


def _is_view(action: Any) -> bool:
    """Whether the action only says where to open the document."""
    import pikepdf

    if isinstance(action, pikepdf.Array):
        return True
    return isinstance(action, pikepdf.Dictionary) and str(action.get("/S")) == "/GoTo"


def _active(names: Sequence[str]) -> Finding:
    return Finding(
        rule="convert.active-content",
        severity=Severity.WARNING,
        message=f"Taken out of the PDF, for it acts on its own: {', '.join(names)}.",
    )


def _lost(pictures: int, empty: int) -> Finding:
    losses = ["fonts, colours and positions"]
    if pictures:
        losses.append(f"at least {pictures} pictures")
    if empty:
        losses.append(f"{empty} pages without text")
    return Finding(
        rule="convert.pdf-layout",
        severity=Severity.INFO,
        message=f"The EPUB was made from the PDF's text; lost: {', '.join(losses)}.",
        remedy="Send the manuscript or an EPUB for a better one.",
    )
