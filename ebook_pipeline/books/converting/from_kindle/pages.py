"""Documents of a Kindle book as files: their names, their heads, links between them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.converting.from_kindle.kf8_markup import properties
from ebook_pipeline.books.converting.to_epub.conforming import TYPE, H
from ebook_pipeline.books.converting.to_epub.nav_document import page
from ebook_pipeline.books.converting.to_epub.publication import FOLDER, Item
from ebook_pipeline.books.converting.to_epub.upgrade import LANDMARKS
from ebook_pipeline.books.formats.epub.content import XHTML_TYPE
from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.contents import ContentsEntry, contents
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.foundation.errors import BookError

_DOCUMENT = re.compile(rf"{FOLDER}text/part(\d{{4,}})\.xhtml")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class Look:
    """What a document's head says besides its content."""

    language: str
    sheets: Sequence[str] = ()
    title: str = ""
    style: str = ""
    viewport: str = ""
    spread: str = ""


def document(number: int) -> str:
    """The name of the document `number`, from 0, in the container."""
    return f"{FOLDER}text/part{number + 1:04}.xhtml"


def written(number: int, body: etree._Element, look: Look) -> Item:
    """The document as a file."""
    spaces = {None: H[1:-1], "epub": TYPE[1:].partition("}")[0]}
    html = etree.Element(f"{H}html", nsmap=spaces)  # type: ignore[arg-type]
    html.set("lang", look.language)
    html.set(_LANG, look.language)
    head = etree.SubElement(html, f"{H}head")
    etree.SubElement(head, f"{H}title").text = look.title
    if look.viewport:
        etree.SubElement(head, f"{H}meta", {"name": "viewport", "content": look.viewport})
    for sheet in look.sheets:
        etree.SubElement(head, f"{H}link", {"rel": "stylesheet", "type": "text/css", "href": sheet})
    if look.style:
        etree.SubElement(head, f"{H}style").text = look.style
    html.append(body)
    etree.cleanup_namespaces(html, keep_ns_prefixes=["epub"])
    return Item(document(number), XHTML_TYPE, page(html), properties(body), look.spread)


def relink(bodies: Sequence[etree._Element]) -> dict[str, str]:
    """Links between the documents by name; where each id stands, the empty one at the beginning."""
    where = {"": document(0)}
    for number, body in enumerate(bodies):
        for element in body.iter("*"):
            identifier = element.get("id")
            if identifier and identifier not in where:
                where[identifier] = f"{document(number)}#{identifier}"
            elif identifier:
                element.attrib.pop("id")
    for number, body in enumerate(bodies):
        for link in body.iter(f"{H}a"):
            _relink(link, document(number), where)
    return where


def _relink(link: etree._Element, name: str, where: dict[str, str]) -> None:
    href = link.get("href", "")
    if not href.startswith("#"):
        return
    target = where.get(href[1:])
    if target is None:
        link.attrib.pop("href")
        return
    path, _, identifier = target.partition("#")
    inside = path == name and identifier
    link.set("href", f"#{identifier}" if inside else target.rpartition("/")[2])


def landmarks_of(found: Iterable[tuple[str, str, str]]) -> list[tuple[str, TocEntry]]:
    """Landmarks of (guide's kind, title, href); each kind once, those that lead somewhere."""
    made: dict[str, TocEntry] = {}
    for kind, title, href in found:
        term = LANDMARKS.get(kind.lower())
        if term and href and term not in made:
            made[term] = TocEntry(title=title.strip() or term.title(), href=href)
    return list(made.items())


def settle(bodies: Sequence[etree._Element]) -> list[frozenset[str]]:
    """The ids of each document; links to ids that are nowhere lead to the document's beginning."""
    ids = [
        frozenset(one.get("id", "") for one in body.iter("*") if one.get("id")) for body in bodies
    ]
    for number, body in enumerate(bodies):
        for link in body.iter(f"{H}a"):
            href = link.get("href", "")
            if href.startswith("#") and href[1:] not in ids[number]:
                link.attrib.pop("href")
            elif href.startswith("part"):
                link.set("href", known(f"{FOLDER}text/{href}", ids).rpartition("/")[2])
    return ids


def known(href: str, ids: Sequence[frozenset[str]]) -> str:
    """`href` without an id that its document lacks; empty where it names no document."""
    name, _, identifier = href.partition("#")
    found = _DOCUMENT.fullmatch(name)
    number = int(found[1]) - 1 if found else -1
    if not 0 <= number < len(ids):
        return ""
    return href if identifier in ids[number] else name


def contents_of(book: KindleBook) -> Sequence[ContentsEntry]:
    """The book's own contents; none where it can't be read, of which its check has warned."""
    try:
        return contents(book)
    except BookError:
        return ()
