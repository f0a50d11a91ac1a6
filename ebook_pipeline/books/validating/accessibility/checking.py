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
from ebook_pipeline.books.validating.accessibility.document import XML_LANG, Document, document_of
from ebook_pipeline.books.validating.accessibility.faults import Fault, Tally
from ebook_pipeline.books.validating.accessibility.reading_order import Navigation
from ebook_pipeline.books.validating.accessibility.style_sheets import Sheets
from ebook_pipeline.books.validating.accessibility.survey import Survey
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

_READ = (XHTML_TYPE, SVG_TYPE)
_PARTS: tuple[Callable[[Document], Iterator[Fault]], ...] = (
    headings.faults,
    images.faults,
    controls.faults,
    tables.faults,
    roles.faults,
)


@dataclass(frozen=True)
class Checked:
    """The findings, warnings first, and what may be said to readers."""

    findings: tuple[Finding, ...]
    conformance: Conformance


def check(path: Path) -> Checked:
    """The EPUB at `path` against EPUB Accessibility 1.1 and WCAG 2.2, level AA.

    No finding is worse than a warning. Raises BookError where the package can't be read.
    """
    tally = Tally()
    with archive.opened(path) as container:
        package = package_in(container)
        lists = _navigation(path, package)
        survey = _survey(package, lists)
        tally.add(_package_faults(container, package))
        tally.add(_document_faults(container, package, survey))
        tally.add(reading_order.faults(package, lists, survey))
        tally.add(reading_order.overlay_faults(container, package, survey))
    tally.add(claims.faults(package, survey))
    complete = not tally.count("unchecked")
    return Checked(tuple(tally.findings()), conformance(package, tally, complete))


def unchecked(reason: Finding) -> Finding:
    """The finding on a book whose check ended for `reason`: nothing is said of it, and no worse."""
    tally = Tally()
    tally.add([Fault("unchecked", reason.place, reason.message)])
    return next(tally.findings())


def _package_faults(container: Archive, package: PackageDocument) -> Iterator[Fault]:
    root = xml.parse(container.read(package.path, xml.LARGEST_DOCUMENT), place=package.path)
    if package.version.startswith("3") and not root.get(XML_LANG):
        yield Fault("epub-lang", package.path)
    if not package.title.strip():
        yield Fault("epub-title", package.path)
    yield from discovery.faults(package)


def _document_faults(
    container: Archive, package: PackageDocument, survey: Survey
) -> Iterator[Fault]:
    sheets = Sheets(container)
    left = LARGEST_BOOK
    for item, in_spine in _items(package):
        try:
            data = container.read(item.path or "", xml.LARGEST_DOCUMENT)
            left -= len(data)
            if left < 0:
                yield Fault("unchecked", item.path or "", "the text is larger than 512 MiB")
                return
            document = document_of(item, _parsed(data), in_spine, _is_fixed(package, item))
        except BookError as error:
            yield Fault("unchecked", item.path or "", error.finding.message)
            continue
        survey.note(document)
        yield from _faults_of(document, package, sheets)


def _faults_of(document: Document, package: PackageDocument, sheets: Sheets) -> Iterator[Fault]:
    yield from languages.faults(document, package.languages)
    for part in _PARTS:
        yield from part(document)
    try:
        yield from contrast.faults(document, sheets)
    except RecursionError:
        yield Fault("unchecked", document.name, "its style sheets are nested too deeply")


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
    said = next((ref.properties for ref in refs), ())
    if "rendition:layout-reflowable" in said:
        return False
    return package.layout == "pre-paginated" or "rendition:layout-pre-paginated" in said


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


def _survey(package: PackageDocument, lists: Navigation) -> Survey:
    return Survey(
        lists.targets,
        toc=len(lists.toc),
        pages=len(lists.pages),
        overlays=len(reading_order.overlays(package)),
        lexicons=sum(item.media_type == "application/pls+xml" for item in package.manifest),
    )
