"""The whole spine as one XHTML document that a browser can print.

Every spine document keeps its ``html`` and ``body`` elements, inside the one body; ids get a
prefix, links lead to the prefixed ids, style sheets are scoped to the documents that name them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from lxml import etree

from ebook_pipeline.books.convert import css, page_boxes
from ebook_pipeline.books.epub import content, xml
from ebook_pipeline.books.epub.content import SpineDocument
from ebook_pipeline.books.epub.package import PackageDocument
from ebook_pipeline.books.epub.paths import resolve
from ebook_pipeline.books.errors import BookError

Element = etree._Element

XHTML = "http://www.w3.org/1999/xhtml"
_H = f"{{{XHTML}}}"
_SVG = "{http://www.w3.org/2000/svg}"
_EPUB = "{http://www.idpf.org/2007/ops}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_DROPPED = {f"{_H}{name}" for name in ("script", "base", "link", "meta", "audio", "noscript")}
_DROPPED |= {f"{_SVG}script", f"{_EPUB}case", f"{_EPUB}trigger"}
_URLS = ("src", "data", "poster", _XLINK)
_ID_LISTS = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-details", "aria-owns")
_LOCAL_URL = re.compile(r"url\(\s*[\"']?#([^\"')\s]+)[\"']?\s*\)")
_KEPT_LINKS = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


@dataclass
class Merged:
    """The one document, and what had to be left out of it."""

    root: Element
    documents: int
    fixed: bool
    remote: set[str] = field(default_factory=set)
    media: int = 0
    cover: bool = False
    repaired: list[str] = field(default_factory=list)


@dataclass
class _Styles:
    """Each sheet once, in order of appearance; its class marks the documents that it is for."""

    folder: Path
    sheets: list[css.Sheet] = field(default_factory=list)
    known: dict[tuple[str, str], int] = field(default_factory=dict)

    def linked(self, path: str, media: str) -> int | None:
        if (path, media) not in self.known:
            text = self.load(path)
            if text is None:
                return None
            self.known[path, media] = self.add(text, path, media)
        return self.known[path, media]

    def add(self, text: str, base: str, media: str) -> int:
        wrapped = f"@media {media} {{{text}}}" if media not in ("", "all") else text
        self.sheets.append(css.read_sheet(wrapped, base, self.load))
        return len(self.sheets) - 1

    def load(self, path: str) -> str | None:
        file = (self.folder / path).resolve()
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            return None
        data = file.read_bytes()
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16", "replace")
        return data.decode("utf-8-sig", "replace")


def merge(epub: Path, package: PackageDocument, folder: Path) -> Merged:
    """The spine of `epub`, whose files lie unpacked in `folder`, as one document.

    Malformed documents are read as far as they go and named in `repaired`.
    """
    documents = list(content.spine_documents(epub, package))
    if not documents:
        raise BookError("convert.empty", "The book has no document to read in its spine.")
    head = etree.Element(f"{_H}head")
    namespaces: dict[str | None, str] = {None: XHTML, "epub": _EPUB[1:-1]}
    root = etree.Element(f"{_H}html", nsmap=namespaces)  # type: ignore[arg-type]
    root.append(head)
    body = etree.SubElement(root, f"{_H}body")
    fixed = package.layout == "pre-paginated"
    merged = Merged(root, len(documents), fixed)
    styles = _Styles(folder)
    numbers = {document.name: number for number, document in reversed(list(enumerate(documents)))}
    pages = page_boxes.Pages(package)
    modes: list[str | None] = []
    for number, document in enumerate(documents):
        part = _Part(number, document, numbers, merged, styles)
        page = part.wrapper()
        modes.append(part.vertical)
        pages.place(page, document)
        body.append(page)
    merged.cover = _cover(package, documents, body, pages)
    _head(head, package, pages.css(_majority(modes)), styles)
    for sheet in styles.sheets:
        merged.remote |= sheet.remote
    return merged


def _majority(modes: list[str | None]) -> str | None:
    """The writing mode of the whole: where documents differ, that of most."""
    vertical = [mode for mode in modes if mode]
    return max(set(vertical), key=vertical.count) if len(vertical) * 2 > len(modes) else None


def _head(head: Element, package: PackageDocument, page_css: str, styles: _Styles) -> None:
    etree.SubElement(head, f"{_H}title").text = package.title or "Untitled"
    etree.SubElement(head, f"{_H}style").text = page_css
    for number, sheet in enumerate(styles.sheets):
        etree.SubElement(head, f"{_H}style").text = sheet.text(f".ebook-c{number}")
    root = head.getparent()
    if root is not None and package.languages:
        root.set("lang", package.languages[0])
        root.set(f"{_XML}lang", package.languages[0])


def _cover(
    package: PackageDocument,
    documents: list[SpineDocument],
    body: Element,
    pages: page_boxes.Pages,
) -> bool:
    """The cover image as first page, unless the first document shows it; whether it was added."""
    cover = package.cover
    if cover is None or cover.path is None:
        return False
    name = cover.path.rsplit("/", 1)[-1].encode()
    if name in documents[0].data or quote(name).encode() in documents[0].data:
        return False
    page = etree.Element(f"{_H}div", {"class": "ebook-cover"})
    if package.layout == "pre-paginated":
        pages.place(page, documents[0])
    etree.SubElement(page, f"{_H}img", {"src": f"/{quote(cover.path)}", "alt": "Cover"})
    body.insert(0, page)
    return True


class _Part:
    """One spine document on its way into the whole."""

    def __init__(
        self,
        number: int,
        document: SpineDocument,
        numbers: dict[str, int],
        merged: Merged,
        styles: _Styles,
    ) -> None:
        self._number = number
        self._base = document.name
        self._document = document
        self._numbers = numbers
        self._merged = merged
        self._styles = styles
        self._classes: list[int] = []
        self.vertical: str | None = None

    def wrapper(self) -> Element:
        """The document's ``html`` element, ready to be put into the whole."""
        root = self._parse()
        if root.tag == f"{_SVG}svg":
            root = _around(root)
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
                    self._merged.repaired.append(place)
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
            self._merged.remote.add(href)
            return None
        return self._styles.linked(path, media)

    def _clean(self, root: Element) -> None:
        for element in list(root.iter()):
            if not isinstance(element.tag, str):
                _remove(element)
            elif element.tag in _DROPPED or element.tag in (f"{_H}style", f"{_SVG}style"):
                self._merged.media += element.tag == f"{_H}audio"
                _remove(element)
            else:
                self._attributes(element)

    def _attributes(self, element: Element) -> None:
        if element.tag == f"{_H}video":
            self._merged.media += 1
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
            element.set("style", css.rewritten(style, self._base, self._merged.remote))

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
                element.set(attribute, " ".join(self._renamed(one) for one in names))
        if element.get("usemap", "").startswith("#"):
            element.set("usemap", f"#{self._renamed(element.get('usemap', '')[1:])}")

    def _renamed(self, name: str, number: int | None = None) -> str:
        return f"s{self._number if number is None else number}-{name}"

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

    def _inside(self, href: str) -> str | None:
        """The place in the whole that `href` leads to, or None where it leads out."""
        path = resolve(self._base, href)
        number = None if path is None else self._numbers.get(path)
        if number is None:
            return None
        _, _, fragment = href.partition("#")
        return f"#{self._renamed(unquote(fragment), number)}" if fragment else f"#s{number}"

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
            self._merged.remote.add(url)
            element.attrib.pop(attribute)
            return
        _, mark, fragment = url.partition("#")
        element.set(attribute, f"/{quote(path)}{mark}{fragment}")

    def _local_urls(self, value: str) -> str:
        return _LOCAL_URL.sub(lambda match: f'url("#{self._renamed(match[1])}")', value)

    def _writing_mode(self, root: Element, body: Element) -> str | None:
        for element in (root, body):
            mode = css.vertical_mode(element.get("style", ""))
            if mode:
                return mode
        rules = [rule for number in self._classes for rule in self._styles.sheets[number].vertical]
        return next((mode for prelude, mode in rules if _selects(prelude, (root, body))), None)

    def _mark(self, root: Element) -> None:
        own = [f"ebook-c{number}" for number in self._classes]
        root.set("class", " ".join(["ebook-doc", *own, *root.get("class", "").split()]))
        anchor = etree.Element(f"{_H}div", {"id": f"s{self._number}"})
        root.insert(0, anchor)


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


def _around(svg: Element) -> Element:
    root = etree.Element(f"{_H}html")
    body = etree.SubElement(root, f"{_H}body", {"style": "margin: 0"})
    body.append(svg)
    return root


def _discard(element: Element, attribute: str) -> None:
    if attribute in element.attrib:
        element.attrib.pop(attribute)


def _remove(element: Element) -> None:
    """Take `element` out, the text after it stays."""
    parent = element.getparent()
    if parent is None:
        return
    previous = element.getprevious()
    if element.tail:
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)
