"""What XHTML 1.1 allowed to stand where HTML does not: lists, tables, maps, ruby, ``noscript``."""

from collections.abc import Callable

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import remove_element

_H = "{http://www.w3.org/1999/xhtml}"
_GROUPED = (f"{_H}dt", f"{_H}dd")


def mend_structure(element: etree._Element, name: str) -> None:
    """Bring the content of an element called `name` into the form that HTML has."""
    mend = _MENDED.get(name)
    if mend is not None:
        mend(element)


def _definitions(listed: etree._Element) -> None:
    """Every group has a term and a definition; what lacks is added empty."""
    before = f"{_H}dd"
    for child in list(listed):
        if child.tag == f"{_H}dd" and child.getprevious() is None:
            child.addprevious(etree.Element(f"{_H}dt"))
        if child.tag in _GROUPED:
            before = str(child.tag)
    if before == f"{_H}dt":
        etree.SubElement(listed, f"{_H}dd")


def _table(table: etree._Element) -> None:
    """Columns stand in groups."""
    group: etree._Element | None = None
    for column in table.findall(f"{_H}col"):
        if group is None or column.getprevious() is not group:
            group = etree.Element(f"{_H}colgroup")
            column.addprevious(group)
        group.append(column)


def _columns(group: etree._Element) -> None:
    if len(group):
        group.attrib.pop("span", "")


def _map(mapped: etree._Element) -> None:
    """A map is called by its name; an area that leads nowhere has no alternative text."""
    if not mapped.get("name"):
        mapped.set("name", mapped.get("id", "map"))
    for area in mapped.iter(f"{_H}area"):
        if not area.get("href"):
            area.attrib.pop("alt", "")


def _ruby(ruby: etree._Element) -> None:
    """Complex ruby: each base is followed by its annotation."""
    bases = [base for group in ruby.findall(f"{_H}rbc") for base in group]
    notes = [note for group in ruby.findall(f"{_H}rtc") for note in group]
    if not bases:
        return
    for group in [*ruby.findall(f"{_H}rbc"), *ruby.findall(f"{_H}rtc")]:
        remove_element(group)
    for number, base in enumerate(bases):
        ruby.append(base)
        if number < len(notes):
            ruby.append(notes[number])
    for note in notes[len(bases) :]:
        ruby.append(note)


_MENDED: dict[str, Callable[[etree._Element], None]] = {
    "dl": _definitions,
    "table": _table,
    "colgroup": _columns,
    "map": _map,
    "noscript": remove_element,  # XHTML has none
    "ruby": _ruby,
    "basefont": remove_element,
}
