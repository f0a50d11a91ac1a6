"""Titles and headings: WCAG 2.4.2 and 1.3.1."""

import re
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    XHTML,
    ContentDocument,
    has_accessible_name,
    is_decoration,
    is_hidden,
    local_name,
    tokens_of,
)
from ebook_pipeline.books.validating.accessibility.violations import Violation

_NAMES = tuple(f"{XHTML}h{level}" for level in range(1, 7))


def violations(document: ContentDocument) -> Iterator[Violation]:
    """A missing title, levels that are skipped, headings without words."""
    if document.is_svg:
        return
    if not _title(document.root):
        yield document.violation("document-title", document.root)
    before = None
    for heading in _headings(document.root):
        level = _level(heading)
        if before is not None and level > before + 1:
            yield document.violation("heading-order", heading, f"h{level} after h{before}")
        before = level
        if not has_accessible_name(document, heading):
            yield document.violation("empty-heading", heading)


def _title(root: etree._Element) -> str:
    title = root.find(f"{XHTML}head/{XHTML}title")
    return "" if title is None else "".join(title.itertext()).strip()  # type: ignore[arg-type]


def _headings(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter("*"):
        plain = element.tag in _NAMES and not element.get("role")
        if (plain or "heading" in tokens_of(element.get("role"))) and not (
            is_hidden(element) or is_decoration(element)
        ):
            yield element


def _level(heading: etree._Element) -> int:
    level = heading.get("aria-level") or ""
    if re.fullmatch(r"[1-9]", level):
        return int(level)
    return int(local_name(heading)[1]) if heading.tag in _NAMES else 2
