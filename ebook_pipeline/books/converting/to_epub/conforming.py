"""Anybody's markup made to conform to EPUB 3's XHTML: what may stand where, and with what.

Nothing of the text is lost. EPUB 3.3 §6.1, https://www.w3.org/TR/epub-33/#sec-xhtml, and HTML's
content models, https://html.spec.whatwg.org/multipage/dom.html#kinds-of-content. Obsolete HTML is
replaced by `from_kindle.html_styles` and `modern_html`; here, elements that do not exist become
neutral.
"""

import re
from collections.abc import Callable, Iterable

from lxml import etree

from ebook_pipeline.books.converting.to_epub.clean_css import clean_declarations
from ebook_pipeline.books.converting.to_epub.content_models import mend_model
from ebook_pipeline.books.converting.to_epub.element_ids import (
    NAMING,
    element_id,
    safe_fragment,
    safe_names,
)
from ebook_pipeline.books.converting.to_epub.tables import mend_table
from ebook_pipeline.books.formats.epub.xml import remove_element

XHTML = "{http://www.w3.org/1999/xhtml}"
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_PHRASING = """
a abbr audio b bdi bdo br cite code del dfn em i img ins kbd mark picture q rp rt ruby s
samp small source span strong sub sup time track u var video wbr
"""
_FLOWING = """
address article aside blockquote caption col colgroup dd details div dl dt figcaption figure
footer h1 h2 h3 h4 h5 h6 header hgroup hr li main nav ol p pre section summary table tbody td
tfoot th thead tr ul
"""
_UNFIT_FOR_BOOKS = """
applet area audio base button canvas datalist embed frame iframe input link map meta meter
noscript object optgroup option output param progress script select style template textarea
title track video
"""
_PHRASES = frozenset(_PHRASING.split())
_FLOWS = frozenset(_FLOWING.split())
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ONLY_PHRASES = (_PHRASES | _HEADINGS | {"p", "pre"}) - {"a", "ins", "del", "video", "audio"}
_GONE = frozenset(_UNFIT_FOR_BOOKS.split())
_AS_DIV = {
    "b": "font-weight: bold",
    "strong": "font-weight: bold",
    "i": "font-style: italic",
    "em": "font-style: italic",
    "cite": "font-style: italic",
    "u": "text-decoration: underline",
    "s": "text-decoration: line-through",
    "small": "font-size: smaller",
    "code": "font-family: monospace",
    "pre": "white-space: pre-wrap",
}
_EVERYWHERE = frozenset({"id", "class", "style", "title", "lang", "dir", "role", EPUB_TYPE})
_ROLE_NAMES = """
abstract acknowledgments afterword appendix backlink biblioentry bibliography biblioref chapter
colophon conclusion cover credit credits dedication endnote endnotes epigraph epilogue errata
example footnote foreword glossary glossref index introduction noteref notice pagebreak pagelist
part preface prologue pullquote qna subtitle tip toc
"""
_ROLES = frozenset(f"doc-{name}" for name in _ROLE_NAMES.split())
"""DPUB-ARIA 1.1 §5, of which EPUBCheck knows these."""
_ARIA = frozenset(
    {"aria-label", "aria-labelledby", "aria-describedby", "aria-details", "aria-hidden"}
)
"""Those that every element may have and that say something in a book: WAI-ARIA 1.2 §6.4."""
_OWN = {
    "a": {"href", "rel", "hreflang"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "col": {"span"},
    "colgroup": {"span"},
    "time": {"datetime"},
}
_NUMBERS = frozenset({"width", "height", "colspan", "rowspan", "start", "value", "span"})
_SPANS = frozenset({"colspan", "rowspan", "span"})
_MOST_SPANNED = 100
"""Columns or rows of a cell. Browsers allow 1,000 columns, and pandoc makes each of them: a cell of
100,000,000 takes all memory that it may have."""
_WHOLE = re.compile(r"[1-9]\d{0,8}")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9-]*:")
_SCOPES = frozenset({"row", "col", "rowgroup", "colgroup"})


def conform(body: etree._Element) -> None:
    """Mend everything below `body`, an XHTML element; drawings and formulas stay as they are."""
    _strip_comments(body)
    for element in list(body.iter(f"{XHTML}*")):
        _admit(element)
    pop_attribute(body, "title")
    for element in reversed(list(body.iter(f"{XHTML}*"))):
        if element is not body:
            _place(element)
    _unnest_links(body)
    _distinct_ids(body)


def is_phrasing(element: etree._Element) -> bool:
    """Whether it is phrasing content: it may stand in a paragraph."""
    if not str(element.tag).startswith(XHTML):
        return True
    name = local_name(element)
    transparent = name in ("a", "ins", "del")
    return name in _PHRASES and not (transparent and _has_block(element))


def exists(name: str) -> bool:
    """Whether HTML knows an element of this name, whatever a book may hold of it."""
    return name in _PHRASES or name in _FLOWS or name in _GONE


def is_flow(element: etree._Element) -> bool:
    """Whether it is a block: flow content that is no phrasing content."""
    return str(element.tag).startswith(XHTML) and local_name(element) in _FLOWS


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace; empty for comments."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def add_style(element: etree._Element, declarations: str) -> None:
    """Add to the element's style; its own declarations override what is added."""
    own = element.get("style", "")
    element.set("style", "; ".join(part for part in (declarations, own) if part))


def pop_attribute(element: etree._Element, key: str) -> str:
    """The attribute's value, which is taken off; empty where there was none."""
    value = element.get(key, "")
    if key in element.attrib:
        element.attrib.pop(key)
    return value


def _strip_comments(body: etree._Element) -> None:
    for odd in list(body.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity)):
        remove_element(odd)


def _admit(element: etree._Element) -> None:
    """Turn the element into one that exists, with attributes that it may have."""
    name = local_name(element)
    if name in _GONE and not str(element.tag).startswith(f"{XHTML}body"):
        remove_element(element)
        return
    if name not in _PHRASES and name not in _FLOWS and name != "body":
        element.tag = f"{XHTML}span"
        name = "span"
    own = _OWN.get(name, set())
    for key, value in list(element.attrib.items()):
        kept = _attribute(str(key), str(value), own)
        element.attrib.pop(key)
        if kept is not None:
            element.set(*kept)
    if name == "img" and element.get("alt") is None:
        element.set("alt", "")


def _attribute(key: str, value: str, own: Iterable[str]) -> tuple[str, str] | None:
    """The attribute as it may be written, or None."""
    mended = _MENDED.get(key)
    if key == f"{_XML}lang":
        key = "lang"
    if mended is not None:
        mended_value = mended(value)
        return (key, mended_value) if mended_value else None
    if key in NAMING and (key in own or key in _ARIA):
        return (key, safe_names(value)) if value.strip() else None
    if key == "aria-hidden":
        return (key, value) if value in ("true", "false") else None
    if key == "href" and key in own:
        return key, safe_fragment(value)
    if key == "reversed" and key in own:
        return key, key
    if key == "type" and key in own:
        return (key, value) if value in ("a", "A", "i", "I") else None
    if key in _NUMBERS and key in own:
        return (key, number) if (number := whole_number(key, value)) else None
    if key in _EVERYWHERE or key in own or key in _ARIA:
        return key, value
    return None


def whole_number(key: str, value: str) -> str:
    """The value of such an attribute as a number that programs can bear; empty where it is none."""
    match = _WHOLE.fullmatch(value.strip())
    if match is None:
        return ""
    return str(min(int(match[0]), _MOST_SPANNED)) if key in _SPANS else match[0]


def _direction(value: str) -> str:
    return value.lower() if value.lower() in ("ltr", "rtl", "auto") else ""


def _types(value: str) -> str:
    """Terms of EPUB's own vocabulary; prefixed ones need a declaration that got lost."""
    return " ".join(term for term in value.split() if _TOKEN.fullmatch(term))


def _language(value: str) -> str:
    return value if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) else ""


_MENDED: dict[str, Callable[[str], str]] = {
    "dir": _direction,
    "id": element_id,
    "lang": _language,
    f"{_XML}lang": _language,
    "role": lambda value: value if value in _ROLES else "",
    "scope": lambda value: value.lower() if value.lower() in _SCOPES else "",
    "style": clean_declarations,
    EPUB_TYPE: _types,
}


def _place(element: etree._Element) -> None:
    """Mend the element and its children, which are mended themselves, as a pair."""
    mend_model(element)
    name = local_name(element)
    if name in ("ul", "ol"):
        _list(element)
    elif name == "dl":
        _definitions(element)
    elif name == "table":
        mend_table(element)
    elif name in _HEADINGS and _is_empty(element):
        element.tag = f"{XHTML}div"
    elif name in _HEADINGS and _has_block(element):
        _heading(element)
    elif name in _ONLY_PHRASES and _has_block(element):
        _become_div(element)
    _orphan(element)


def _has_block(element: etree._Element) -> bool:
    return any(not is_phrasing(child) for child in element)


def _is_empty(element: etree._Element) -> bool:
    shows = any(local_name(inner) in ("img", "svg", "math") for inner in element.iter("*"))
    return not shows and not "".join(element.itertext()).strip()  # type: ignore[arg-type]


def _become_div(element: etree._Element) -> None:
    style = _AS_DIV.get(local_name(element))
    element.tag = f"{XHTML}div"
    for attribute in ("href", "datetime"):
        pop_attribute(element, attribute)
    if style:
        add_style(element, style)


def _heading(element: etree._Element) -> None:
    """Lines of a heading stay lines; one with a table or a list in it is no heading."""
    lines = [child for child in element.iterdescendants(f"{XHTML}*") if not is_phrasing(child)]
    if all(local_name(line) in _HEADINGS | {"p", "div", "center"} for line in lines):
        for line in lines:
            line.tag = f"{XHTML}span"
            add_style(line, "display: block")
    else:
        element.tag = f"{XHTML}div"


def _list(element: etree._Element) -> None:
    """Items alone; a list without any is an indentation, as old programs wrote them."""
    if not any(local_name(child) == "li" for child in element):
        element.tag = f"{XHTML}div"
        for attribute in ("start", "reversed"):
            pop_attribute(element, attribute)
        add_style(element, "margin-left: 2em")
        return
    if (element.text or "").strip():
        first = etree.Element(f"{XHTML}li")
        first.text = element.text
        element.insert(0, first)
    element.text = None
    for child in list(element):
        tail, child.tail = child.tail or "", None
        item = child if local_name(child) == "li" else _wrapped(child, "li")
        if tail.strip():
            _append_text(item, tail)


def _definitions(element: etree._Element) -> None:
    names = [local_name(child) for child in element]
    stray = (element.text or "").strip() or any((child.tail or "").strip() for child in element)
    pairs = "".join("t" if name == "dt" else "d" for name in names)
    if stray or set(names) - {"dt", "dd"} or not re.fullmatch(r"(t+d+)+", pairs):
        element.tag = f"{XHTML}div"
        for child in element:
            if local_name(child) in ("dt", "dd"):
                child.tag = f"{XHTML}div"


_HOMES = {
    "li": {"ul", "ol"},
    "dt": {"dl"},
    "dd": {"dl"},
    "td": {"tr", "table", "tbody", "thead", "tfoot"},
    "th": {"tr", "table", "tbody", "thead", "tfoot"},
    "tr": {"table", "tbody", "thead", "tfoot"},
    "tbody": {"table"},
    "thead": {"table"},
    "tfoot": {"table"},
    "caption": {"table"},
    "colgroup": {"table"},
    "col": {"colgroup", "table"},
    "rt": {"ruby"},
    "rp": {"ruby"},
    "figcaption": {"figure"},
    "summary": {"details"},
    "source": {"picture"},
}


def _orphan(element: etree._Element) -> None:
    """What may only stand in its own parent becomes neutral elsewhere; tables mend themselves."""
    name, parent = local_name(element), element.getparent()
    if name not in _HOMES or parent is None or local_name(parent) in _HOMES[name]:
        return
    if name in ("col", "colgroup", "source"):
        remove_element(element)
        return
    element.tag = f"{XHTML}span" if name in ("rt", "rp") else f"{XHTML}div"
    for attribute in _OWN.get(name, ()):
        pop_attribute(element, attribute)


def _wrapped(child: etree._Element, name: str) -> etree._Element:
    wrapper = etree.Element(f"{XHTML}{name}")
    parent = child.getparent()
    assert parent is not None
    parent.replace(child, wrapper)
    wrapper.append(child)
    return wrapper


def _append_text(element: etree._Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _unnest_links(body: etree._Element) -> None:
    """A link in a link is none; one that leads nowhere is a mark."""
    depth = 0
    for event, element in etree.iterwalk(body, events=("start", "end"), tag=f"{XHTML}a"):
        if event == "start":
            depth += 1
        else:
            depth -= 1
            if depth:
                element.tag = f"{XHTML}div" if _has_block(element) else f"{XHTML}span"
                for attribute in _OWN["a"]:
                    pop_attribute(element, attribute)


def _distinct_ids(body: etree._Element) -> None:
    seen: set[str] = set()
    for element in body.iter("*"):
        identifier = element.get("id")
        if identifier in seen:
            element.attrib.pop("id")
        elif identifier is not None:
            seen.add(identifier)
