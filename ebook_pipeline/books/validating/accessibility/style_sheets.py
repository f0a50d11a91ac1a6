"""The style sheets of a document as far as they decide how letters stand out.

Rules are parsed with tinycss2 and matched with cssselect2; only declarations about colour, size and
visibility are kept. https://www.w3.org/TR/css-cascade-4/
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lxml import etree

from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.text import bounded_numbers
from ebook_pipeline.books.validating.accessibility.document import XHTML, ContentDocument, tokens_of

_NAMES = (
    "color background background-color background-image font font-size font-weight display "
    "visibility opacity font-style text-decoration text-decoration-line border border-bottom"
)
PROPERTIES = frozenset(_NAMES.split())
LARGEST_SHEET = 1 << 20
"""Bytes of one style sheet that are parsed."""
_MOST_RULES = 5_000
"""Rules of one document that are matched with its elements."""
_DEEPEST_IMPORT, _DEEPEST_CONDITION = 3, 10
"""Levels of ``@import``, and of conditions such as ``@media`` within each other."""
_MEDIA = ("", "all", "screen")
_CONDITIONS = ("media", "supports", "layer")


class Declaration(NamedTuple):
    """One declaration that matched: later ones of equal importance win."""

    important: bool
    name: str
    tokens: list[Any]


class StyleRule(NamedTuple):
    """A rule's compiled selectors and its declarations that we look at."""

    selectors: list[Any]
    declarations: list[Declaration]


class StyleSheets:
    """The rules of a book's style sheets, each file parsed once."""

    def __init__(self, container: Archive) -> None:
        self._container = container
        self._parsed: dict[str, list[StyleRule]] = {}
        self._matchers: dict[tuple[str, ...], Any] = {}

    def matcher(self, document: ContentDocument) -> Any | None:
        """What matches the document's elements; None where no rule speaks of colour."""
        import cssselect2

        linked, inner = _linked(document), _inner(document)
        key = (*linked, "\0", *inner)
        if key not in self._matchers:
            rules = [rule for name in linked for rule in self._file(name, 0)]
            for text in inner:
                rules += self._rules(text, document.name, 0)
            matcher = cssselect2.Matcher()
            for rule in rules[:_MOST_RULES]:
                for selector in rule.selectors:
                    matcher.add_selector(selector, rule.declarations)
            self._matchers[key] = matcher if _colours(rules) else None
        return self._matchers[key]

    def _file(self, name: str, depth: int) -> list[StyleRule]:
        if name not in self._parsed:
            self._parsed[name] = []
            if name in self._container:
                data = self._container.head(name, LARGEST_SHEET)
                text = data.decode("utf-8-sig", "replace")
                self._parsed[name] = list(self._rules(text, name, depth))
        return self._parsed[name]

    def _rules(self, text: str, base: str, depth: int) -> Iterator[StyleRule]:
        import tinycss2

        nodes = tinycss2.parse_stylesheet(bounded_numbers(text), True, True)
        prefixes = dict(_prefix(node) for node in nodes if _is_at(node, "namespace"))
        for node in nodes:
            if _is_at(node, "import") and depth < _DEEPEST_IMPORT:
                yield from self._imported(node, base, depth)
        for node in _applying(nodes, 0):
            yield from _rule(node, prefixes)

    def _imported(self, node: Any, base: str, depth: int) -> Iterator[StyleRule]:
        for token in node.prelude:
            if token.type in ("string", "url"):
                name = resolve(base, token.value)
                yield from self._file(name, depth + 1) if name else ()
                return


def inline_declarations(element: etree._Element) -> list[Declaration]:
    """The declarations of the element's ``style``."""
    import tinycss2

    style = element.get("style")
    return _declarations(tinycss2.parse_blocks_contents(bounded_numbers(style))) if style else []


def _is_at(node: Any, *keywords: str) -> bool:
    return node.type == "at-rule" and node.lower_at_keyword in keywords


def _applying(nodes: Iterable[Any], depth: int) -> Iterator[Any]:
    """The rules with selectors, those under conditions that hold included."""
    import tinycss2

    for node in nodes:
        if node.type == "qualified-rule":
            yield node
        elif _conditional(node) and _applies(node) and depth < _DEEPEST_CONDITION:
            yield from _applying(tinycss2.parse_rule_list(node.content, True, True), depth + 1)


def _conditional(node: Any) -> bool:
    return _is_at(node, *_CONDITIONS) and bool(node.content)


def _prefix(node: Any) -> tuple[str | None, str]:
    """The prefix (None: the default) and the name of ``@namespace``."""
    tokens = _solid(node.prelude)
    prefix = tokens[0].value if tokens and tokens[0].type == "ident" else None
    return prefix, next((token.value for token in tokens if token.type in ("string", "url")), "")


def _rule(node: Any, prefixes: dict[str | None, str]) -> Iterator[StyleRule]:
    import cssselect2
    import tinycss2

    declarations = _declarations(tinycss2.parse_blocks_contents(node.content))
    if not declarations:
        return
    try:
        yield StyleRule(cssselect2.compile_selector_list(node.prelude, prefixes), declarations)
    except cssselect2.SelectorError:
        return  # browsers leave out rules whose selector they do not understand, and so do we


def _declarations(nodes: Iterable[Any]) -> list[Declaration]:
    return [
        Declaration(node.important, node.lower_name, _solid(node.value))
        for node in nodes
        if node.type == "declaration" and node.lower_name in PROPERTIES
    ]


def _solid(tokens: Iterable[Any]) -> list[Any]:
    return [token for token in tokens if token.type not in ("whitespace", "comment")]


def _colours(rules: Iterable[StyleRule]) -> bool:
    return any(
        declaration.name == "color"
        or declaration.name.startswith(("background", "text-decoration"))
        for rule in rules
        for declaration in rule.declarations
    )


def _applies(node: Any) -> bool:
    """Whether a condition holds for a book on a screen: no features are looked into."""
    if node.lower_at_keyword != "media":
        return True
    condition = "".join(token.serialize() for token in node.prelude).lower()
    return any(part.strip() in _MEDIA for part in condition.split(","))


def _linked(document: ContentDocument) -> tuple[str, ...]:
    paths = (
        resolve(document.name, link.get("href") or "")
        for link in document.root.iter(f"{XHTML}link")
        if "stylesheet" in tokens_of(link.get("rel"))
        and "alternate" not in tokens_of(link.get("rel"))
        and (link.get("media") or "").strip().lower() in _MEDIA
    )
    return tuple(name for name in paths if name)


def _inner(document: ContentDocument) -> tuple[str, ...]:
    styles = document.root.iter(f"{XHTML}style")
    return tuple((style.text or "")[:LARGEST_SHEET] for style in styles)
