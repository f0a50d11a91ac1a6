"""All the checks over one EPUB, each document read once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.formats.epub import archive, navigation, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.content import LARGEST_BOOK, SVG_TYPE, XHTML_TYPE
from ebook_pipeline.books.formats.epub.package import ManifestItem, PackageDocument, package_in
from ebook_pipeline.books.records import Conformance, TocEntry
from ebook_pipeline.books.validating.accessibility import (
    claims,
    contrast,
    controls,
    discovery,
    headings,
    images,
    languages,
    reading_order,
    roles,
    tables,
)
from ebook_pipeline.books.validating.accessibility.conformance import conformance
from ebook_pipeline.books.validating.accessibility.document import (
    XML_LANG,
    ContentDocument,
    content_document,
)
from ebook_pipeline.books.validating.accessibility.inventory import ContentInventory
from ebook_pipeline.books.validating.accessibility.reading_order import Navigation
from ebook_pipeline.books.validating.accessibility.style_sheets import StyleSheets
from ebook_pipeline.books.validating.accessibility.violations import Violation, ViolationCounter
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

_READ = (XHTML_TYPE, SVG_TYPE)
_PARTS: tuple[Callable[[ContentDocument], Iterator[Violation]], ...] = (
    headings.violations,
    images.violations,
    controls.violations,
    tables.violations,
    roles.violations,
)


@dataclass(frozen=True)
class AccessibilityResult:
    """The findings, warnings first, and what may be said to readers."""

    findings: tuple[Finding, ...]
    conformance: Conformance


def check(path: Path) -> AccessibilityResult:
    """The EPUB at `path` against EPUB Accessibility 1.1 and WCAG 2.2, level AA.

    No finding is worse than a warning. Raises BookError where the package can't be read.
    """
    counter = ViolationCounter()
    with archive.opened(path) as container:
        package = package_in(container)
        lists = _navigation(path, package)
        inventory = _inventory(package, lists)
        counter.add(_package_violations(container, package))
        counter.add(_document_violations(container, package, inventory))
        counter.add(reading_order.violations(package, lists, inventory))
        counter.add(reading_order.overlay_violations(container, package, inventory))
    counter.add(claims.violations(package, inventory))
    complete = not counter.count("unchecked")
    return AccessibilityResult(tuple(counter.findings()), conformance(package, counter, complete))


def unchecked(reason: Finding) -> Finding:
    """The finding on a book whose check ended for `reason`: nothing is said of it, and no worse."""
    counter = ViolationCounter()
    counter.add([Violation("unchecked", reason.place, reason.message)])
    return next(counter.findings())


def _package_violations(container: Archive, package: PackageDocument) -> Iterator[Violation]:
    root = xml.parse(container.read(package.path, xml.LARGEST_DOCUMENT), place=package.path)
    if package.version.startswith("3") and not root.get(XML_LANG):
        yield Violation("epub-lang", package.path)
    if not package.title.strip():
        yield Violation("epub-title", package.path)
    yield from discovery.violations(package)


def _document_violations(
    container: Archive, package: PackageDocument, inventory: ContentInventory
) -> Iterator[Violation]:
    sheets = StyleSheets(container)
    left = LARGEST_BOOK
    for item, in_spine in _items(package):
        try:
            data = container.read(item.path or "", xml.LARGEST_DOCUMENT)
            left -= len(data)
            if left < 0:
                yield Violation("unchecked", item.path or "", "the text is larger than 512 MiB")
                return
            document = content_document(item, _parsed(data), in_spine, _is_fixed(package, item))
        except BookError as error:
            yield Violation("unchecked", item.path or "", error.finding.message)
            continue
        inventory.note(document)
        yield from _violations_of(document, package, sheets)


def _violations_of(
    document: ContentDocument, package: PackageDocument, sheets: StyleSheets
) -> Iterator[Violation]:
    yield from languages.violations(document, package.languages)
    for part in _PARTS:
        yield from part(document)
    try:
        yield from contrast.violations(document, sheets)
    except RecursionError:
        yield Violation("unchecked", document.name, "its style sheets are nested too deeply")


def _parsed(data: bytes) -> etree._Element:
    try:
        return xml.parse(data)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        return xml.parse(data, recover=True)


def _items(package: PackageDocument) -> Iterator[tuple[ManifestItem, bool]]:
    """The spine's documents, each once, then the navigation document if it is not among them."""
    known: set[str] = set()
    for item in package.spine_items:
        if item.path and item.media_type in _READ and item.path not in known:
            known.add(item.path)
            yield item, True
    nav = package.item_at(package.nav) if package.nav else None
    if nav is not None and nav.path not in known:
        yield nav, False


def _is_fixed(package: PackageDocument, item: ManifestItem) -> bool:
    refs = (ref for ref in package.spine if ref.idref == item.id)
    properties = next((ref.properties for ref in refs), ())
    if "rendition:layout-reflowable" in properties:
        return False
    return package.layout == "pre-paginated" or "rendition:layout-pre-paginated" in properties


def _navigation(path: Path, package: PackageDocument) -> Navigation:
    return Navigation(
        _listed(navigation.toc, path, package),
        _listed(navigation.page_list, path, package),
        _listed(navigation.landmarks, path, package),
    )


def _listed(
    read: Callable[[Path, PackageDocument], tuple[TocEntry, ...]],
    path: Path,
    package: PackageDocument,
) -> tuple[TocEntry, ...]:
    """A navigation document that can't be read lists nothing; the checker says why."""
    try:
        return read(path, package)
    except BookError:
        return ()


def _inventory(package: PackageDocument, lists: Navigation) -> ContentInventory:
    return ContentInventory(
        lists.targets,
        toc=len(lists.toc),
        pages=len(lists.pages),
        overlays=len(reading_order.media_overlays(package)),
        lexicons=sum(item.media_type == "application/pls+xml" for item in package.manifest),
    )
