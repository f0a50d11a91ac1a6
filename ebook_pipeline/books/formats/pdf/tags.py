"""The structure of a PDF for those who do not see it: tags, language, title, described figures.

ISO 32000-2 §14.7 (logical structure), §14.8 (tagged PDF); ISO 14289-1 (PDF/UA).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.facts import DocumentInfo, Tags
from ebook_pipeline.books.formats.pdf.objects import ObjectId
from ebook_pipeline.foundation.findings import Finding

MOST_ELEMENTS = 50_000
SECONDS = 5
"""Of processor time for the structure tree."""
_HEADING = re.compile(r"H([1-9])")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,10}")
_EXPORT_TAGGED = "Export the PDF with tags (in Word and LibreOffice: “Tagged PDF”)."
_EXPORT_ALT = "Describe the pictures in the document and export the PDF again with tags."


@dataclass
class _Seen:
    elements: int = 0
    figures: int = 0
    bare: int = 0
    headings: list[int] = field(default_factory=list)


def check(pdf: pikepdf.Pdf) -> Tags:
    """The structure tree, its first fifty thousand elements."""
    root = objects.entry(pdf.Root, "/StructTreeRoot")
    marks = objects.entry(pdf.Root, "/MarkInfo")
    roles = {key[1:]: objects.name(role) for key, role in objects.dictionary_items(_roles(root))}
    seen, budget = _Seen(), objects.TimeBudget(SECONDS)
    for element in _walk(root, seen, budget):
        _element(element, roles, seen)
    return Tags(
        marked=objects.entry(marks, "/Marked") is True,
        suspect=objects.entry(marks, "/Suspects") is True,
        elements=seen.elements,
        figures=seen.figures,
        figures_without_text=seen.bare,
        headings=len(seen.headings),
        headings_skip=_skips(seen.headings),
        shows_title=objects.entry(pdf.Root, "/ViewerPreferences", "/DisplayDocTitle") is True,
    )


def findings(tags: Tags, described: DocumentInfo, may_be_read: bool) -> Iterator[Finding]:
    """What keeps the PDF from those who do not see it; nothing here blocks a sale."""
    if not tags.tagged:
        text = "The PDF is not tagged: screen readers guess its order and headings."
        yield pdf_findings.warning("accessibility.pdf-untagged", text, _EXPORT_TAGGED)
    yield from _language(described.language)
    if not described.title:
        text = "The PDF names no title in its metadata: readers show its file name."
        yield pdf_findings.info(
            "accessibility.pdf-title", text, "Fill in the document's properties."
        )
    elif tags.tagged and not tags.shows_title:
        text = "Readers show the file's name instead of its title (DisplayDocTitle)."
        remedy = "Choose “show document title” in the export's or the document's settings."
        yield pdf_findings.info("accessibility.pdf-title-shown", text, remedy)
    yield from _figures(tags)
    if tags.headings_skip:
        text = "The headings leave out a level, or do not begin with the first."
        remedy = "Use the heading styles in their order."
        yield pdf_findings.info("accessibility.pdf-headings", text, remedy)
    if not may_be_read:
        text = "The file forbids its text to be read aloud."
        yield pdf_findings.warning("accessibility.pdf-locked", text, pdf_findings.UNLOCK)


def _language(language: str) -> Iterator[Finding]:
    remedy = "Set the language in the document's properties and export again."
    if not language:
        text = "The PDF does not say which language it is in: screen readers guess."
        yield pdf_findings.warning("accessibility.pdf-language", text, remedy)
    elif not _LANGUAGE.fullmatch(language):
        text = f"{language[:40]!r} is no language tag (BCP 47)."
        yield pdf_findings.warning("accessibility.pdf-language", text, remedy)


def _figures(tags: Tags) -> Iterator[Finding]:
    if tags.figures_without_text:
        text = f"{tags.figures_without_text} of {tags.figures} figures have no alternative text."
        yield pdf_findings.warning("accessibility.pdf-alt", text, _EXPORT_ALT)
    if tags.suspect:
        text = "The file says itself that its tags may be wrong (Suspects)."
        yield pdf_findings.info("accessibility.pdf-suspect", text, _EXPORT_TAGGED)


def _roles(root: object) -> object:
    return objects.entry(root, "/RoleMap")


def _walk(root: object, seen: _Seen, budget: objects.TimeBudget) -> Iterator[object]:
    """Structure elements in reading order; each once."""
    known: set[ObjectId] = set()
    waiting = _kids(root)[::-1]
    while waiting and seen.elements < MOST_ELEMENTS and not budget.spent:
        element = waiting.pop()
        identity = objects.object_id(element)
        if identity in known or not objects.name(objects.entry(element, "/S")):
            continue
        if identity is not None:
            known.add(identity)
        seen.elements += 1
        yield element
        waiting += _kids(element)[::-1]


def _kids(element: object) -> list[object]:
    kids = objects.entry(element, "/K")
    return objects.array_items(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _element(element: object, roles: dict[str, str], seen: _Seen) -> None:
    kind = objects.name(objects.entry(element, "/S"))
    kind = roles.get(kind, kind)
    if kind == "Figure":
        seen.figures += 1
        alternatives = (objects.entry(element, key) for key in ("/Alt", "/ActualText"))
        seen.bare += not any(isinstance(text, pikepdf.String) for text in alternatives)
    heading = _HEADING.fullmatch(kind)
    if heading:
        seen.headings.append(int(heading[1]))


def _skips(levels: list[int]) -> bool:
    """Whether a heading is more than one level below the one before it."""
    return any(level > before + 1 for before, level in zip([0, *levels], levels, strict=False))
