"""What a DOCX says, in the words of WordprocessingML that every reader understands.

ECMA-376 part 1 §17 knows many wrappers and forms of the same thing; readers pass over those that
they don't know, with all that is in them. Here wrappers are taken away, boxes stand behind their
paragraph, one of two alternatives stays, and what only shows (ruby, returns, directions) is put
into plain words.
"""

from collections.abc import Callable

from lxml import etree

from ebook_pipeline.books.formats.manuscripts import carried_marks, docx_fields
from ebook_pipeline.books.formats.manuscripts.docx_fields import StyleName, W, text_of, unwrap
from ebook_pipeline.books.formats.manuscripts.docx_headings import ParagraphStyles
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WRAPPERS = frozenset(
    f"{W}{name}" for name in ("customXml", "smartTag", "bdo", "dir", "sdt", "sdtContent")
)
_ACCEPTED = (f"{W}ins", f"{W}moveTo")
_REJECTED = (f"{W}del", f"{W}moveFrom", f"{W}cellDel")
_PROPERTIES = frozenset(f"{W}{name}" for name in ("customXmlPr", "smartTagPr", "sdtPr", "sdtEndPr"))
_MOST_COLUMNS = 63
"""What Word allows a table."""
_COLUMN = "0"
"""Width of a column that nobody gave one."""
_BOX = f"{W}txbxContent"
_READABLE = (_BOX, f"{W}t", f"{_A}blip", f"{_A}t", f"{_V}imagedata")


def simplify(
    root: etree._Element, name: str, styles: ParagraphStyles, collector: FindingCollector
) -> None:
    """Rewrite the part `name` below `root`."""
    _choose_alternatives(root)
    style_name: StyleName = lambda paragraph: styles.of(paragraph).name  # noqa: E731
    docx_fields.show_results(root, name, collector, style_name)
    _drop_hidden(root, name, styles, collector)
    for element in list(root.iter(etree.Element)):
        rewrite = _REWRITTEN.get(str(element.tag))
        if rewrite is not None:
            rewrite(element)
    for table in root.iter(f"{W}tbl"):
        _square(table)
    _lift_boxes(root, name, collector)
    _mark_directions(root, styles)


def _unwrap(element: etree._Element) -> None:
    """Changes of a paragraph's mark, a row or a cell are empty elements, and stay."""
    for properties in [inner for inner in element if inner.tag in _PROPERTIES]:
        element.remove(properties)
    if len(element) or element.tag not in _ACCEPTED:
        unwrap(element)


def _reject(element: etree._Element) -> None:
    """Remove what was taken out: content, or the row or cell that an empty mark says is gone."""
    if len(element):
        docx_fields.remove(element)
    elif (properties := element.getparent()) is not None and properties.tag == f"{W}trPr":
        _remove_row(properties.getparent())
    elif element.tag == f"{W}cellDel" and properties is not None:
        _empty_cell(properties.getparent())


def _empty_cell(cell: etree._Element | None) -> None:
    """A deleted cell keeps its place: those beside it stay in their columns."""
    for block in [] if cell is None else list(cell.iterchildren(f"{W}p", f"{W}tbl", f"{W}sdt")):
        docx_fields.remove(block)
    if cell is not None:
        etree.SubElement(cell, f"{W}p")


def _remove_row(row: etree._Element | None) -> None:
    table = None if row is None else row.getparent()
    if row is None or table is None:
        return
    table.remove(row)
    if table.tag == f"{W}tbl" and table.find(f"{W}tr") is None:
        docx_fields.remove(table)


def _square(table: etree._Element) -> None:
    """Empty cells behind short rows: readers leave out what stands beyond the first row's end."""
    rows = table.findall(f"{W}tr")
    widths = [sum(_span(cell) for cell in row.iterchildren(f"{W}tc")) for row in rows]
    for row, width in zip(rows, widths, strict=True):
        for _ in range(min(max(widths), _MOST_COLUMNS) - width):
            etree.SubElement(etree.SubElement(row, f"{W}tc"), f"{W}p")
    _widen_grid(table, min(max(widths, default=0), _MOST_COLUMNS))


def _widen_grid(table: etree._Element, columns: int) -> None:
    """As many columns in the table's grid as its rows have: readers pass over cells beyond it."""
    grid = table.find(f"{W}tblGrid")
    if grid is None:
        grid = etree.Element(f"{W}tblGrid")
        properties = table.find(f"{W}tblPr")
        table.insert(0 if properties is None else table.index(properties) + 1, grid)
    for _ in range(columns - len(grid.findall(f"{W}gridCol"))):
        etree.SubElement(grid, f"{W}gridCol", {f"{W}w": _COLUMN})


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    text = span.get(f"{W}val", "1") if span is not None else "1"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 1


def _break(element: etree._Element) -> None:
    element.tag = f"{W}br"
    element.attrib.clear()


def _tabulate(element: etree._Element) -> None:
    element.tag = f"{W}tab"
    element.attrib.clear()


def _take_marks_out(element: etree._Element) -> None:
    if element.text:
        element.text = carried_marks.without_marks(element.text)


def _choose_alternatives(root: etree._Element) -> None:
    """Of a choice and what stands for it elsewhere, the first that says anything, part 3 §7."""
    for element in list(root.iter(f"{_MC}AlternateContent")):
        branches = [*element.findall(f"{_MC}Choice"), *element.findall(f"{_MC}Fallback")]
        readable = (one for one in branches if next(one.iter(*_READABLE), None) is not None)
        chosen = next(readable, branches[0] if branches else None)
        for branch in branches:
            element.remove(branch)
        if chosen is not None:
            element.extend(list(chosen))
        unwrap(element)


def _drop_hidden(
    root: etree._Element, name: str, styles: ParagraphStyles, collector: FindingCollector
) -> None:
    """Take runs out whose letters are hidden, by themselves or by their style, §17.3.2.41."""
    for run in list(root.iter(f"{W}r")):
        parent = run.getparent()
        if parent is None or not styles.is_hidden(run):
            continue
        words = " ".join("".join(text_of(run)).split())
        if words:
            collector.add("manuscript.hidden-text", words[:60], name)
        parent.remove(run)


def _write_ruby(element: etree._Element) -> None:
    """A base with its reading as one piece of marked text, §17.3.3.25."""
    base, reading = element.find(f"{W}rubyBase"), element.find(f"{W}rt")
    words = "".join(text_of(base)) if base is not None else ""
    above = "".join(text_of(reading)) if reading is not None else ""
    run = base.find(f"{W}r") if base is not None else None
    written = etree.Element(f"{W}t")
    written.text = carried_marks.ruby(words, above) if above else words
    outer, parent = element.getparent(), element.getparent()
    properties = run.find(f"{W}rPr") if run is not None else None
    if outer is not None and properties is not None and outer.find(f"{W}rPr") is None:
        outer.insert(0, properties)
    if parent is not None:
        parent.replace(element, written)


def _write_word_art(path: etree._Element) -> None:
    """Letters that are drawn along a path are words too, ECMA-376 part 4 §14.1.2.22."""
    run = next(path.iterancestors(f"{W}r"), None)
    if run is not None and path.get("string"):
        letters = etree.Element(f"{W}r")
        written = etree.SubElement(letters, f"{W}t")
        written.text = carried_marks.without_marks(path.get("string", ""))
        run.addprevious(letters)


def _describe(properties: etree._Element) -> None:
    """A picture's description where the drawing has none, §20.2.2.3 and §20.4.2.5."""
    if properties.get("descr"):
        return
    drawing = properties.getparent()
    inner = drawing.find(f".//{_PIC}cNvPr") if drawing is not None else None
    text = (inner.get("descr") if inner is not None else "") or properties.get("title")
    if text:
        properties.set("descr", text)


def _draw(image: etree._Element) -> None:
    """Write a picture of Word's old drawing language as a drawing, with its description."""
    shape, key = image.getparent(), image.get(f"{_R}id")
    holder = next(image.iterancestors(f"{W}pict", f"{W}object"), None)
    run = holder.getparent() if holder is not None else None
    if shape is None or holder is None or run is None or not key:
        return
    drawing = etree.Element(f"{W}drawing")
    inline = etree.SubElement(drawing, f"{_WP}inline")
    text = shape.get("alt") or image.get(f"{_O}title") or ""
    etree.SubElement(inline, f"{_WP}docPr", {"id": "1", "name": "", "descr": text})
    within = inline
    for name in (f"{_A}graphic", f"{_A}graphicData", f"{_PIC}pic", f"{_PIC}blipFill"):
        within = etree.SubElement(within, name)
    etree.SubElement(within, f"{_A}blip", {f"{_R}embed": key})
    shape.remove(image)
    holder.addprevious(drawing)


def _lift_boxes(root: etree._Element, name: str, collector: FindingCollector) -> None:
    """Put what text boxes say behind the paragraph that they hang on, once, innermost first."""
    for box in reversed(list(root.iter(_BOX))):
        anchor = next(box.iterancestors(f"{W}p"), None)
        holder = box.getparent()
        if holder is None:
            continue
        holder.remove(box)
        words = " ".join("".join(text_of(box)).split())
        pictures = next(box.iter(f"{W}drawing", f"{W}pict"), None) is not None
        if anchor is None or not (words or pictures):
            continue
        collector.add("manuscript.text-box", words[:60] or "a picture", name)
        for block in reversed(list(box)):
            anchor.addnext(block)


def _mark_directions(root: etree._Element, styles: ParagraphStyles) -> None:
    """Mark paragraphs that run from right to left, §17.3.1.6."""
    for paragraph in root.iter(f"{W}p"):
        if not styles.runs_right_to_left(paragraph):
            continue
        run = etree.Element(f"{W}r")
        text = etree.SubElement(run, f"{W}t")
        text.text = carried_marks.RIGHT_TO_LEFT
        properties = paragraph.find(f"{W}pPr")
        paragraph.insert(0 if properties is None else paragraph.index(properties) + 1, run)


_REWRITTEN: dict[str, Callable[[etree._Element], None]] = {
    **dict.fromkeys((*_WRAPPERS, *_ACCEPTED), _unwrap),
    **dict.fromkeys(_REJECTED, _reject),
    f"{W}ruby": _write_ruby,
    f"{W}cr": _break,
    f"{W}ptab": _tabulate,
    f"{W}t": _take_marks_out,
    f"{_WP}docPr": _describe,
    f"{_V}imagedata": _draw,
    f"{_V}textpath": _write_word_art,
}
