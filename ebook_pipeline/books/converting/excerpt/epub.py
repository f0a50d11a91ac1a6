"""The excerpt that a shop shows: the first tenth of a book as an EPUB of its own.

EPUB Previews 1.0, https://idpf.org/epub/previews/: ``dc:type`` says *preview*, ``dc:source`` the
book. Files that the kept documents do not show are left out; links into the rest lead nowhere.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books import text as prose
from ebook_pipeline.books.converting.excerpt.shortening import shorten_document
from ebook_pipeline.books.converting.to_epub import container
from ebook_pipeline.books.converting.to_epub.nav_document import nav_document, serialize_xhtml
from ebook_pipeline.books.formats.epub import archive, content, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import (
    CONTAINER,
    ManifestItem,
    PackageDocument,
    package_in,
)
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.formats.epub.unpacked import obfuscations
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.foundation.errors import BookError

SHARE = 0.1
"""Share of a book's words, 0 to 1, in its excerpt."""
_FEWEST = 50
"""Words of an excerpt."""
_FAR = 2
"""Times the words wanted, above which a document is cut."""
_LITTLE = 0.5
"""Share of the words wanted, below which whole documents are no excerpt: a title page is none."""
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_REFERENCES = ("src", "href", "data", "poster", "{http://www.w3.org/1999/xlink}href")
_URL = re.compile(r"""url\(\s*+["']?([^"'()]++)["']?\s*+\)|@import\s++["']([^"']++)["']""")
_SHEET, _SMIL = "text/css", "application/smil+xml"


@dataclass(frozen=True)
class _Start:
    """The first documents, their words, and how many words are kept of the last one (0: all)."""

    documents: tuple[str, ...]
    words: int
    cut: int = 0


@dataclass(frozen=True)
class _Kept:
    """The documents of the excerpt and all that they show, by name in the container."""

    documents: tuple[str, ...]
    names: frozenset[str]


def write_excerpt(epub: Path, target: Path, share: float = SHARE) -> int:
    """Write the first `share` of the EPUB 3 at `epub`, by words, to `target`; the excerpt's words.

    Whole documents, as many as fit; where those are a title page and little else, also the start
    of the next one, up to a paragraph's end. Never the whole of a book that has several documents.
    Runs in the sandbox.
    """
    with archive.opened(epub) as opened:
        package = package_in(opened)
        start = _first(epub, package, share)
        documents = start.documents
        kept = _closure(opened, package, documents)
        files = dict(_files(opened, package, kept))
        words = start.words
        if start.cut:
            last = documents[-1]
            files[last] = shorten_document(files[last], last, start.cut)
            words += prose.word_count(content.text_of(files[last]))
        nav = package.nav or _nav_name(package)
        entries = _entries(epub, package, {name: files[name] for name in documents})
        files[nav] = nav_document(nav, entries, title=package.title or "Contents")
        files[package.path] = _package(opened, package, kept, nav)
    order = container.order_names(files, (package.path, nav))
    container.write_container(target, ((name, files[name]) for name in order))
    return words


def _first(epub: Path, package: PackageDocument, share: float) -> _Start:
    """What the excerpt begins with; `words` are those of the documents that stay whole."""
    counts = [(name, prose.word_count(text)) for name, text in content.texts(epub, package)]
    counts = [(name, count) for name, count in counts if name != package.nav] or counts
    if not counts:
        raise BookError("convert.empty", "The book has no document to read in its spine.")
    wanted = max(_FEWEST, round(sum(count for _, count in counts) * share))
    names: list[str] = []
    words = 0
    for name, count in counts:
        left = wanted - words
        if count > left * _FAR and words < wanted * _LITTLE:
            return _Start((*names, name), words, cut=left)
        is_last = len(names) >= max(1, len(counts) - 1)
        if names and (is_last or (count > left and words > 0)):
            break
        names.append(name)
        words += count
    return _Start(tuple(names), words)


def _closure(opened: Archive, package: PackageDocument, documents: tuple[str, ...]) -> _Kept:
    """What the documents show, what their style sheets show, and so on; documents stay out."""
    items = {item.path: item for item in package.manifest if item.path}
    paths = {item.id: item.path or "" for item in package.manifest}
    names: set[str] = set(documents)
    if package.cover is not None and package.cover.path:
        names.add(package.cover.path)
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        fallback = items[name].fallback if name in items else None
        for shown in (*_shown(opened, name, items), paths.get(fallback or "", "")):
            item = items.get(shown)
            wanted = item is not None and (_is_part(item) or item.id == fallback)
            if wanted and shown not in names and shown in opened:
                names.add(shown)
                waiting.append(shown)
    return _Kept(documents, frozenset(names))


def _is_part(item: ManifestItem) -> bool:
    return item.media_type not in (content.XHTML_TYPE, _SMIL, "application/x-dtbncx+xml")


def _shown(opened: Archive, name: str, items: dict[str, ManifestItem]) -> Iterator[str]:
    item = items.get(name)
    kind = item.media_type if item else ""
    if name not in opened or kind not in (*content.DOCUMENT_TYPES, _SHEET):
        return
    data = opened.read(name, xml.LARGEST_DOCUMENT)
    for match in _URL.finditer(data.decode("utf-8", "replace")):
        yield resolve(name, (match[1] or match[2]).strip()) or ""
    if kind == _SHEET:
        return
    for element in xml.parse(data, place=name, recover=True).iter():
        for attribute in _REFERENCES:
            if element.get(attribute):
                yield resolve(name, element.get(attribute) or "") or ""


def _files(opened: Archive, package: PackageDocument, kept: _Kept) -> Iterator[tuple[str, bytes]]:
    fonts = obfuscations(opened, package)
    yield CONTAINER, container.container_xml(package.path)
    for name in sorted(kept.names):
        data = opened.read(name)
        if name in kept.documents:
            data = _unlinked(data, name, kept)
        yield name, fonts[name].reveal(data) if name in fonts else data


def _unlinked(data: bytes, name: str, kept: _Kept) -> bytes:
    """The document without links to what is left out; the same bytes where it has none."""
    root = xml.parse(data, place=name, recover=True)
    changed = False
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute in _REFERENCES:
            if attribute not in element.attrib:
                continue
            url = element.get(attribute)
            if url and resolve(name, url) not in (None, *kept.names):
                element.attrib.pop(attribute)
                changed = True
    if not changed:
        return data
    if etree.QName(root).localname == "svg":
        svg: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        return svg
    return serialize_xhtml(root)


def _entries(epub: Path, package: PackageDocument, documents: dict[str, bytes]) -> list[TocEntry]:
    """The table of contents as far as the excerpt goes."""
    entries = [
        entry
        for entry in toc(epub, package)
        if entry.title.strip() and _leads_into(entry.href, documents)
    ]
    first = next(iter(documents))
    return entries or [TocEntry(title=package.title or "Excerpt", href=first)]


def _leads_into(href: str, documents: dict[str, bytes]) -> bool:
    path, _, fragment = href.partition("#")
    if path not in documents:
        return False
    place = f'"{unquote(fragment)}"'.encode()
    return not fragment or place in documents[path].replace(b"'", b'"')


def _nav_name(package: PackageDocument) -> str:
    return resolve(package.path, "excerpt-nav.xhtml") or "excerpt-nav.xhtml"


def _package(opened: Archive, package: PackageDocument, kept: _Kept, nav: str) -> bytes:
    root = xml.parse(opened.read(package.path, xml.LARGEST_DOCUMENT), place=package.path)
    removed = _manifest(root, package, kept, nav)
    spine = root.find(f"{_OPF}spine")
    if spine is not None:
        if "toc" in spine.attrib:
            spine.attrib.pop("toc")
        ids = {item.id for item in package.manifest if item.path in kept.documents}
        for ref in list(spine):
            if ref.get("idref") not in ids:
                removed.add(ref.get("id") or "")
                spine.remove(ref)
        if all(ref.get("linear") == "no" for ref in spine):
            spine[0].attrib.pop("linear")
    for name in ("guide", "collection", "tours", "bindings"):
        for element in root.findall(f"{_OPF}{name}"):
            root.remove(element)
    _metadata(root, package, removed)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _manifest(root: etree._Element, package: PackageDocument, kept: _Kept, nav: str) -> set[str]:
    """Strip the manifest down; the ids that are gone."""
    manifest = root.find(f"{_OPF}manifest")
    if manifest is None:
        return set()
    removed: set[str] = set()
    wanted = kept.names | {nav}
    for element in list(manifest):
        path = resolve(package.path, element.get("href") or "")
        if path is None or path not in wanted:
            removed.add(element.get("id") or "")
            manifest.remove(element)
            continue
        if "media-overlay" in element.attrib:
            element.attrib.pop("media-overlay")
        if path == nav:
            element.set("properties", "nav")
        fallback = package.item(element.get("fallback") or "")
        if fallback is not None and fallback.path not in wanted:
            element.attrib.pop("fallback")
    if package.nav is None:
        attributes = {"id": "excerpt-nav", "href": nav.rsplit("/", 1)[-1], "properties": "nav"}
        attributes["media-type"] = content.XHTML_TYPE
        etree.SubElement(manifest, f"{_OPF}item", attributes)
    return removed


def _metadata(root: etree._Element, package: PackageDocument, removed: set[str]) -> None:
    metadata = root.find(f"{_OPF}metadata")
    if metadata is None:
        return
    unique = root.get("unique-identifier")
    source = package.unique_identifier or package.title
    for element in list(metadata):
        if element.tag == f"{_DC}identifier":
            _identify(metadata, element, unique, source)
        elif element.tag in (f"{_DC}type", f"{_DC}source") or _is_stale(element, removed):
            removed.add(element.get("id") or "")
            metadata.remove(element)
    for name, text in (("type", "preview"), ("source", source)):
        etree.SubElement(metadata, f"{_DC}{name}").text = text
    _drop_refinements(metadata)


def _identify(
    metadata: etree._Element, element: etree._Element, unique: str | None, source: str
) -> None:
    """The excerpt is another publication than the book: it has an identifier of its own."""
    if element.get("id") == unique:
        element.text = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'excerpt of {source}')}"
    else:
        metadata.remove(element)


def _is_stale(element: etree._Element, removed: set[str]) -> bool:
    property_ = element.get("property") or ""
    refined = (element.get("refines") or "").lstrip("#")
    if element.tag == f"{_OPF}link":
        return True
    return property_.startswith("media:") or (bool(refined) and refined in removed)


def _drop_refinements(metadata: etree._Element) -> None:
    """Refinements of elements that are gone go too, with those that refine them."""
    while True:
        tree = metadata.getroottree()
        ids = {element.get("id") for element in tree.iter() if element.get("id")}
        orphans = [
            element
            for element in metadata
            if element.get("refines") and (element.get("refines") or "").lstrip("#") not in ids
        ]
        if not orphans:
            return
        for element in orphans:
            metadata.remove(element)
