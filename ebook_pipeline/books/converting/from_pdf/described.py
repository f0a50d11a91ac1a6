"""What the EPUB says of itself: the submission's claims, else what the PDF says, else its text.

ISO 32000-2 §14.3.3 (document information), §14.9.2 (language).
"""

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.converting.from_pdf import strings
from ebook_pipeline.books.converting.from_pdf.blocks import Block, Kind
from ebook_pipeline.books.converting.to_epub.authoring import Described
from ebook_pipeline.books.records import Claims

if TYPE_CHECKING:
    import pypdfium2 as pdfium

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NO_TITLE = re.compile(
    r"(?:microsoft word - .*|untitled.*|document\d*|.*\.(?:docx?|indd|qxd|odt|rtf|tex|dvi|pdf))",
    re.IGNORECASE,
)
_FEWEST_LETTERS = 100
_SURE_LETTERS = 1500
_SAMPLE = 5000


def described(
    document: "pdfium.PdfDocument", pdf: Any, claims: Claims, blocks: Sequence[Block]
) -> Described:
    """Title, authors, language and what else the submission claims."""
    author, title = _info(document, b"Author"), _info(document, b"Title")
    if _NO_TITLE.fullmatch(title):
        title = ""
    return Described(
        title=claims.title or title or _heading(blocks) or "Untitled",
        authors=claims.authors or ((author,) if author else ()),
        language=claims.language or language(pdf, blocks),
        publisher=claims.publisher,
        description=claims.description,
        rights=claims.rights,
        progression="rtl" if turns_right(pdf) else "",
    )


def turns_right(pdf: Any) -> bool:
    """Whether the document says that its pages are turned to the right, §12.2."""
    import pikepdf

    preferences = pdf.Root.get("/ViewerPreferences")
    if not isinstance(preferences, pikepdf.Dictionary):
        return False
    return strings.name(preferences.get("/Direction")) == "R2L"


def language(pdf: Any, blocks: Sequence[Block]) -> str:
    """The PDF's language tag, unless its text is clearly in another; ``und`` for too little."""
    said = strings.text(pdf.Root.get("/Lang")).strip()
    said = said if _TAG.fullmatch(said) else ""
    text = " ".join(block.text for block in blocks[len(blocks) // 3 :][:200])[:_SAMPLE]
    if len(text) < (_SURE_LETTERS if said else _FEWEST_LETTERS):
        return said or "und"
    import py3langid

    found: str = py3langid.classify(text)[0]
    return said if said.lower().split("-")[0] == found else found


def _heading(blocks: Sequence[Block]) -> str:
    headings = (block.text for block in blocks[:20] if block.kind is Kind.HEADING)
    return next(headings, "").replace("\n", " ")[:200]


def _info(document: "pdfium.PdfDocument", key: bytes) -> str:
    import pypdfium2.raw as pdfium

    read = functools.partial(pdfium.FPDF_GetMetaText, document.raw, key)
    return strings.printable(strings.wide(read))
