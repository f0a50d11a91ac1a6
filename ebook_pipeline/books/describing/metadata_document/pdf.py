"""What a PDF states and holds: pages, claims, structure, words."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books import text
from ebook_pipeline.books.formats import pdf
from ebook_pipeline.books.formats.pdf import metadata, opening
from ebook_pipeline.tools import sandbox

if TYPE_CHECKING:
    import pypdfium2 as pdfium

    from ebook_pipeline.books.formats.pdf.facts import PdfFacts


def stated_facts(path: Path) -> dict[str, Any]:
    """The facts that validation measures, with Info and XMP; words as a reader extracts them.

    Raises BookError for a file that kills what reads it.
    """
    findings, facts = pdf.inspect(path)
    pdf.refuse_unsafe(findings)
    if not facts.pages:
        return {"encrypted": facts.encrypted, "needs_password": facts.needs_password}
    return {
        "pdf_version": facts.version,
        "pages": facts.pages,
        "encrypted": facts.encrypted,
        "needs_password": facts.needs_password,
        "tagged": facts.tags.tagged,
        "outline": facts.outline.entries > 0,
        "attachments": len(facts.attachments),
        "javascript": facts.actions.scripts > 0,
        "open_action": facts.actions.opens,
        "form_fields": facts.form.fields if facts.form else 0,
        "text_layer": facts.sample.text_layer,
        "word_count": sandbox.call(_words, path),
        **{name: value for name, value in _properties(path, facts).items() if value},
    }


def _properties(path: Path, facts: "PdfFacts") -> dict[str, Any]:
    described = sandbox.call(metadata.read_metadata, path)
    return {
        "title": described.title,
        "author": "; ".join(described.authors),
        "subject": described.description,
        "keywords": list(described.keywords),
        "lang": facts.info.language,
        "producer": facts.info.producer,
        "creator_tool": facts.info.creator_tool,
        "pdfa_claim": facts.claims.pdfa,
        "pdfua_claim": facts.claims.pdfua,
    }


def _words(path: Path) -> int:
    import pypdfium2 as pdfium

    total = 0
    try:
        with opening.drawable(path) as document:
            for number in range(len(document)):
                total += _words_on(document, number)
    except pdfium.PdfiumError:  # the findings of validation say so
        return total
    return total


def _words_on(document: "pdfium.PdfDocument", number: int) -> int:
    """The words of a page; none of one that cannot be loaded."""
    import pypdfium2 as pdfium

    try:
        page = document[number]
    except pdfium.PdfiumError:
        return 0
    spoken = page.get_textpage()
    words = text.word_count(spoken.get_text_bounded())
    spoken.close()
    page.close()
    return words
