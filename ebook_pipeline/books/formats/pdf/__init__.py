"""PDF manuscripts: damage, locks, active content, fonts, boxes, claims, tags, and text to read.

ISO 32000-2, https://pdfa.org/resource/iso-32000-2/. A PDF library is imported only by what parses
files, in the sandbox: this module, `facts` and `pdf_findings` are light.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.books.formats.pdf.facts import MOST_PAGES, Damage, PageSample, PdfFacts
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Limits

__all__ = ["LIMITS", "UNSAFE", "PdfFacts", "inspect", "refuse_unsafe"]

T = TypeVar("T")

SHARED_BY_STEPS = ("ebook_pipeline.books.formats.pdf.inspection",)
LIMITS = Limits(seconds=60, megabytes=650)
"""For one step; what the file itself takes comes on top, for it is mapped into memory."""
UNSAFE = "pdf.unsafe"
"""The rule of what is not let near other programs."""
_PAGES = 280
"""MiB for what pages draw, besides what a child begins with; a trap is what takes more."""


_DRAWING_SECONDS = 5
"""Of processor time for the pages with patterns; a page of 100,000 tiles takes 0.1."""


def inspect(path: Path) -> tuple[tuple[Finding, ...], PdfFacts]:
    """What is wrong with the PDF at `path`, and its facts.

    Each step runs in a child process. Raises BookError (``sandbox.…``) where the first, without
    which nothing is known of the file, asks for too much; a later one that gives up is a finding.
    """
    length = path.stat().st_size >> 20
    limits = replace(LIMITS, megabytes=LIMITS.megabytes + length)
    drawing = replace(LIMITS, megabytes=_PAGES + length)
    findings, facts = sandbox.call(_structure, path, limits=limits)
    if not 0 < facts.pages <= MOST_PAGES:
        return tuple(findings), facts
    broken, damage = _tried(_syntax, path, limits, ([], Damage()))
    if damage.faults:
        broken = [*broken, *_tried(_wholeness, path, drawing, ([], None))[0]]
    shown, sample = _tried(_pages, path, drawing, ([], PageSample()))
    shown = [*shown, *_endless_patterns(path, replace(drawing, seconds=_DRAWING_SECONDS))]
    return (*broken, *findings, *shown), replace(facts, damage=damage, sample=sample)


def _endless_patterns(path: Path, limits: Limits) -> Iterable[Finding]:
    """A finding where the patterns of a page can't be drawn within `limits`."""
    try:
        return sandbox.call(_patterns, path, limits=limits)
    except BookError as error:
        text = f"A pattern of the file can not be drawn: {error.finding.message}"
        return [pdf_findings.error(UNSAFE, text, pdf_findings.RESAVE)]


def _patterns(path: Path) -> list[Finding]:
    from ebook_pipeline.books.formats.pdf import patterns

    patterns.draw(path)
    return []


def refuse_unsafe(findings: Iterable[Finding]) -> None:
    """Raise BookError (``pdf.unsafe``) where these say that the file kills what reads it."""
    for finding in findings:
        if finding.rule == UNSAFE:
            raise BookError.of(finding)


def _tried(
    step: Callable[[Path], tuple[list[Finding], T]],
    path: Path,
    limits: Limits,
    otherwise: tuple[list[Finding], T],
) -> tuple[list[Finding], T]:
    """What `step` gives, or a finding and `otherwise` where it gives up.

    Time is a limit of ours: a person looks. What kills the check, or wants more memory than whole
    books do, is not let near other programs.
    """
    try:
        return sandbox.call(step, path, limits=limits)
    except BookError as error:
        text = f"A part of the file could not be checked: {error.finding.message}"
        if error.finding.rule == "sandbox.time":
            finding = pdf_findings.warning("pdf.unchecked", text, pdf_findings.RESAVE)
        else:
            finding = pdf_findings.error(UNSAFE, text, pdf_findings.RESAVE)
        return [finding], otherwise[1]


def _structure(path: Path) -> tuple[list[Finding], PdfFacts]:
    from ebook_pipeline.books.formats.pdf import inspection

    return inspection.inspect_structure(path)


def _syntax(path: Path) -> tuple[list[Finding], Damage]:
    from ebook_pipeline.books.formats.pdf import inspection

    return inspection.inspect_syntax(path)


def _wholeness(path: Path) -> tuple[list[Finding], None]:
    from ebook_pipeline.books.formats.pdf import inspection

    return inspection.inspect_wholeness(path)


def _pages(path: Path) -> tuple[list[Finding], PageSample]:
    from ebook_pipeline.books.formats.pdf import inspection

    return inspection.inspect_pages(path)
