"""What a PDF claims to be, PDF/A, PDF/UA or PDF/X, and what in the file contradicts it.

A claim is metadata that anybody can write; a validator for the whole standard (veraPDF) is another
program. Here are the contradictions that can be seen without doubt.
ISO 19005 (PDF/A), ISO 14289 (PDF/UA), ISO 15930 (PDF/X).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.facts import ConformanceClaims, PdfFacts
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted, listed

_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
_PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"
_PDFX = "{http://www.npes.org/pdfx/ns/id/}"
_LEVELS = {"1": "AB", "2": "ABU", "3": "ABU", "4": "EF"}
_VERSIONS = {"1": (1, 4), "2": (1, 7), "3": (1, 7), "4": (2, 0)}
_PROGRAM = "Export it again with that standard chosen, or leave the claim out."
CLAIM_KEYS = tuple(
    [f"{_PDFA}{key}" for key in ("part", "conformance")]
    + [f"{_PDFUA}part", f"{_PDFX}GTS_PDFXVersion"]
)


@dataclass(frozen=True)
class _Standard:
    """What is claimed, as people write it, and the rule of its findings."""

    name: str
    rule: str


def read_claims(xmp: dict[str, str], pdf: pikepdf.Pdf) -> ConformanceClaims:
    """The claims of the XMP packet (its values by `CLAIM_KEYS`) and of the older dictionary."""
    part, level = xmp.get(f"{_PDFA}part", ""), xmp.get(f"{_PDFA}conformance", "")
    older = objects.text(objects.entry(pdf.trailer, "/Info", "/GTS_PDFXVersion"))
    return ConformanceClaims(
        pdfa=f"{part}{level.lower()}"[:8],
        pdfua=xmp.get(f"{_PDFUA}part", "")[:8],
        pdfx=(xmp.get(f"{_PDFX}GTS_PDFXVersion", "") or older)[:40],
    )


def check(facts: PdfFacts, pdf: pikepdf.Pdf) -> Iterator[Finding]:
    """Each claim, and what contradicts it; `facts` are those of all other checks."""
    claims = facts.claims
    if claims.pdfa:
        told = _Standard(f"PDF/A-{claims.pdfa}", "pdf.claim-pdfa")
        yield from _claim_findings(told, [*_archival(facts, pdf)])
    if claims.pdfua:
        told = _Standard(f"PDF/UA-{claims.pdfua}", "pdf.claim-pdfua")
        yield from _claim_findings(told, [*_universal(facts)])
    if claims.pdfx:
        told = _Standard(claims.pdfx, "pdf.claim-pdfx")
        yield from _claim_findings(told, [*_printed(facts, pdf)])


def _claim_findings(standard: _Standard, contradictions: list[str]) -> Iterator[Finding]:
    text = f"The file claims to be {standard.name}; we have not verified that."
    yield pdf_findings.info(standard.rule, text)
    for contradiction in contradictions:
        text = f"The file claims to be {standard.name}, but {contradiction}."
        yield pdf_findings.warning(f"{standard.rule}-contradicted", text, _PROGRAM)


def _archival(facts: PdfFacts, pdf: pikepdf.Pdf) -> Iterator[str]:
    part, level = facts.claims.pdfa[:1], facts.claims.pdfa[1:].upper()
    if part not in _LEVELS or (level and level not in _LEVELS[part]):
        yield "there is no such part and level"
    yield from _common(facts)
    if facts.actions.outside or facts.actions.media or facts.actions.launches:
        yield "holds actions or media that the standard forbids"
    if _version(facts) > _VERSIONS.get(part, (2, 0)):
        yield f"is written as PDF {facts.version}"
    if not objects.array_items(objects.entry(pdf.Root, "/OutputIntents")):
        yield "names no output intent: its colours are defined only if none depends on a device"
    if level == "A" and not facts.tags.marked:
        yield "is not tagged, as its level A asks"
    if facts.attachments and part in "12":
        yield "carries attached files"
    if facts.form is not None and facts.form.xfa:
        yield "holds an XFA form"


def _universal(facts: PdfFacts) -> Iterator[str]:
    if not facts.tags.tagged:
        yield "is not tagged"
    if not facts.info.language:
        yield "names no language"
    if not facts.info.title:
        yield "has no title"
    elif not facts.tags.shows_title:
        yield "shows its file name instead of its title"
    if facts.tags.suspect:
        yield "calls its own tags suspect"
    if facts.tags.figures_without_text:
        yield f"describes {facts.tags.figures_without_text} of its figures by no text"
    if facts.encryption is not None and not facts.encryption.may("accessibility"):
        yield "forbids reading aloud"
    if facts.fonts.missing:
        yield f"does not embed {listed(facts.fonts.missing)}"
    if facts.fonts.unreadable:
        yield "has fonts whose characters can not be told"


def _printed(facts: PdfFacts, pdf: pikepdf.Pdf) -> Iterator[str]:
    yield from _common(facts)
    if not objects.array_items(objects.entry(pdf.Root, "/OutputIntents")):
        yield "names no output intent"
    if facts.pages and facts.boxes.trimmed < facts.pages:
        yield f"has no trim box on {counted(facts.pages - facts.boxes.trimmed, 'page')}"


def _common(facts: PdfFacts) -> Iterator[str]:
    if facts.encryption is not None:
        yield "is encrypted"
    if facts.actions.scripts:
        yield "carries scripts"
    if facts.fonts.missing:
        yield f"does not embed {listed(facts.fonts.missing)}"


def _version(facts: PdfFacts) -> tuple[int, ...]:
    return tuple(int(part) for part in facts.version.split(".") if part.isdigit())
