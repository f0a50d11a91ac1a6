"""HTML as a parser leaves it, as XHTML: namespaces, obsolete names renewed, anchors by id.

HTML §16.2 lists what is obsolete: https://html.spec.whatwg.org/multipage/obsolete.html
"""

from lxml import etree

from ebook_pipeline.books.converting.to_epub.conforming import XHTML, exists

MATHML = "{http://www.w3.org/1998/Math/MathML}"
_RENEWED = {
    "acronym": "abbr",
    "center": "div",
    "dir": "ul",
    "fieldset": "div",
    "form": "div",
    "listing": "pre",
    "menu": "ul",
    "plaintext": "pre",
    "search": "div",
    "strike": "s",
    "tt": "code",
    "xmp": "pre",
}
_FORMULA_NAMES = """
annotation math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom
mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder
munderover none semantics
"""
_FORMULA_PARTS = frozenset(_FORMULA_NAMES.split())


def into_xhtml(body: etree._Element) -> None:
    """Give `body` and every element in it its namespace; unknown ones become neutral."""
    inside_formula: set[etree._Element] = set()
    for element in list(body.iter(etree.Element)):
        parent = element.getparent()
        formula = element.tag == "math" or (parent is not None and parent in inside_formula)
        if formula:
            inside_formula.add(element)
        if "xmlns" in element.attrib:
            element.attrib.pop("xmlns")
        element.tag = f"{MATHML}{_formula_part(element)}" if formula else _renewed(element)
        _mend(element)
    for source in body.iter(f"{MATHML}annotation"):
        formula_of = next(source.iterancestors(f"{MATHML}math"), None)
        if formula_of is not None and source.text:
            formula_of.set("alttext", " ".join(source.text.split()))


def _renewed(element: etree._Element) -> str:
    name = _RENEWED.get(str(element.tag), str(element.tag))
    return f"{XHTML}{name if name == 'body' or exists(name) else 'span'}"


def _formula_part(element: etree._Element) -> str:
    """Presentation MathML; what it does not know groups its parts."""
    for key in [str(key) for key in element.attrib]:
        if "-" in key or ":" in key or key.startswith("on"):
            element.attrib.pop(key)
    return str(element.tag) if element.tag in _FORMULA_PARTS else "mrow"


def _mend(element: etree._Element) -> None:
    """An anchor is named by its id; a break ends a line of the text too."""
    if element.tag == f"{XHTML}a" and element.get("name"):
        name = element.get("name", "")
        if not element.get("id"):
            element.set("id", name)
        elif element.get("id") != name:
            mark = etree.Element(f"{XHTML}span", {"id": name})
            mark.tail, element.text = element.text, None
            element.insert(0, mark)
    elif element.tag == f"{XHTML}br" and not (element.tail or "").startswith("\n"):
        element.tail = f"\n{element.tail or ''}"
