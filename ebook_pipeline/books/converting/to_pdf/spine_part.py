"""A spine document on its way into the one document that is printed.

Its ids get a prefix, its links lead to prefixed ids, its URLs count from the container's root.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from lxml import etree

from ebook_pipeline.books.converting.to_pdf import scoped_css
from ebook_pipeline.books.converting.to_pdf.printable import make_printable
from ebook_pipeline.books.converting.to_pdf.style_sheets import BookStyleSheets
from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.content import SpineDocument
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.foundation.errors import BookError

Element = etree._Element

XHTML = "http://www.w3.org/1999/xhtml"
XLINK = "{http://www.w3.org/1999/xlink}href"
_H = f"{{{XHTML}}}"
_SVG = "{http://www.w3.org/2000/svg}"
_EPUB = "{http://www.idpf.org/2007/ops}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_DROPPED = {f"{_H}{name}" for name in ("script", "style", "base", "link", "meta")}
_DROPPED |= {f"{_SVG}script", f"{_SVG}style", f"{_EPUB}trigger"}
_URLS = ("src", "data", "poster", XLINK)
_ID_LISTS = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-details", "aria-owns")
_LOCAL_URL = re.compile(r"url\(\s*[\"']?#([^\"')\s]+)[\"']?\s*\)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_KEPT_LINKS = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


@dataclass
class PrintLosses:
    """What the printed book lacks: `remote` URLs, `repaired` names of malformed documents.

    `media` counts sounds and films, `dangling` the links that lead to nothing in the book.
    """

    remote: set[str] = field(default_factory=set)
    repaired: list[str] = field(default_factory=list)
    media: int = 0
    dangling: int = 0


class SpinePart:
    """One document of the spine, made to stand beside the others in one document."""

    def __init__(
        self,
        number: int,
        document: SpineDocument,
        numbers: dict[str, int],
        losses: PrintLosses,
        styles: BookStyleSheets,
    ) -> None:
        self._number = number
        self._base = document.name
        self._document = document
        self._numbers = numbers
        self._losses = losses
        self._styles = styles
        self._classes: list[int] = []
        self.vertical: str | None = None

    def root_element(self) -> Element:
        """The document's ``html`` element, ready to be put into the one document."""
        root = self._parse()
        if root.tag == f"{_SVG}svg":
            root = _around(root)
        self._losses.media += make_printable(root)
        self._read_styles(root)
        body = root.find(f"{_H}body")
        if body is None:
            body = etree.SubElement(root, f"{_H}body")
        for child in list(root):
            if child is not body:
                root.remove(child)
        self._clean(root)
        self.vertical = self._writing_mode(root, body)
        self._mark(root)
        root.tail = "\n"
        return root

    def _parse(self) -> Element:
        """The document; what of it can be read where it is malformed, an empty one at worst."""
        data, place = self._document.data, self._base
        for recover in (False, True):
            try:
                return xml.parse(data, place=place, recover=recover)
            except BookError as error:
                if error.finding.rule != "xml.malformed":
                    raise
                if not recover:
                    self._losses.repaired.append(place)
        return etree.Element(f"{_H}html")

    def _read_styles(self, root: Element) -> None:
        for element in root.iter(f"{_H}link", f"{_H}style", f"{_SVG}style"):
            media = element.get("media", "").strip()
            number: int | None = None
            if element.tag == f"{_H}link":
                rel = element.get("rel", "").lower().split()
                path = resolve(self._base, element.get("href", ""))
                if "stylesheet" in rel and "alternate" not in rel:
                    number = self._linked(path, element.get("href", ""), media)
            else:
                number = self._styles.add("".join(element.itertext()), self._base, media)  # type: ignore[arg-type]
            if number is not None and number not in self._classes:
                self._classes.append(number)

    def _linked(self, path: str | None, href: str, media: str) -> int | None:
        if path is None:
            self._losses.remote.add(href)
            return None
        return self._styles.linked(path, media)

    def _clean(self, root: Element) -> None:
        for element in list(root.iter()):
            if not isinstance(element.tag, str) or element.tag in _DROPPED:
                remove_element(element)
            else:
                self._attributes(element)

    def _attributes(self, element: Element) -> None:
        self._rename_ids(element)
        self._link(element)
        for name in _URLS:
            if name in element.attrib:
                self._resource(element, name)
        for name in ("srcset", "loading"):
            _discard(element, name)
        for key, value in list(element.attrib.items()):
            if "url(" in str(value):
                element.set(key, self._local_urls(str(value)))
        style = element.get("style")
        if style:
            element.set(
                "style", scoped_css.rewrite_declarations(style, self._base, self._losses.remote)
            )

    def _rename_ids(self, element: Element) -> None:
        name = element.get("id") or element.get(f"{_XML}id")
        if not name and element.tag == f"{_H}a":
            name = element.get("name")
        if name:
            _discard(element, f"{_XML}id")
            element.set("data-id", name)
            element.set("id", self._renamed(name))
        if element.tag == f"{_H}map" and element.get("name"):
            element.set("name", self._renamed(element.get("name", "")))
        for attribute in _ID_LISTS:
            if attribute in element.attrib:
                names = element.get(attribute, "").split()
                element.set(attribute, " ".join(self._renamed(listed) for listed in names))
        if element.get("usemap", "").startswith("#"):
            element.set("usemap", f"#{self._renamed(element.get('usemap', '')[1:])}")

    def _renamed(self, name: str, number: int | None = None) -> str:
        return anchor_name(self._number if number is None else number, name)

    def _link(self, element: Element) -> None:
        if "href" not in element.attrib:
            return
        href = element.get("href", "").strip()
        if element.tag in (f"{_H}a", f"{_H}area", f"{_SVG}a"):
            self._set_link(element, "href", href)
        else:
            self._resource(element, "href")

    def _set_link(self, element: Element, attribute: str, href: str) -> None:
        inside = self._inside(href)
        if inside is not None:
            element.set(attribute, inside)
        elif not _KEPT_LINKS.match(href):
            element.attrib.pop(attribute)
            if _SCHEME.match(href):
                self._losses.remote.add(href)
            else:
                self._losses.dangling += 1

    def _inside(self, href: str) -> str | None:
        """The place in the whole that `href` leads to, or None where it leads out."""
        path = resolve(self._base, href)
        number = None if path is None else self._numbers.get(path)
        if number is None:
            return None
        _, _, fragment = href.partition("#")
        return f"#{anchor_name(number, unquote(fragment))}"

    def _resource(self, element: Element, attribute: str) -> None:
        url = element.get(attribute, "").strip()
        if element.tag == f"{_SVG}a":
            self._set_link(element, attribute, url)
        elif url.startswith("#"):
            element.set(attribute, f"#{self._renamed(url[1:])}")
        elif not url.startswith("data:"):
            self._set_resource(element, attribute, url)

    def _set_resource(self, element: Element, attribute: str, url: str) -> None:
        path = resolve(self._base, url)
        if path is None:
            self._losses.remote.add(url)
            element.attrib.pop(attribute)
            return
        _, mark, fragment = url.partition("#")
        element.set(attribute, f"/{quote(path)}{mark}{fragment}")

    def _local_urls(self, value: str) -> str:
        return _LOCAL_URL.sub(lambda match: f'url("#{self._renamed(match[1])}")', value)

    def _writing_mode(self, root: Element, body: Element) -> str | None:
        for element in (root, body):
            mode = scoped_css.vertical_mode(element.get("style", ""))
            if mode:
                return mode
        rules = [rule for number in self._classes for rule in self._styles.sheets[number].vertical]
        return next((mode for prelude, mode in rules if _selects(prelude, (root, body))), None)

    def _mark(self, root: Element) -> None:
        own = [f"ebook-c{number}" for number in self._classes]
        root.set("class", " ".join(["ebook-doc", *own, *root.get("class", "").split()]))
        root.set("id", anchor_name(self._number, ""))


def _selects(prelude: str, elements: Iterable[Element]) -> bool:
    """Whether a simple selector of `prelude` matches one of the elements."""
    for selector in prelude.split(","):
        last = re.split(r"[\s>+~]+", selector.strip())[-1]
        name = re.match(r"[\w-]*", last)
        classes = set(re.findall(r"\.([\w-]+)", last))
        for element in elements:
            tags = ("", etree.QName(element).localname)
            if (
                name is not None
                and name[0] in tags
                and classes <= set(element.get("class", "").split())
                and (name[0] or classes or last in (":root", "*"))
            ):
                return True
    return False


def anchor_name(number: int, fragment: str) -> str:
    """The id that element `fragment` of document `number` has in the one; empty is its start."""
    plain = re.sub(r"[^A-Za-z0-9._-]", lambda match: f"_{ord(match[0]):x}_", fragment)
    return f"s{number}-{plain}" if plain else f"s{number}"


def _around(svg: Element) -> Element:
    root = etree.Element(f"{_H}html")
    body = etree.SubElement(root, f"{_H}body", {"style": "margin: 0"})
    body.append(svg)
    return root


def _discard(element: Element, attribute: str) -> None:
    if attribute in element.attrib:
        element.attrib.pop(attribute)
