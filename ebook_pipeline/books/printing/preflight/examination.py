"""A PDF opened and measured for print: file, boxes, what its pages paint. In the sandbox."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pikepdf

from ebook_pipeline.books.formats.pdf import claims, fonts, metadata, objects, opening, pdf_findings
from ebook_pipeline.books.printing.preflight.facts import (
    MOST_MARKS,
    NO_PDF,
    Box,
    FileFacts,
    PageContent,
    PageFacts,
    Spot,
)
from ebook_pipeline.books.printing.preflight.page_content import OperatorBudget, read_page

MOST_PAGES = 2000
"""Pages whose boxes and content are looked at; no printer here binds more."""
SECONDS = 40
"""Of processor time for the contents of all pages."""
_US_LETTER: Box = (0.0, 0.0, 612.0, 792.0)
_MOST_FONTS = 50


def examine(path: Path) -> FileFacts:
    """All that is measured of the file at `path`; one that does not open says so."""
    facts = FileFacts(bytes=path.stat().st_size)
    if not _says_to_be_pdf(path):
        facts.unreadable = NO_PDF
        return facts
    try:
        with opening.opened(path) as pdf:
            _read_file(pdf, facts)
            _read_pages(pdf, facts)
    except pikepdf.PasswordError:
        facts.needs_password = True
    except objects.UNREADABLE as error:
        facts.unreadable = pdf_findings.without_path(error, path)
    return facts


def _says_to_be_pdf(path: Path) -> bool:
    """Whether a PDF's header stands where readers look for it: PDF Reference 1.7, appendix H."""
    with path.open("rb") as file:
        return b"%PDF-" in file.read(1024)


def _read_file(pdf: pikepdf.Pdf, facts: FileFacts) -> None:
    root = pdf.Root
    facts.version = str(pdf.pdf_version)
    facts.encrypted = pdf.is_encrypted
    facts.page_count = len(pdf.pages)
    facts.damaged = len(pdf.get_warnings())
    facts.bookmarks = _counted(objects.entry(root, "/Outlines"), "/First")
    facts.fields = len(objects.array_items(objects.entry(root, "/AcroForm", "/Fields")))
    files = objects.entry(root, "/Names", "/EmbeddedFiles")
    facts.attachments = sum(1 for _ in objects.tree_pairs(files, "/Names"))
    facts.layers = len(objects.array_items(objects.entry(root, "/OCProperties", "/OCGs")))
    scripts = objects.entry(root, "/Names", "/JavaScript")
    facts.actions = sum(1 for _ in objects.tree_pairs(scripts, "/Names"))
    facts.actions += _acts(objects.entry(root, "/OpenAction")) + (
        objects.entry(root, "/AA") is not None
    )
    facts.pdfx = claims.read_claims(metadata.xmp_properties(pdf, claims.CLAIM_KEYS), pdf).pdfx
    facts.output_intent = bool(objects.array_items(objects.entry(root, "/OutputIntents")))


def _counted(outline: object, first: str) -> int:
    """The entries of the outline's first level."""
    count, entry = 0, objects.entry(outline, first)
    seen: set[objects.ObjectId] = set()
    while entry is not None and count < 1000:
        identity = objects.object_id(entry)
        if identity is None or identity in seen:
            return count + 1
        seen.add(identity)
        count, entry = count + 1, objects.entry(entry, "/Next")
    return count


def _acts(action: object) -> int:
    """A view to open with is no action (§12.3.2)."""
    return int(objects.name(objects.entry(action, "/S")) not in ("", "GoTo"))


def _read_pages(pdf: pikepdf.Pdf, facts: FileFacts) -> None:
    budget = OperatorBudget(SECONDS)
    pages = [page.obj for page in pdf.pages[:MOST_PAGES]]
    for number, page in enumerate(pages, 1):
        read = _page(page, number)
        try:
            read.content = read_page(page, budget)
        except objects.UNREADABLE:
            read.content = PageContent(finished=False)
        read.content.transparent += _group(page, read)
        facts.pages.append(read)
    facts.unembedded = list(_unembedded(pages))


def _page(page: pikepdf.Object, number: int) -> PageFacts:
    media = _box(objects.inherited(page, "/MediaBox")) or _US_LETTER
    read = PageFacts(
        number=number,
        media=media,
        crop=_box(objects.inherited(page, "/CropBox")),
        bleed=_box(objects.entry(page, "/BleedBox")),
        trim=_box(objects.entry(page, "/TrimBox")),
        rotation=int(objects.number(objects.inherited(page, "/Rotate")) or 0) % 360,
        user_unit=objects.number(objects.entry(page, "/UserUnit")) or 1.0,
    )
    for note in objects.array_items(objects.entry(page, "/Annots"))[: 4 * MOST_MARKS]:
        box = _box(objects.entry(note, "/Rect")) or (0.0, 0.0, 0.0, 0.0)
        kind = objects.name(objects.entry(note, "/Subtype"))[:40]
        read.annotations.append(Spot(box, words=kind))
    return read


def _group(page: pikepdf.Object, read: PageFacts) -> Iterator[Spot]:
    """A page's own group blends only what is transparent anyway, so it is no reason by itself."""
    if read.content.transparent and objects.entry(page, "/Group", "/K") is True:
        yield Spot(read.media, words="a knockout group")


def _unembedded(pages: Sequence[pikepdf.Object]) -> Iterator[tuple[str, int]]:
    found = list(fonts.used_fonts(pages))
    missing = [font for font in found if not font.embedded]
    for font in missing[:_MOST_FONTS]:
        yield font.name[:100], font.page


def _box(value: object) -> Box | None:
    """A rectangle with its lower left corner first (§7.9.5)."""
    given = [objects.number(number) for number in objects.array_items(value)[:5]]
    sides = [number for number in given if number is not None and abs(number) < 1e6]
    if len(sides) != 4:
        return None
    left, bottom, right, top = sides
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)
