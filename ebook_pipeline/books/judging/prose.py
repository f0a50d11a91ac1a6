"""What of a document is prose: not code, formulas, tables and verse, which keep other rules.

Grammar, spelling and typography are judged of prose alone, and rates count its words.
"""

import copy
import re

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import element_name
from ebook_pipeline.books.text import words

STANDS_FOR_CODE = "0"
"""Written where code stands within a sentence: a number is right in every language."""
_TYPE = "{http://www.idpf.org/2007/ops}type"
_CODE = frozenset({"code", "kbd", "samp", "tt", "var"})
_BLOCKS = frozenset({"pre", "listing", "xmp", "math", "table"})
_INLINE = frozenset({"a", "b", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u"})
_CODE_CLASS = re.compile(
    r"(?:^|[-_ ])(?:source-?)?(?:code(?:-?(?:block|line|inline|para))?|listing|program(?:listing)?"
    r"|mono(?:space)?|typewriter|verbatim|console|terminal|screen|literal|tt)(?:[-_ \d]|$)",
    re.IGNORECASE,
)
_MONOSPACE = re.compile(r"font-family:[^;]*(?:monospace|courier|consolas|menlo)", re.IGNORECASE)
_VERSE_CLASS = re.compile(r"verse|poem|poetry|song|hymn|lyrics|stanza", re.IGNORECASE)
_PROSE_CELL = 60
"""Words of a cell that holds prose: such a table lays out a page."""


def prose_of(root: etree._Element) -> etree._Element:
    """The document with all that is no prose taken out; `root` itself where all is."""
    if not any(_is_other(node) for node in root.iter()):
        return root
    whole = copy.deepcopy(root)
    for node in list(whole.iter()):
        if _is_other(node) and node.getparent() is not None:
            _empty(node)
    for node in list(whole.iter()):
        if element_name(node) == "p" and _text(node).strip(" .,;:") == STANDS_FOR_CODE:
            _empty_out(node, "")
    return whole


def _is_other(node: etree._Element) -> bool:
    name = element_name(node)
    if name in ("", "html", "body", "head", "section", "article"):
        return False
    if name == "table":
        return not any(_is_prose_cell(cell) for cell in node.iter("{*}td"))
    return name in _CODE or name in _BLOCKS or _is_code(node) or _is_verse(node)


def _is_prose_cell(cell: etree._Element) -> bool:
    return len(words(_text(cell))) >= _PROSE_CELL


def _is_code(node: etree._Element) -> bool:
    styled = _MONOSPACE.search(node.get("style", ""))
    return bool(styled or _CODE_CLASS.search(node.get("class", "")))


def _is_verse(node: etree._Element) -> bool:
    return bool(_VERSE_CLASS.search(f"{node.get('class', '')} {node.get(_TYPE, '')}"))


def _empty(node: etree._Element) -> None:
    within = element_name(node) in _CODE | _INLINE
    _empty_out(node, STANDS_FOR_CODE if within and not _is_verse(node) else "")


def _empty_out(node: etree._Element, text: str) -> None:
    for child in list(node):
        node.remove(child)
    node.text = text


def _text(node: etree._Element) -> str:
    return "".join(node.itertext())  # type: ignore[arg-type]
