"""All that is checked of a PDF, in four steps that a sandbox can run separately.

Each part of the first step is checked on its own: one that can not be read, for it contradicts the
standard too much, is a finding, and the other parts are still reported.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pikepdf

from ebook_pipeline.books.formats.pdf import (
    actions,
    annotations,
    boxes,
    claims,
    damage,
    encryption,
    fonts,
    metadata,
    objects,
    opening,
    outline,
    pdf_findings,
    tags,
    text_layer,
    wholeness,
)
from ebook_pipeline.books.formats.pdf.destinations import Destinations
from ebook_pipeline.books.formats.pdf.facts import (
    MOST_PAGES,
    Actions,
    Annotations,
    Boxes,
    Damage,
    Fonts,
    Outline,
    PageSample,
    PdfFacts,
    Tags,
)
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted

T = TypeVar("T")


def reader() -> str:
    """What reads the files: ``qpdf 12.2.0``."""
    return f"qpdf {pikepdf.__libqpdf_version__}"


def inspect_structure(path: Path) -> tuple[list[Finding], PdfFacts]:
    """What the file is made of; whether it opens at all."""
    findings, facts = _structure(path)
    return findings, replace(facts, reader=reader())


def _structure(path: Path) -> tuple[list[Finding], PdfFacts]:
    try:
        with opening.opened(path) as pdf:
            return _Structure(pdf, path).read()
    except pikepdf.PasswordError:
        encrypted, finding = encryption.password_protected(path)
        return [finding], PdfFacts(needs_password=True, encryption=encrypted)
    except objects.UNREADABLE as error:
        return [opening.unopenable_finding(error, path)], PdfFacts()


def inspect_syntax(path: Path) -> tuple[list[Finding], Damage]:
    """Every stream decoded once."""
    try:
        facts, findings = damage.check(path)
    except objects.UNREADABLE as error:
        return [_not_written(error, path)], Damage()
    return findings, facts


def inspect_wholeness(path: Path) -> tuple[list[Finding], None]:
    """Whether all pages of a damaged file are there."""
    try:
        return wholeness.check(path), None
    except objects.UNREADABLE as error:
        return [_not_written(error, path)], None


def _not_written(error: Exception, path: Path) -> Finding:
    text = f"The file can not be written anew: {pdf_findings.without_path(error, path)}"
    return pdf_findings.error("pdf.damaged", text, pdf_findings.RESAVE)


def inspect_pages(path: Path) -> tuple[list[Finding], PageSample]:
    """A sample of the pages, drawn."""
    facts, findings = text_layer.check(path)
    return findings, facts


class _Structure:
    """One open file, its findings gathered part by part."""

    def __init__(self, pdf: pikepdf.Pdf, path: Path) -> None:
        self._pdf, self._path = pdf, path
        self._pages: list[object] = [page.obj for page in pdf.pages]
        self._findings: list[Finding] = []
        self._guessed = sum(
            "MediaBox is undefined" in str(problem) for problem in pdf.get_warnings()
        )

    def read(self) -> tuple[list[Finding], PdfFacts]:
        self._count()
        if not 0 < len(self._pages) <= MOST_PAGES:
            return self._findings, PdfFacts(version=self._version(), pages=len(self._pages))
        lock = self._part("encryption", lambda: encryption.check(self._pdf), None)
        facts = PdfFacts(version=self._version(), pages=len(self._pages), encryption=lock)
        facts = self._described(self._carried(self._drawn(facts)))
        self._part("claims", lambda: (None, list(claims.check(facts, self._pdf))), None)
        readable = lock is None or lock.may("accessibility")
        self._findings += tags.findings(facts.tags, facts.info, readable)
        return self._findings, facts

    def _version(self) -> str:
        """The header's version, or the later one that the catalogue names (§7.2.2)."""
        return max(
            str(self._pdf.pdf_version), objects.name(objects.entry(self._pdf.Root, "/Version"))
        )

    def _count(self) -> None:
        if not self._pages:
            finding = pdf_findings.error(
                "pdf.no-pages", "The file has no pages.", pdf_findings.RESAVE
            )
            self._findings.append(finding)
        if self._guessed:
            text = f"{counted(self._guessed, 'page')} without a size: US Letter is assumed."
            remedy = "Set the page size in the layout program and export the PDF again."
            self._findings.append(pdf_findings.warning("pdf.box-missing", text, remedy))
        if len(self._pages) > MOST_PAGES:
            text = f"The file has {len(self._pages)} pages; {MOST_PAGES} are allowed."
            finding = pdf_findings.error("pdf.pages", text, "Split the book into volumes.")
            self._findings.append(finding)

    def _drawn(self, facts: PdfFacts) -> PdfFacts:
        pages = self._pages
        return replace(
            facts,
            boxes=self._part("page boxes", lambda: boxes.check(pages), Boxes()),
            fonts=self._part("fonts", lambda: fonts.check(pages), Fonts()),
        )

    def _carried(self, facts: PdfFacts) -> PdfFacts:
        pdf, pages = self._pdf, self._pages
        leads = Destinations(pdf, pages)
        notes = self._part("annotations", lambda: annotations.check(pages, leads), Annotations())
        return replace(
            facts,
            actions=self._acting(),
            annotations=notes,
            form=self._part("form", lambda: annotations.check_form(pdf), None),
            attachments=self._part(
                "attachments", lambda: annotations.check_attachments(pdf, notes), ()
            ),
            outline=self._part(
                "bookmarks", lambda: outline.check(pdf, len(pages), leads), Outline()
            ),
        )

    def _acting(self) -> Actions:
        """Objects that can't be searched for scripts make the whole file unreadable."""
        facts, findings = actions.check(self._pdf)
        self._findings += findings
        return facts

    def _described(self, facts: PdfFacts) -> PdfFacts:
        xmp = metadata.xmp_properties(self._pdf, claims.CLAIM_KEYS)
        return replace(
            facts,
            info=metadata.document_info(self._pdf),
            claims=claims.read_claims(xmp, self._pdf),
            tags=self._part("tags", lambda: (tags.check(self._pdf), []), Tags()),
        )

    def _part(self, named: str, check: Callable[[], tuple[T, list[Finding]]], otherwise: T) -> T:
        try:
            facts, findings = check()
        except objects.UNREADABLE as error:
            text = f"The {named} can not be read: {pdf_findings.without_path(error, self._path)}"
            facts, findings = (
                otherwise,
                [pdf_findings.warning("pdf.structure", text, pdf_findings.RESAVE)],
            )
        self._findings += findings
        return facts
