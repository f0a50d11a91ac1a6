"""What of a document is prose in its language: not code, formulas, tables, verse, foreign parts.

These keep other rules. Grammar, spelling and typography are judged of prose alone, and rates count
its words.
"""

import copy
import re
from collections import Counter

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import element_name
from ebook_pipeline.books.language_tags import UNDETERMINED, primary_tag
from ebook_pipeline.books.text import words

STANDS_FOR_CODE = "0"
"""Written where code stands within a sentence: a number is right in every language."""
_MARKED = etree.XPath("descendant-or-self::*[@xml:lang or @lang]")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MOST_FOREIGN = 0.6
"""Share of a document's words in elements that are marked up in other languages than it declares,
from which it is the document that declares a wrong one."""
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


def prose_of(root: etree._Element, foreign: Counter[str]) -> etree._Element:
    """The document with all that is no prose taken out; `root` itself where all is.

    `foreign` are its `foreign_words`.
    """
    few = foreign.total() <= MOST_FOREIGN * len(words(_text(root))) if foreign else False
    home = document_language(root) if few else ""
    if not home and not any(_is_other(node) for node in root.iter()):
        return root
    whole = copy.deepcopy(root)
    for node in list(whole.iter()):
        is_other = _is_other(node) or _is_foreign(node, home)
        if is_other and node.getparent() is not None:
            _empty(node)
    for node in list(whole.iter()):
        if element_name(node) == "p" and _text(node).strip(" .,;:") == STANDS_FOR_CODE:
            _empty_out(node, "")
    return whole


def document_language(root: etree._Element) -> str:
    """What the document itself says it is in, ``xml:lang`` or ``lang``; empty where it does not."""
    body = next((node for node in root.iter() if element_name(node) == "body"), root)
    return _stated_language(body) or _stated_language(root)


def foreign_words(root: etree._Element) -> Counter[str]:
    """Words of the elements that are marked up in other languages than the document's, by tag."""
    home, found = document_language(root), Counter[str]()
    seen: set[etree._Element] = set()
    marked = _MARKED(root) if home else []
    elements = marked if isinstance(marked, list) else []
    for node in (node for node in elements if isinstance(node, etree._Element)):
        if _is_foreign(node, home) and seen.isdisjoint(node.iterancestors()):
            seen.add(node)
            found[primary_tag(_stated_language(node))] += len(words(_text(node)))
    return found


def _is_foreign(node: etree._Element, home: str) -> bool:
    if not home or element_name(node) in ("", "html", "head", "body"):
        return False
    stated = primary_tag(_stated_language(node))
    return stated not in ("", UNDETERMINED, primary_tag(home))


def _stated_language(node: etree._Element) -> str:
    return node.get(_LANG, "") or node.get("lang", "")


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
