"""EPUB 2 brought to EPUB 3: package document, navigation, content documents.

EPUB 3.3 §5, https://www.w3.org/TR/epub-33/#sec-package-doc, and what OPF 2.0.1 said instead.
"""

import copy
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.to_epub import modern_html
from ebook_pipeline.books.converting.to_epub.nav_document import nav_document
from ebook_pipeline.books.formats.epub import content, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.navigation import page_list, toc
from ebook_pipeline.books.formats.epub.package import ManifestItem, PackageDocument
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.foundation.findings import Finding, Severity

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XHTML_TYPES = frozenset({content.XHTML_TYPE, "text/x-oeb1-document", "text/html"})
GUIDE_LANDMARKS = {
    "cover": "cover",
    "title-page": "titlepage",
    "toc": "toc",
    "text": "bodymatter",
    "start": "bodymatter",
    "bibliography": "bibliography",
    "glossary": "glossary",
    "index": "index",
    "preface": "preface",
    "foreword": "foreword",
    "dedication": "dedication",
    "epigraph": "epigraph",
    "acknowledgements": "acknowledgments",
}
_SPACES: dict[str | None, str] = {
    None: _OPF[1:-1],
    "dc": _DC[1:-1],
    "opf": _OPF[1:-1],
}
_NO_DATE = "2000-01-01T00:00:00Z"


def upgrade_to_epub3(
    source: Path, opened: Archive, package: PackageDocument
) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """The files that change, by name, and what the author should know."""
    files: dict[str, bytes] = {}
    documents: dict[str, modern_html.ModernDocument] = {}
    for item in package.manifest:
        if item.path and item.media_type in _XHTML_TYPES and item.path in opened:
            document = modern_html.modernize(opened.read(item.path), item.path)
            documents[item.path], files[item.path] = document, document.data
    name = _free(package)
    entries = _toc(source, package, documents)
    files[name] = nav_document(
        name,
        entries,
        title=package.title or "Contents",
        language=next(iter(package.languages), None),
        landmarks=_landmarks(package, documents),
        pages=_pages(source, package, documents),
    )
    if package.ncx and package.ncx in opened:
        files[package.ncx] = _ncx(opened.read(package.ncx), package.ncx, documents)
    root = xml.parse(opened.read(package.path, xml.LARGEST_DOCUMENT), place=package.path)
    files[package.path] = _package(root, package, documents, name)
    return files, (_told(package.version),)


def _told(version: str) -> Finding:
    return Finding(
        rule="convert.epub2",
        severity=Severity.INFO,
        message=f"EPUB {version or '2.0'} was brought to EPUB 3: "
        "navigation, metadata and content documents were rewritten.",
    )


def _free(package: PackageDocument) -> str:
    """A name for the navigation document that no file has."""
    folder = posixpath.dirname(package.path)
    taken = {item.path for item in package.manifest}
    names = (f"nav{'' if number == 0 else number}.xhtml" for number in range(len(taken) + 1))
    return next(
        path for path in (posixpath.join(folder, name) for name in names) if path not in taken
    )


def _toc(
    source: Path, package: PackageDocument, documents: dict[str, modern_html.ModernDocument]
) -> list[TocEntry]:
    """The NCX's entries that lead somewhere; else one entry per document of the spine."""
    entries = [_checked(entry, documents) for entry in toc(source, package)]
    if any(entry.href for entry in entries):
        return entries
    return [
        TocEntry(title=documents[item.path].title or posixpath.basename(item.path), href=item.path)
        for item in package.spine_items
        if item.path in documents
    ]


def _checked(entry: TocEntry, documents: dict[str, modern_html.ModernDocument]) -> TocEntry:
    path, _, fragment = entry.href.partition("#")
    if path not in documents:
        return entry.model_copy(update={"href": ""})
    if fragment and fragment not in documents[path].ids:
        return entry.model_copy(update={"href": path})
    return entry


def _ncx(data: bytes, name: str, documents: dict[str, modern_html.ModernDocument]) -> bytes:
    """The NCX, which stays for old readers, without links to ids that are nowhere."""
    root = xml.parse(data, place=name)
    for source in root.iter("{*}content"):
        path, mark, fragment = source.get("src", "").partition("#")
        document = documents.get(resolve(name, path) or "")
        if mark and document is not None and fragment not in document.ids:
            source.set("src", path)
    for point in root.iter("{*}navPoint", "{*}pageTarget"):
        if "playOrder" in point.attrib:  # equal targets need equal numbers: the order says it too
            point.attrib.pop("playOrder")
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _landmarks(
    package: PackageDocument, documents: dict[str, modern_html.ModernDocument]
) -> Iterator[tuple[str, TocEntry]]:
    seen: set[str] = set()
    for reference in package.guide:
        kind = GUIDE_LANDMARKS.get(reference.type.lower())
        if kind and kind not in seen and reference.path in documents:
            seen.add(kind)
            yield kind, TocEntry(title=reference.title or kind.title(), href=reference.path)


def _pages(
    source: Path, package: PackageDocument, documents: dict[str, modern_html.ModernDocument]
) -> list[TocEntry]:
    """The printed book's pages that the NCX lists, if they lead somewhere."""
    pages = [_checked(entry, documents) for entry in page_list(source, package)]
    return [page for page in pages if page.title and page.href]


def _package(
    old: etree._Element,
    package: PackageDocument,
    documents: dict[str, modern_html.ModernDocument],
    nav: str,
) -> bytes:
    root = etree.Element(f"{_OPF}package", nsmap=_SPACES)  # type: ignore[arg-type]
    root.set("version", "3.0")
    root.set("unique-identifier", old.get("unique-identifier") or "")
    _metadata(root, old, package)
    manifest = etree.SubElement(root, f"{_OPF}manifest")
    for item in package.manifest:
        _item(manifest, item, package, documents)
    href = posixpath.basename(nav)
    ids = {item.id for item in package.manifest}
    nav_id = next(
        name for name in (f"nav{n or ''}" for n in range(len(ids) + 1)) if name not in ids
    )
    attributes = {"id": nav_id, "href": href, "media-type": content.XHTML_TYPE, "properties": "nav"}
    etree.SubElement(manifest, f"{_OPF}item", attributes)
    for name in ("spine", "guide"):
        part = old.find(f"{_OPF}{name}")
        if part is not None and len(part):
            root.append(copy.deepcopy(part))
    etree.indent(root)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["dc"])
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _item(
    manifest: etree._Element,
    item: ManifestItem,
    package: PackageDocument,
    documents: dict[str, modern_html.ModernDocument],
) -> None:
    document = documents.get(item.path or "")
    properties = sorted(document.properties) if document else []
    if package.cover is not None and item.id == package.cover.id:
        properties.append("cover-image")
    attributes = {
        "id": item.id,
        "href": item.href,
        "media-type": content.XHTML_TYPE if document else item.media_type,
    }
    if item.fallback:
        attributes["fallback"] = item.fallback
    if properties:
        attributes["properties"] = " ".join(properties)
    etree.SubElement(manifest, f"{_OPF}item", attributes)


def _metadata(root: etree._Element, old: etree._Element, package: PackageDocument) -> None:
    metadata = etree.SubElement(root, f"{_OPF}metadata")
    dated = False
    for element in _elements(old):
        if element.tag == f"{_DC}date":
            if dated or element.get(f"{_OPF}event", "publication") != "publication":
                continue
            dated = True
        _copied(metadata, element)
    if metadata.find(f"{_DC}title") is None:
        title = etree.Element(f"{_DC}title")
        title.text = "Untitled"
        metadata.insert(0, title)
    modified = etree.SubElement(metadata, f"{_OPF}meta", {"property": "dcterms:modified"})
    modified.text = _modified(package)


def _elements(old: etree._Element) -> Iterator[etree._Element]:
    section = old.find(f"{_OPF}metadata")
    for child in () if section is None else section:
        if child.tag in (f"{_OPF}dc-metadata", f"{_OPF}x-metadata"):
            yield from child
        elif isinstance(child.tag, str):
            yield child


def _copied(metadata: etree._Element, element: etree._Element) -> None:
    """One element of the metadata; EPUB 2's attributes become refinements."""
    text = " ".join("".join(element.itertext()).split())  # type: ignore[arg-type]
    if element.tag == f"{_OPF}meta":
        if element.get("name") and element.get("content"):
            etree.SubElement(
                metadata,
                f"{_OPF}meta",
                {"name": element.get("name", ""), "content": element.get("content", "")},
            )
        return
    if not str(element.tag).startswith(_DC) or not text:
        return
    copied = etree.SubElement(metadata, element.tag)
    copied.text = text
    refinements = {}
    for key, value in element.attrib.items():
        if str(key).startswith(_OPF):
            refinements[str(key).removeprefix(_OPF)] = str(value)
        else:
            copied.set(key, value)
    _refine(metadata, copied, refinements)


def _refine(metadata: etree._Element, element: etree._Element, attributes: dict[str, str]) -> None:
    known = {"role": "role", "file-as": "file-as", "scheme": "identifier-type"}
    for name, value in attributes.items():
        kind = known.get(name)
        if kind is None or not value.strip():
            continue
        identifier = element.get("id") or f"meta-{len(metadata)}"
        element.set("id", identifier)
        refined = {"refines": f"#{identifier}", "property": kind}
        if kind == "role":
            refined["scheme"] = "marc:relators"
        etree.SubElement(metadata, f"{_OPF}meta", refined).text = value


def _modified(package: PackageDocument) -> str:
    """When the book says that it was changed, else published: the same for the same book."""
    ranked = sorted(package.dates, key=lambda date: date.event != "modification")
    for date in ranked:
        match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", date.value)
        if match:
            return f"{match[1]}-{match[2] or '01'}-{match[3] or '01'}T00:00:00Z"
    return _NO_DATE
