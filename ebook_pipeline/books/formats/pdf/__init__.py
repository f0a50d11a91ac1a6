"""PDF manuscripts: damage, locks, active content, fonts, boxes, claims, tags, and text to read.

ISO 32000-2, https://pdfa.org/resource/iso-32000-2/. A PDF library is imported only by what parses
files, in the sandbox: this module, `facts` and `places` are light.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ebook_pipeline.books.formats.pdf import places
from ebook_pipeline.books.formats.pdf.facts import MOST_PAGES, Damage, Looks, PdfFacts
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Limits

__all__ = ["LIMITS", "PdfFacts", "inspect"]

T = TypeVar("T")

LIMITS = Limits(seconds=60, megabytes=650)
"""For one step; what the file itself takes comes on top, for it is mapped into memory."""


def inspect(path: Path) -> tuple[tuple[Finding, ...], PdfFacts]:
    """What is wrong with the PDF at `path`, and its facts.

    Each step runs in a child process. Raises BookError (``sandbox.…``) where the first, without
    which nothing is known of the file, asks for too much; a later one that gives up is a finding.
    """
    limits = replace(LIMITS, megabytes=LIMITS.megabytes + (path.stat().st_size >> 20))
    findings, facts = sandbox.call(_structure, path, limits=limits)
    if not 0 < facts.pages <= MOST_PAGES:
        return tuple(findings), facts
    broken, damage = _tried(_syntax, path, limits, ([], Damage()))
    shown, looks = _tried(_looks, path, limits, ([], Looks()))
    return (*broken, *findings, *shown), replace(facts, damage=damage, looks=looks)


def _tried(
    step: Callable[[Path], tuple[list[Finding], T]],
    path: Path,
    limits: Limits,
    otherwise: tuple[list[Finding], T],
) -> tuple[list[Finding], T]:
    try:
        return sandbox.call(step, path, limits=limits)
    except BookError as error:
        text = f"A part of the file could not be checked: {error.finding.message}"
        return [places.warning("pdf.unchecked", text, places.RESAVE)], otherwise[1]


def _structure(path: Path) -> tuple[list[Finding], PdfFacts]:
    from ebook_pipeline.books.formats.pdf import inspection

    return inspection.structure(path)


def _syntax(path: Path) -> tuple[list[Finding], Damage]:
    from ebook_pipeline.books.formats.pdf import inspection

    return inspection.syntax(path)


def _looks(path: Path) -> tuple[list[Finding], Looks]:
    from ebook_pipeline.books.formats.pdf import inspection

    return inspection.looks(path)
