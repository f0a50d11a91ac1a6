"""Tables mended: rows hold cells, tables hold rows; what is neither stands before the table.

https://html.spec.whatwg.org/multipage/tables.html#the-table-element
"""

from lxml import etree

_H = "{http://www.w3.org/1999/xhtml}"
_ORDER = ("caption", "colgroup", "thead", "tbody", "tfoot")
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_ONCE = frozenset({"caption", "thead", "tfoot"})


def mend_table(table: etree._Element) -> None:
    """Mend `table`, an XHTML element, in place; one without a row becomes a block of its text."""
    for group in [table, *(child for child in table if _name(child) in _GROUPS)]:
        _only_rows(group, table)
    for row in table.iter(f"{_H}tr"):
        if _table_of(row) is table:
            _only_cells(row)
    _sort(table)
    if not any(_name(child) in _GROUPS for child in table):
        table.tag = f"{_H}div"
        for child in list(table):
            if _name(child) == "colgroup":
                table.remove(child)
            elif _name(child) == "caption":
                child.tag = f"{_H}div"


def _only_rows(group: etree._Element, table: etree._Element) -> None:
    """Text and elements that are no part of a table go before it, as browsers do."""
    allowed = {"tr"} if group is not table else {*_ORDER, "tr", "col"}
    if (group.text or "").strip():
        _before(table, text=group.text or "")
    group.text = None
    for child in list(group):
        tail, child.tail = child.tail or "", None
        if _name(child) in ("td", "th"):
            _wrap_cell(child)
        elif _name(child) not in allowed:
            _before(table, child)
        if tail.strip():
            _before(table, text=tail)


def _only_cells(row: etree._Element) -> None:
    if (row.text or "").strip():
        cell = etree.Element(f"{_H}td")
        cell.text = row.text
        row.insert(0, cell)
    row.text = None
    for child in list(row):
        tail, child.tail = child.tail or "", None
        if _name(child) not in ("td", "th"):
            cell = etree.Element(f"{_H}td")
            row.replace(child, cell)
            cell.append(child)
        if tail.strip():
            cell = etree.Element(f"{_H}td")
            cell.text = tail
            row.insert(row.index(child if child.getparent() is row else cell) + 1, cell)


def _sort(table: etree._Element) -> None:
    """Caption, columns, head, bodies, foot: each but columns and bodies once, rows in bodies."""
    parts: dict[str, list[etree._Element]] = {name: [] for name in _ORDER}
    for child in list(table):
        name = _name(child)
        table.remove(child)
        if name == "tr":
            _rows_of(parts["tbody"]).append(child)
        elif name == "col":
            columns = etree.Element(f"{_H}colgroup")
            columns.append(child)
            parts["colgroup"].append(columns)
        elif name in _ONCE and parts[name]:
            child.tag = f"{_H}tbody" if name in _GROUPS else f"{_H}div"
            parts["tbody"].append(child) if name in _GROUPS else _before(table, child)
        else:
            parts[name].append(child)
    for name in _ORDER:
        for part in parts[name]:
            table.append(part)
            if part.get("data-made") is not None:
                part.attrib.pop("data-made")


def _rows_of(bodies: list[etree._Element]) -> etree._Element:
    """The body that rows without one are gathered in."""
    if not bodies or bodies[-1].get("data-made") is None:
        bodies.append(etree.Element(f"{_H}tbody", {"data-made": ""}))
    return bodies[-1]


def _wrap_cell(cell: etree._Element) -> None:
    row = etree.Element(f"{_H}tr")
    parent = cell.getparent()
    assert parent is not None
    parent.replace(cell, row)
    row.append(cell)


def _before(table: etree._Element, element: etree._Element | None = None, text: str = "") -> None:
    """Put something before the table; in a table that stands alone it stays in a caption's way."""
    if element is None:
        element = etree.Element(f"{_H}div")
        element.text = text
    if _name(element) in ("col", "colgroup"):
        return
    table.addprevious(element)


def _table_of(row: etree._Element) -> etree._Element | None:
    return next(row.iterancestors(f"{_H}table"), None)


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
