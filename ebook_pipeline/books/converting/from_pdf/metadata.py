"""The EPUB's metadata: the submission's claims, else what the PDF says, else what its text shows.

ISO 32000-2 §14.3.3 (document information), §14.9.2 (language).
"""

import re
from collections.abc import Sequence
from typing import Any

from ebook_pipeline.books.converting.from_pdf import pdf_strings
from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind
from ebook_pipeline.books.converting.to_epub.authoring import EpubMetadata
from ebook_pipeline.books.formats.pdf.metadata import metadata_of
from ebook_pipeline.books.records import Claims

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_FEWEST_TO_DETECT = 100
"""Letters from which a language is detected where the PDF names none."""
_FEWEST_TO_OVERRULE = 1500
"""Letters from which a detected language counts more than the one that the PDF names."""
_SAMPLE = 5000
"""Letters that are looked at."""


def epub_metadata(pdf: Any, claims: Claims, blocks: Sequence[Block]) -> EpubMetadata:
    """Title, authors, language and what else the submission claims, or the PDF says of itself."""
    stated = metadata_of(pdf)
    return EpubMetadata(
        title=claims.title or stated.title or _heading(blocks) or "Untitled",
        authors=claims.authors or stated.authors,
        language=claims.language or language(pdf, blocks, stated.language),
        publisher=claims.publisher or next(iter(stated.publishers), None),
        description=claims.description or stated.description or None,
        rights=claims.rights or stated.rights or None,
        isbn=claims.isbn or stated.isbn,
        progression="rtl" if is_bound_right(pdf) else "",
    )


def is_bound_right(pdf: Any) -> bool:
    """Whether the document says that its pages are turned to the right, §12.2."""
    import pikepdf

    preferences = pdf.Root.get("/ViewerPreferences")
    if not isinstance(preferences, pikepdf.Dictionary):
        return False
    return pdf_strings.name_string(preferences.get("/Direction")) == "R2L"


def language(pdf: Any, blocks: Sequence[Block], told: str = "") -> str:
    """The PDF's language tag, unless its text is clearly in another; ``und`` for too little.

    `told` is what its metadata says, where the document itself names none.
    """
    text = " ".join(block.text for block in blocks[len(blocks) // 3 :][:200])[:_SAMPLE]
    return text_language(pdf, text, told)


def text_language(pdf: Any, text: str, told: str = "") -> str:
    """The same for a sample of the text."""
    stated = pdf_strings.text_string(pdf.Root.get("/Lang")).strip() or told
    stated = stated if _TAG.fullmatch(stated) else ""
    if len(text) < (_FEWEST_TO_OVERRULE if stated else _FEWEST_TO_DETECT):
        return stated or "und"
    from ebook_pipeline.books.language_detection import detected_language

    detected = detected_language(text)
    return stated if stated.lower().split("-")[0] == detected else detected


def _heading(blocks: Sequence[Block]) -> str:
    headings = (block.text for block in blocks[:20] if block.kind is BlockKind.HEADING)
    return next(headings, "").replace("\n", " ")[:200]
