"""Tables that a screen reader can tell cell by cell: WCAG 1.3.1."""

from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    XHTML,
    ContentDocument,
    has_accessible_name,
    is_decoration,
    tokens_of,
)
from ebook_pipeline.books.validating.accessibility.violations import Violation

_SCOPES = frozenset({"row", "col", "rowgroup", "colgroup"})
_LARGE = 3
"""Rows and columns from which a table is a table, and no layout or pair of names and values."""
_ROWS_LOOKED_AT = 100
"""The first rows of a table, by which its width is told."""


def violations(document: ContentDocument) -> Iterator[Violation]:
    """Large tables without headers, headers without words or with wrong references."""
    for table in document.visible_elements("table"):
        if is_decoration(table):
            continue
        headers = list(table.iter(f"{XHTML}th"))
        if not headers and _is_large(table) and not _marked(table):
            yield document.violation("td-has-header", table)
        for header in headers:
            if not has_accessible_name(document, header):
                yield document.violation("empty-table-header", header)
            if header.get("scope") and (header.get("scope") or "").lower() not in _SCOPES:
                yield document.violation("scope-attr-valid", header, repr(header.get("scope")))
        yield from _references(document, table)


def _is_large(table: etree._Element) -> bool:
    rows = list(table.iter(f"{XHTML}tr"))
    widest = max((len(row) for row in rows[:_ROWS_LOOKED_AT]), default=0)
    return len(rows) >= _LARGE and widest >= _LARGE


def _marked(table: etree._Element) -> bool:
    return any(cell.get("scope") or cell.get("headers") for cell in table.iter(f"{XHTML}td"))


def _references(document: ContentDocument, table: etree._Element) -> Iterator[Violation]:
    ids = None
    for cell in table.iter(f"{XHTML}td", f"{XHTML}th"):
        named = set(tokens_of(cell.get("headers")))
        if not named:
            continue
        if ids is None:
            ids = {cell.get("id") for cell in table.iter(f"{XHTML}th", f"{XHTML}td")}
        if not named <= ids:
            yield document.violation("td-headers-attr", cell, " ".join(sorted(named - ids))[:80])
