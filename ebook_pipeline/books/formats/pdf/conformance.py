"""What readers are told of a PDF's accessibility: what it claims, and what contradicts that.

ISO 14289-1 (PDF/UA-1), https://pdfa.org/resource/iso-14289-pdfua/. A program can find faults; it
can not prove that there are none.
"""

from ebook_pipeline.books.formats.pdf.facts import PdfFacts
from ebook_pipeline.books.records import Conformance, ConformanceStatus
from ebook_pipeline.foundation.wording import counted

STANDARD = "PDF/UA-1 (ISO 14289-1)"


def conformance(facts: PdfFacts) -> Conformance:
    """The statement on a PDF that opened."""
    claimed = (f"PDF/UA-{facts.claims.pdfua}",) if facts.claims.pdfua else ()
    unmet = _unmet(facts)
    return Conformance(
        standard=STANDARD,
        claimed=claimed,
        status=_status(claimed, unmet, facts),
        statement=" ".join(
            [_claim(claimed), _structure(facts), _text(facts), _figures(facts)]
        ).strip(),
        unmet=unmet,
    )


def _unmet(facts: PdfFacts) -> tuple[str, ...]:
    """Clauses of ISO 14289-1 that the file breaks without doubt."""
    locked = facts.encryption is not None and not facts.encryption.may("accessibility")
    broken = {
        "7.1 tagged content": not facts.tags.tagged or facts.tags.suspect,
        "7.1 title": not (facts.info.title and facts.tags.shows_title),
        "7.2 language": not facts.info.language,
        "7.3 graphics": facts.tags.figures_without_text > 0,
        "7.16 security": locked,
        "7.21.4 font embedding": bool(facts.fonts.missing),
        "7.21.7 characters of fonts": facts.fonts.unreadable > 0,
    }
    return tuple(clause for clause, is_broken in broken.items() if is_broken)


def _status(claimed: tuple[str, ...], unmet: tuple[str, ...], facts: PdfFacts) -> ConformanceStatus:
    if unmet:
        return ConformanceStatus.FAULTS_FOUND
    if not facts.sample.sampled:
        return ConformanceStatus.NOT_FULLY_CHECKED
    return ConformanceStatus.CLAIMED if claimed else ConformanceStatus.NOT_CLAIMED


def _claim(claimed: tuple[str, ...]) -> str:
    if claimed:
        return f"The publisher says that this PDF meets {claimed[0]}."
    return "The publisher does not say that this PDF meets an accessibility standard."


def _structure(facts: PdfFacts) -> str:
    if not facts.tags.tagged:
        return "It is not tagged: screen readers have to guess its order and headings."
    headings = counted(facts.tags.headings, "heading") if facts.tags.headings else "no headings"
    return f"It is tagged, with {headings}, for screen readers to follow."


def _text(facts: PdfFacts) -> str:
    sample = facts.sample
    if not sample.sampled:
        return "Whether its text can be read aloud was not checked."
    if not sample.text_layer:
        return "It has no text that can be read aloud."
    if sample.recognised * 2 > sample.sampled:
        return "Its text was recognised from scans by a program and may have errors."
    return "Its text can be read aloud and searched."


def _figures(facts: PdfFacts) -> str:
    tags = facts.tags
    if not tags.figures:
        return ""
    described = tags.figures - tags.figures_without_text
    return f"{described} of its {counted(tags.figures, 'figure')} have alternative text."
