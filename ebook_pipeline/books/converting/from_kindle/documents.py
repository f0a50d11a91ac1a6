"""Documents of a Kindle book as files: their names, their heads, links between them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.converting.from_kindle.kf8_markup import manifest_properties
from ebook_pipeline.books.converting.to_epub.conforming import EPUB_TYPE, XHTML
from ebook_pipeline.books.converting.to_epub.nav_document import serialize_xhtml
from ebook_pipeline.books.converting.to_epub.publication import FOLDER, PublicationFile
from ebook_pipeline.books.converting.to_epub.upgrade import GUIDE_LANDMARKS
from ebook_pipeline.books.formats.epub.content import XHTML_TYPE
from ebook_pipeline.books.formats.kindle.book import KindleBook
from ebook_pipeline.books.formats.kindle.contents import ContentsEntry, contents
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.foundation.errors import BookError

_DOCUMENT = re.compile(rf"{FOLDER}text/part(\d{{4,}})\.xhtml")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class DocumentHead:
    """What a document's head holds, and where the document stands in a `spread`."""

    language: str
    sheets: Sequence[str] = ()
    title: str = ""
    style: str = ""
    viewport: str = ""
    spread: str = ""


def document_name(number: int) -> str:
    """The name of the document `number`, from 0, in the container."""
    return f"{FOLDER}text/part{number + 1:04}.xhtml"


def document_file(number: int, body: etree._Element, facts: DocumentHead) -> PublicationFile:
    """The document as a file."""
    spaces = {None: XHTML[1:-1], "epub": EPUB_TYPE[1:].partition("}")[0]}
    html = etree.Element(f"{XHTML}html", nsmap=spaces)  # type: ignore[arg-type]
    html.set("lang", facts.language)
    html.set(_LANG, facts.language)
    head = etree.SubElement(html, f"{XHTML}head")
    etree.SubElement(head, f"{XHTML}title").text = facts.title
    if facts.viewport:
        etree.SubElement(head, f"{XHTML}meta", {"name": "viewport", "content": facts.viewport})
    for sheet in facts.sheets:
        etree.SubElement(
            head, f"{XHTML}link", {"rel": "stylesheet", "type": "text/css", "href": sheet}
        )
    if facts.style:
        etree.SubElement(head, f"{XHTML}style").text = facts.style
    html.append(body)
    etree.cleanup_namespaces(html, keep_ns_prefixes=["epub"])
    return PublicationFile(
        document_name(number),
        XHTML_TYPE,
        serialize_xhtml(html),
        manifest_properties(body),
        facts.spread,
    )


def relink(bodies: Sequence[etree._Element]) -> dict[str, str]:
    """Let links lead to the documents that hold their ids; the address of each id.

    The empty id is the book's beginning.
    """
    where = {"": document_name(0)}
    for number, body in enumerate(bodies):
        for element in body.iter("*"):
            identifier = element.get("id")
            if identifier and identifier not in where:
                where[identifier] = f"{document_name(number)}#{identifier}"
            elif identifier:
                element.attrib.pop("id")
    for number, body in enumerate(bodies):
        for link in body.iter(f"{XHTML}a"):
            _relink(link, document_name(number), where)
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


def nav_landmarks(guide: Iterable[tuple[str, str, str]]) -> list[tuple[str, TocEntry]]:
    """Landmarks of (guide's kind, title, href); each kind once, those that lead somewhere."""
    made: dict[str, TocEntry] = {}
    for kind, title, href in guide:
        term = GUIDE_LANDMARKS.get(kind.lower())
        if term and href and term not in made:
            made[term] = TocEntry(title=title.strip() or term.title(), href=href)
    return list(made.items())


def mend_links(bodies: Sequence[etree._Element]) -> list[frozenset[str]]:
    """The ids of each document, after links to missing ids were led to the document's beginning."""
    ids = [
        frozenset(element.get("id", "") for element in body.iter("*") if element.get("id"))
        for body in bodies
    ]
    for number, body in enumerate(bodies):
        for link in body.iter(f"{XHTML}a"):
            href = link.get("href", "")
            if href.startswith("#") and href[1:] not in ids[number]:
                link.attrib.pop("href")
            elif href.startswith("part"):
                link.set("href", checked_href(f"{FOLDER}text/{href}", ids).rpartition("/")[2])
    return ids


def checked_href(href: str, ids: Sequence[frozenset[str]]) -> str:
    """`href` without an id that its document lacks; empty where it names no document."""
    name, _, identifier = href.partition("#")
    match = _DOCUMENT.fullmatch(name)
    number = int(match[1]) - 1 if match else -1
    if not 0 <= number < len(ids):
        return ""
    return href if identifier in ids[number] else name


def contents_entries(book: KindleBook) -> Sequence[ContentsEntry]:
    """The book's own contents; none where it can't be read, of which its check has warned."""
    try:
        return contents(book)
    except BookError:
        return ()
