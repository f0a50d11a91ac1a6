"""EPUB 2 brought to EPUB 3: navigation and content documents, and what the package says of them.

EPUB 3.3 §5, https://www.w3.org/TR/epub-33/#sec-package-doc, and what OPF 2.0.1 said instead.
"""

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books.converting.to_epub import modern_html
from ebook_pipeline.books.converting.to_epub.dtbook import DTBOOK_TYPE
from ebook_pipeline.books.converting.to_epub.modern_html import ModernDocument
from ebook_pipeline.books.converting.to_epub.modern_metadata import unread_languages
from ebook_pipeline.books.converting.to_epub.modern_package import ModernParts, modern_package
from ebook_pipeline.books.converting.to_epub.nav_document import nav_document
from ebook_pipeline.books.formats.epub import content, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.navigation import page_list, toc
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.language_tags import language_tag
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.foundation.findings import Finding, Severity

_XHTML_TYPES = frozenset({content.XHTML_TYPE, DTBOOK_TYPE, "text/x-oeb1-document", "text/html"})
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


def upgrade_to_epub3(
    source: Path, opened: Archive, package: PackageDocument
) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """The files that change, by name, and what the author should know."""
    documents: dict[str, ModernDocument] = {}
    for item in package.manifest:
        if item.path and item.media_type in _XHTML_TYPES and item.path in opened:
            documents[item.path] = modern_html.modernize(opened.read(item.path), item.path)
    files = {name: document.data for name, document in documents.items()}
    ways = _Ways(source, package, documents)
    nav = _free(package)
    files[nav] = nav_document(
        nav,
        ways.entries,
        title=package.title or "Contents",
        language=next(filter(None, map(language_tag, package.languages)), None),
        landmarks=ways.landmarks(),
        pages=ways.pages,
    )
    if package.ncx and package.ncx in opened:
        files[package.ncx] = _ncx(opened.read(package.ncx), package.ncx, documents)
    root = xml.parse(opened.read(package.path, xml.LARGEST_DOCUMENT), place=package.path)
    files[package.path] = modern_package(
        root, package, ModernParts(documents, nav, ways.outside_the_spine)
    )
    return files, (_told(package.version), *unread_languages(package))


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


class _Ways:
    """How readers get to the documents: by contents, pages and landmarks, and by their links."""

    def __init__(
        self, source: Path, package: PackageDocument, documents: Mapping[str, ModernDocument]
    ) -> None:
        self._package, self._documents = package, documents
        self._toc = [self._checked(entry) for entry in toc(source, package)]
        pages = map(self._checked, page_list(source, package))
        self.pages = [page for page in pages if page.title and page.href]

    @cached_property
    def entries(self) -> list[TocEntry]:
        """The NCX's entries that lead somewhere, else one per document of the spine; behind them
        what is not linear and linked from nowhere, for nobody would find it (EPUB 3.3 §5.7.2)."""
        entries = [entry for entry in self._toc if entry.title or entry.href]
        spine = [item.path or "" for item in self._package.spine_items]
        if not any(entry.href and entry.title for entry in entries):
            entries = [self._entry(name) for name in spine if name in self._documents]
        by_id = {item.id: item.path or "" for item in self._package.manifest}
        aside = [by_id.get(ref.idref, "") for ref in self._package.spine if not ref.linear]
        reached = {_document(entry) for entry in entries} | self._linked
        reached |= {_document(mark) for _, mark in self.landmarks()}
        return entries + [
            self._entry(name) for name in aside if name in self._documents and name not in reached
        ]

    @cached_property
    def outside_the_spine(self) -> tuple[str, ...]:
        """Documents that something leads to, and that must therefore be in the spine."""
        inside = {item.path for item in self._package.spine_items}
        wanted = {_document(entry) for entry in (*self._toc, *self.pages)} | self._linked
        return tuple(name for name in self._documents if name in wanted and name not in inside)

    def landmarks(self) -> Iterator[tuple[str, TocEntry]]:
        """The guide's places within the spine, each kind once."""
        seen: set[str] = set()
        spine = {item.path for item in self._package.spine_items}
        for reference in self._package.guide:
            kind = GUIDE_LANDMARKS.get(reference.type.lower())
            if kind and kind not in seen and reference.path in spine:
                seen.add(kind)
                href = "#".join(filter(None, (reference.path, reference.fragment)))
                entry = TocEntry(title=reference.title.strip() or kind.title(), href=href)
                if self._checked(entry).href:
                    yield kind, self._checked(entry)

    @cached_property
    def _linked(self) -> set[str]:
        return set().union(*(document.links for document in self._documents.values()))

    def _entry(self, name: str) -> TocEntry:
        return TocEntry(title=self._documents[name].title or posixpath.basename(name), href=name)

    def _checked(self, entry: TocEntry) -> TocEntry:
        """The entry without a place, or document, that does not exist."""
        path, _, fragment = entry.href.partition("#")
        if path not in self._documents:
            return entry.model_copy(update={"href": ""})
        if unquote(fragment) not in self._documents[path].ids:
            return entry.model_copy(update={"href": path})
        return entry


def _document(entry: TocEntry) -> str:
    return entry.href.partition("#")[0]


def _ncx(data: bytes, name: str, documents: Mapping[str, ModernDocument]) -> bytes:
    """The NCX, which stays for old readers, without links to ids that are nowhere."""
    root = xml.parse(data, place=name)
    for source in root.iter("{*}content"):
        path, mark, fragment = source.get("src", "").partition("#")
        document = documents.get(resolve(name, path) or "")
        if mark and document is not None and unquote(fragment) not in document.ids:
            source.set("src", path)
    for point in root.iter("{*}navPoint", "{*}pageTarget", "{*}navTarget"):
        if "playOrder" in point.attrib:  # equal targets need equal numbers: the order says it too
            point.attrib.pop("playOrder")
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
