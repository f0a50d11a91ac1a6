"""All that is checked of a PDF, in three steps that a sandbox can run apart.

Each part of the first step is checked for itself: where one contradicts the standard so far that it
can not be read, that is a finding, and the other parts are still told.
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
    places,
    tags,
    text_layer,
)
from ebook_pipeline.books.formats.pdf.destinations import Destinations
from ebook_pipeline.books.formats.pdf.facts import (
    MOST_PAGES,
    Actions,
    Boxes,
    Damage,
    Fonts,
    Looks,
    Notes,
    Outline,
    PdfFacts,
    Tags,
)
from ebook_pipeline.foundation.findings import Finding

T = TypeVar("T")


def structure(path: Path) -> tuple[list[Finding], PdfFacts]:
    """What the file is made of; whether it opens at all."""
    try:
        with opening.opened(path) as pdf:
            return _Structure(pdf, path).read()
    except pikepdf.PasswordError:
        found, finding = encryption.locked(path)
        return [finding], PdfFacts(needs_password=True, encryption=found)
    except objects.UNREADABLE as error:
        return [encryption.lock_of(path) or opening.damaged(error, path)], PdfFacts()


def syntax(path: Path) -> tuple[list[Finding], Damage]:
    """Every stream decoded once."""
    try:
        facts, findings = damage.check(path)
    except objects.UNREADABLE as error:
        text = f"The file can not be written anew: {places.anonymous(error, path)}"
        return [places.error("pdf.damaged", text, places.RESAVE)], Damage()
    return findings, facts


def looks(path: Path) -> tuple[list[Finding], Looks]:
    """A sample of the pages, drawn."""
    facts, findings = text_layer.check(path)
    return findings, facts


class _Structure:
    """One open file, its findings gathered part by part."""

    def __init__(self, pdf: pikepdf.Pdf, path: Path) -> None:
        self._pdf, self._path = pdf, path
        self._pages: list[object] = [page.obj for page in pdf.pages]
        self._findings: list[Finding] = []
        self._guessed = sum("MediaBox is undefined" in str(one) for one in pdf.get_warnings())

    def read(self) -> tuple[list[Finding], PdfFacts]:
        self._count()
        if not 0 < len(self._pages) <= MOST_PAGES:
            return self._findings, PdfFacts(version=self._version(), pages=len(self._pages))
        lock = self._part("encryption", lambda: encryption.check(self._pdf), None)
        facts = PdfFacts(version=self._version(), pages=len(self._pages), encryption=lock)
        facts = self._described(self._carried(self._drawn(facts)))
        self._part("claims", lambda: (None, list(claims.check(facts, self._pdf))), None)
        readable = lock is None or lock.may("accessibility")
        self._findings += tags.findings(facts.tags, facts.described, readable)
        return self._findings, facts

    def _version(self) -> str:
        """The header's version, or the later one that the catalogue names (§7.2.2)."""
        return max(
            str(self._pdf.pdf_version), objects.name(objects.entry(self._pdf.Root, "/Version"))
        )

    def _count(self) -> None:
        if not self._pages:
            finding = places.error("pdf.no-pages", "The file has no pages.", places.RESAVE)
            self._findings.append(finding)
        if self._guessed:
            text = f"{places.counted(self._guessed, 'page')} without a size: US Letter is assumed."
            remedy = "Set the page size in the layout program and export the PDF again."
            self._findings.append(places.warning("pdf.box-missing", text, remedy))
        if len(self._pages) > MOST_PAGES:
            text = f"The file has {len(self._pages)} pages; {MOST_PAGES} are allowed."
            finding = places.error("pdf.pages", text, "Split the book into volumes.")
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
        notes = self._part("annotations", lambda: annotations.check(pages, leads), Notes())
        return replace(
            facts,
            actions=self._acting(),
            notes=notes,
            form=self._part("form", lambda: annotations.form(pdf), None),
            attachments=self._part("attachments", lambda: annotations.attached(pdf, notes), ()),
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
        said = metadata.packet(self._pdf, claims.KEYS)
        return replace(
            facts,
            described=metadata.described(self._pdf),
            claims=claims.read(said, self._pdf),
            tags=self._part("tags", lambda: (tags.check(self._pdf), []), Tags()),
        )

    def _part(self, named: str, check: Callable[[], tuple[T, list[Finding]]], otherwise: T) -> T:
        try:
            facts, findings = check()
        except objects.UNREADABLE as error:
            text = f"The {named} can not be read: {places.anonymous(error, self._path)}"
            facts, findings = otherwise, [places.warning("pdf.structure", text, places.RESAVE)]
        self._findings += findings
        return facts
