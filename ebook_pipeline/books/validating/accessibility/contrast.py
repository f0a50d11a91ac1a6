"""How much text stands out from its background, where the book's own styles say it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from ebook_pipeline.books.validating.accessibility.colours import (
    BLACK,
    LINK,
    WHITE,
    YELLOW,
    Colour,
    contrast,
    needed,
    of_css,
)
from ebook_pipeline.books.validating.accessibility.document import XHTML, Document, local
from ebook_pipeline.books.validating.accessibility.faults import Fault
from ebook_pipeline.books.validating.accessibility.style_sheets import Declared, Sheets, inline

MOST_ELEMENTS = 200_000
_ROOT_SIZE = 16.0
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
_SIZES = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
}
_SCALES = {"smaller": 1 / 1.2, "larger": 1.2}
_OWN_SCALE = {
    **{"h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67},
    **{"small": 1 / 1.2, "sub": 1 / 1.2, "sup": 1 / 1.2, "big": 1.2, "rt": 0.5},
}
_OWN_BOLD = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSPOKEN = frozenset({"head", "script", "style", "template", "svg", "math", "option"})
_BOLD_FROM = 600
LINK_CONTRAST = 3.0
_SET_APART = frozenset(
    {
        "background-color",
        "background-image",
        "border",
        "border-bottom",
        "font-size",
        "font-style",
        "font-weight",
    }
)


class Look(NamedTuple):
    """How text of an element looks; a `ground` of None is one that can't be computed.

    `apart` says that more than colour tells it from the text around it.
    """

    ink: Colour | None = BLACK
    ground: Colour | None = WHITE
    size: float = _ROOT_SIZE
    bold: bool = False
    shown: bool = True
    apart: bool = False


def faults(document: Document, sheets: Sheets) -> Iterator[Fault]:
    """The elements whose own text stands out too little.

    Text on pictures, in fixed layouts and under opacity is left to people: what lies behind it is
    not in its ancestors' styles.
    """
    if document.is_svg or document.fixed:
        return
    matcher = sheets.matcher(document)
    if matcher is None and not _styled(document):
        return
    for element, look, above in _looks(document, matcher):
        if look.shown and look.ink and look.ground and _says(element):
            ink = look.ink.over(look.ground)
            found = contrast(ink, look.ground)
            if found < needed(look.size, look.bold):
                detail = f"{ink} on {look.ground} is {found:.1f}:1"
                yield document.fault("color-contrast", element, detail)
            if _is_lost(element, ink, look, above):
                yield document.fault("link-in-text-block", element, f"{ink} beside {above.ink}")


def _styled(document: Document) -> bool:
    return any(
        "color" in one or "background" in one or "decoration" in one for one in _styles(document)
    )


def _styles(document: Document) -> Iterator[str]:
    return (one.get("style") or "" for one in document.root.iter("*") if one.get("style"))


def _is_lost(element: etree._Element, ink: Colour, look: Look, above: Look) -> bool:
    """Whether a link within text differs from it by a colour too near to the text's."""
    around = element.getparent()
    if look.apart or not above.ink or not _is_link(element) or around is None:
        return False
    return _says(around) and contrast(ink, above.ink.over(above.ground or WHITE)) < LINK_CONTRAST


def _is_link(element: etree._Element) -> bool:
    return element.tag == f"{XHTML}a" and bool(element.get("href"))


def _looks(document: Document, matcher: Any | None) -> Iterator[tuple[etree._Element, Look, Look]]:
    """Every element with its computed look and that of its parent, parents first."""
    import cssselect2

    waiting = [(cssselect2.ElementWrapper.from_xml_root(document.root), Look())]
    left = MOST_ELEMENTS
    while waiting and left:
        wrapped, inherited = waiting.pop()
        left -= 1
        element = wrapped.etree_element
        if local(element) in _UNSPOKEN:
            continue
        look = _look(element, _declared(wrapped, matcher), inherited)
        yield element, look, inherited
        if look.shown:
            waiting += [(child, look) for child in reversed(list(wrapped.iter_children()))]


def _declared(wrapped: Any, matcher: Any | None) -> dict[str, list[Any]]:
    """The winning declarations: the sheets' by specificity, then the element's, then important."""
    found: list[Declared] = []
    for _, _, pseudo, declarations in matcher.match(wrapped) if matcher else ():
        if pseudo is None:
            found += declarations
    found += inline(wrapped.etree_element)
    found.sort(key=lambda one: one.important)
    return {one.name: one.tokens for one in _longhands(found)}


def _longhands(declared: list[Declared]) -> Iterator[Declared]:
    """``background`` sets colour and image together; a later longhand wins over it."""
    for one in declared:
        if one.name == "background":
            yield Declared(one.important, "background-image", one.tokens)
            yield Declared(one.important, "background-color", one.tokens)
        elif one.name == "font":
            yield Declared(one.important, "font-size", one.tokens)
            yield Declared(one.important, "font-weight", one.tokens)
        else:
            yield one


def _look(element: etree._Element, declared: dict[str, list[Any]], above: Look) -> Look:
    name = local(element) if element.tag.startswith(XHTML) else ""
    size = _size(declared.get("font-size"), above.size * _OWN_SCALE.get(name, 1.0), above.size)
    return Look(
        ink=_ink(element, declared.get("color"), above.ink),
        ground=_ground(name, declared, above.ground),
        size=size,
        bold=_bold(declared.get("font-weight"), name in _OWN_BOLD or above.bold),
        shown=above.shown and not _vanishes(element, declared),
        apart=bool(_SET_APART & set(declared)) or _is_underlined(declared),
    )


def _ink(element: etree._Element, tokens: list[Any] | None, above: Colour | None) -> Colour | None:
    if tokens:
        return above if _word(tokens) in _INHERITING else _colour(tokens[0])
    if _is_link(element):
        return LINK
    return BLACK if element.tag == f"{XHTML}mark" else above


def _ground(name: str, declared: dict[str, list[Any]], above: Colour | None) -> Colour | None:
    if _paints(declared.get("background-image")) or _word(declared.get("opacity")) not in _SOLID:
        return None
    tokens = declared.get("background-color")
    colours = [] if tokens is None else [_colour(token) for token in tokens]
    painted = next((one for one in colours if one), YELLOW if name == "mark" else None)
    if tokens and painted is None and any(token.type == "function" for token in tokens):
        return None
    return above if painted is None or above is None else painted.over(above)


def _is_underlined(declared: dict[str, list[Any]]) -> bool:
    """Links are, where nobody says otherwise."""
    told = declared.get("text-decoration-line") or declared.get("text-decoration")
    return _word(told) != "none"


def _paints(tokens: list[Any] | None) -> bool:
    """Whether a picture or a gradient lies behind the text."""
    for token in tokens or ():
        name = getattr(token, "lower_name", "")
        if token.type == "url" or name == "url" or "gradient" in name or name == "image-set":
            return True
    return False


def _size(tokens: list[Any] | None, own: float, above: float) -> float:
    for token in tokens or ():
        if token.type == "dimension" and token.lower_unit in _PIXELS:
            return float(token.value * _PIXELS[token.lower_unit])
        if token.type == "dimension" and token.lower_unit in ("em", "rem", "ex"):
            base = _ROOT_SIZE if token.lower_unit == "rem" else above
            return float(token.value * (base / 2 if token.lower_unit == "ex" else base))
        if token.type == "percentage":
            return float(token.value * above / 100)
        if token.type == "ident" and token.lower_value in _SIZES:
            return _SIZES[token.lower_value]
        if token.type == "ident" and token.lower_value in _SCALES:
            return above * _SCALES[token.lower_value]
    return above if _word(tokens) == "inherit" else own


def _bold(tokens: list[Any] | None, own: bool) -> bool:
    for token in tokens or ():
        if token.type == "number":
            return bool(token.value >= _BOLD_FROM)
        if token.type == "ident" and token.lower_value in ("bold", "bolder", "normal", "lighter"):
            return bool(token.lower_value.startswith("bold"))
    return own


def _vanishes(element: etree._Element, declared: dict[str, list[Any]]) -> bool:
    return (
        _word(declared.get("display")) == "none"
        or _word(declared.get("visibility")) in ("hidden", "collapse")
        or element.get("hidden") is not None
    )


def _colour(token: Any) -> Colour | None:
    import tinycss2.color4

    return of_css(tinycss2.color4.parse_color(token))


def _word(tokens: list[Any] | None) -> str:
    return tokens[0].serialize().lower() if tokens else ""


def _says(element: etree._Element) -> bool:
    """Whether the element has text of its own."""
    own = (element.text, *(child.tail for child in element))
    return any(one and one.strip() for one in own)


_INHERITING = ("inherit", "currentcolor", "unset")
_SOLID = ("", "1", "1.0", "100%")
