"""Tables that a screen reader can tell cell by cell: WCAG 1.3.1."""

from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    XHTML,
    Document,
    has_name,
    is_decoration,
    words,
)
from ebook_pipeline.books.validating.accessibility.faults import Fault

_SCOPES = frozenset({"row", "col", "rowgroup", "colgroup"})
_LARGE = 3
_ROWS_LOOKED_AT = 100


def faults(document: Document) -> Iterator[Fault]:
    """Large tables without headers, headers without words or with wrong references."""
    for table in document.seen("table"):
        if is_decoration(table):
            continue
        headers = list(table.iter(f"{XHTML}th"))
        if not headers and _is_large(table) and not _marked(table):
            yield document.fault("td-has-header", table)
        for header in headers:
            if not has_name(document, header):
                yield document.fault("empty-table-header", header)
            if header.get("scope") and (header.get("scope") or "").lower() not in _SCOPES:
                yield document.fault("scope-attr-valid", header, repr(header.get("scope")))
        yield from _references(document, table)


def _is_large(table: etree._Element) -> bool:
    rows = list(table.iter(f"{XHTML}tr"))
    widest = max((len(row) for row in rows[:_ROWS_LOOKED_AT]), default=0)
    return len(rows) >= _LARGE and widest >= _LARGE


def _marked(table: etree._Element) -> bool:
    return any(cell.get("scope") or cell.get("headers") for cell in table.iter(f"{XHTML}td"))


def _references(document: Document, table: etree._Element) -> Iterator[Fault]:
    ids = None
    for cell in table.iter(f"{XHTML}td", f"{XHTML}th"):
        named = set(words(cell.get("headers")))
        if not named:
            continue
        if ids is None:
            ids = {one.get("id") for one in table.iter(f"{XHTML}th", f"{XHTML}td")}
        if not named <= ids:
            yield document.fault("td-headers-attr", cell, " ".join(sorted(named - ids))[:80])
