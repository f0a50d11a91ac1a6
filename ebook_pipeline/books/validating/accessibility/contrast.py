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
    contrast_ratio,
    from_css,
    required_contrast,
)
from ebook_pipeline.books.validating.accessibility.document import (
    XHTML,
    ContentDocument,
    local_name,
)
from ebook_pipeline.books.validating.accessibility.style_sheets import (
    Declaration,
    StyleSheets,
    inline_declarations,
)
from ebook_pipeline.books.validating.accessibility.violations import Violation

MOST_ELEMENTS = 200_000
"""Elements of one document that are looked at."""
_ROOT_SIZE = 16.0
"""CSS pixels of a letter where no style says otherwise, as in every browser."""
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
"""CSS's weight from 1 to 1000 from which letters are called bold."""
LINK_CONTRAST = 3.0
"""Ratio by which links must differ from the text around them (WCAG technique G183)."""
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


class TextStyle(NamedTuple):
    """How text of an element looks; a `background` of None is one that can't be computed.

    `size` is in CSS pixels; `set_apart` says that more than colour tells it from the text around.
    """

    colour: Colour | None = BLACK
    background: Colour | None = WHITE
    size: float = _ROOT_SIZE
    bold: bool = False
    shown: bool = True
    set_apart: bool = False


def violations(document: ContentDocument, sheets: StyleSheets) -> Iterator[Violation]:
    """The elements whose own text stands out too little.

    Text on pictures, in fixed layouts and under opacity is left to people: what lies behind it is
    not in its ancestors' styles.
    """
    if document.is_svg or document.fixed:
        return
    matcher = sheets.matcher(document)
    if matcher is None and not _styled(document):
        return
    for element, style, parent in _text_styles(document, matcher):
        if style.shown and style.colour and style.background and _has_own_text(element):
            colour = style.colour.over(style.background)
            ratio = contrast_ratio(colour, style.background)
            if ratio < required_contrast(style.size, style.bold):
                detail = f"{colour} on {style.background} is {ratio:.1f}:1"
                yield document.violation("color-contrast", element, detail)
            if _is_lost(element, colour, style, parent):
                yield document.violation(
                    "link-in-text-block", element, f"{colour} beside {parent.colour}"
                )


def _styled(document: ContentDocument) -> bool:
    return any(
        "color" in style or "background" in style or "decoration" in style
        for style in _styles(document)
    )


def _styles(document: ContentDocument) -> Iterator[str]:
    return (
        element.get("style") or "" for element in document.root.iter("*") if element.get("style")
    )


def _is_lost(element: etree._Element, colour: Colour, style: TextStyle, parent: TextStyle) -> bool:
    """Whether a link within text differs from it by a colour too near to the text's."""
    around = element.getparent()
    if style.set_apart or not parent.colour or not _is_link(element) or around is None:
        return False
    return (
        _has_own_text(around)
        and contrast_ratio(colour, parent.colour.over(parent.background or WHITE)) < LINK_CONTRAST
    )


def _is_link(element: etree._Element) -> bool:
    return element.tag == f"{XHTML}a" and bool(element.get("href"))


def _text_styles(
    document: ContentDocument, matcher: Any | None
) -> Iterator[tuple[etree._Element, TextStyle, TextStyle]]:
    """Every element with its computed style and that of its parent, parents first."""
    import cssselect2

    waiting = [(cssselect2.ElementWrapper.from_xml_root(document.root), TextStyle())]
    left = MOST_ELEMENTS
    while waiting and left:
        wrapped, inherited = waiting.pop()
        left -= 1
        element = wrapped.etree_element
        if local_name(element) in _UNSPOKEN:
            continue
        style = _text_style(element, _declared(wrapped, matcher), inherited)
        yield element, style, inherited
        if style.shown:
            waiting += [(child, style) for child in reversed(list(wrapped.iter_children()))]


def _declared(wrapped: Any, matcher: Any | None) -> dict[str, list[Any]]:
    """The winning declarations: the sheets' by specificity, then the element's, then important."""
    declarations_found: list[Declaration] = []
    for _, _, pseudo, declarations in matcher.match(wrapped) if matcher else ():
        if pseudo is None:
            declarations_found += declarations
    declarations_found += inline_declarations(wrapped.etree_element)
    declarations_found.sort(key=lambda declaration: declaration.important)
    return {declaration.name: declaration.tokens for declaration in _longhands(declarations_found)}


def _longhands(declared: list[Declaration]) -> Iterator[Declaration]:
    """``background`` sets colour and image together; a later longhand wins over it."""
    for declaration in declared:
        if declaration.name == "background":
            yield Declaration(declaration.important, "background-image", declaration.tokens)
            yield Declaration(declaration.important, "background-color", declaration.tokens)
        elif declaration.name == "font":
            yield Declaration(declaration.important, "font-size", declaration.tokens)
            yield Declaration(declaration.important, "font-weight", declaration.tokens)
        else:
            yield declaration


def _text_style(
    element: etree._Element, declared: dict[str, list[Any]], above: TextStyle
) -> TextStyle:
    name = local_name(element) if element.tag.startswith(XHTML) else ""
    size = _size(declared.get("font-size"), above.size * _OWN_SCALE.get(name, 1.0), above.size)
    return TextStyle(
        colour=_foreground(element, declared.get("color"), above.colour),
        background=_background(name, declared, above.background),
        size=size,
        bold=_bold(declared.get("font-weight"), name in _OWN_BOLD or above.bold),
        shown=above.shown and not _vanishes(element, declared),
        set_apart=bool(_SET_APART & set(declared)) or _is_underlined(declared),
    )


def _foreground(
    element: etree._Element, tokens: list[Any] | None, above: Colour | None
) -> Colour | None:
    if tokens:
        return above if _keyword(tokens) in _INHERITING else _colour(tokens[0])
    if _is_link(element):
        return LINK
    return BLACK if element.tag == f"{XHTML}mark" else above


def _background(name: str, declared: dict[str, list[Any]], above: Colour | None) -> Colour | None:
    if _paints(declared.get("background-image")) or _keyword(declared.get("opacity")) not in _SOLID:
        return None
    tokens = declared.get("background-color")
    colours = [] if tokens is None else [_colour(token) for token in tokens]
    painted = next((colour for colour in colours if colour), YELLOW if name == "mark" else None)
    if tokens and painted is None and any(token.type == "function" for token in tokens):
        return None
    return above if painted is None or above is None else painted.over(above)


def _is_underlined(declared: dict[str, list[Any]]) -> bool:
    """Links are, where nobody says otherwise."""
    value = declared.get("text-decoration-line") or declared.get("text-decoration")
    return _keyword(value) != "none"


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
    return above if _keyword(tokens) == "inherit" else own


def _bold(tokens: list[Any] | None, own: bool) -> bool:
    for token in tokens or ():
        if token.type == "number":
            return bool(token.value >= _BOLD_FROM)
        if token.type == "ident" and token.lower_value in ("bold", "bolder", "normal", "lighter"):
            return bool(token.lower_value.startswith("bold"))
    return own


def _vanishes(element: etree._Element, declared: dict[str, list[Any]]) -> bool:
    return (
        _keyword(declared.get("display")) == "none"
        or _keyword(declared.get("visibility")) in ("hidden", "collapse")
        or element.get("hidden") is not None
    )


def _colour(token: Any) -> Colour | None:
    import tinycss2.color4

    return from_css(tinycss2.color4.parse_color(token))


def _keyword(tokens: list[Any] | None) -> str:
    return tokens[0].serialize().lower() if tokens else ""


def _has_own_text(element: etree._Element) -> bool:
    """Whether the element has text of its own."""
    own = (element.text, *(child.tail for child in element))
    return any(text and text.strip() for text in own)


_INHERITING = ("inherit", "currentcolor", "unset")
_SOLID = ("", "1", "1.0", "100%")
