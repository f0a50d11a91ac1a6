"""Table of contents, page list, landmarks and read-aloud text against the reading order.

EPUB Accessibility 1.1 §3.3 on pages, https://www.w3.org/TR/epub-a11y-11/#sec-page-nav
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.epub.paths import with_fragment
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.books.validating.accessibility.document import EPUB_TYPE, tokens_of
from ebook_pipeline.books.validating.accessibility.inventory import ContentInventory
from ebook_pipeline.books.validating.accessibility.violations import Violation
from ebook_pipeline.foundation.identifiers import isbn13

_SMIL = "{http://www.w3.org/ns/SMIL}"


@dataclass(frozen=True)
class Navigation:
    """The three lists of a book, as `epub.navigation` reads them."""

    toc: tuple[TocEntry, ...] = ()
    pages: tuple[TocEntry, ...] = ()
    landmarks: tuple[TocEntry, ...] = ()

    @property
    def targets(self) -> frozenset[str]:
        """The places with a fragment that the lists link to."""
        entries = (*self.toc, *self.pages)
        return frozenset(entry.href for entry in entries if "#" in entry.href)


def violations(
    package: PackageDocument, navigation: Navigation, inventory: ContentInventory
) -> Iterator[Violation]:
    """What is wrong with the order of the contents, the page list and its source."""
    place = package.nav or package.ncx or package.path
    yield from _order(place, navigation.toc, inventory)
    yield from _pages(package, place, navigation.pages, inventory)
    yield from _source(package, navigation.pages)
    if package.nav and not navigation.landmarks:
        yield Violation("epub-landmarks", place)


def _order(
    place: str, toc: tuple[TocEntry, ...], inventory: ContentInventory
) -> Iterator[Violation]:
    """The first entry that is out of order, or leads nowhere."""
    before = -1
    for entry in toc:
        if not entry.href:
            continue
        position = inventory.places.get(entry.href)
        if position is None or position < before:
            yield Violation("epub-toc-order", place, f"{entry.title[:60]!r} → {entry.href[:100]}")
            return
        before = position


def _pages(
    package: PackageDocument, place: str, pages: tuple[TocEntry, ...], inventory: ContentInventory
) -> Iterator[Violation]:
    listed = {entry.href for entry in pages}
    fixed = package.layout == "pre-paginated"
    for entry in pages:
        lost = entry.href not in inventory.places
        unmarked = "#" in entry.href and not fixed and entry.href not in inventory.breaks_at
        if lost or unmarked:
            yield Violation(
                "epub-pagelist-broken", place, f"page {entry.title[:20]} → {entry.href}"
            )
    if not fixed:
        for page_break in inventory.page_breaks:
            if page_break not in listed:
                yield Violation("epub-pagelist-missing-pagebreak", page_break)


def _source(package: PackageDocument, pages: tuple[TocEntry, ...]) -> Iterator[Violation]:
    named = [
        meta.value for meta in package.meta if meta.property == "pageBreakSource" and meta.value
    ]
    old = package.version.startswith("2") and bool(package.sources)
    refined = any(
        meta.property == "source-of" and meta.value == "pagination" for meta in package.meta
    )
    printed = [source for source in package.sources if isbn13(source.removeprefix("urn:isbn:"))]
    if pages and not (named or refined or old) and package.layout != "pre-paginated":
        yield Violation("epub-pagesource", package.path)
    if not pages and (refined or printed or [name for name in named if name != "none"]):
        yield Violation("epub-pagelist-missing", package.path, (named or printed or [""])[0][:80])


def overlay_violations(
    container: Archive, package: PackageDocument, inventory: ContentInventory
) -> Iterator[Violation]:
    """Page numbers that are read aloud without being marked as such."""
    for name in media_overlays(package):
        if name not in container or not inventory.breaks_at:
            continue
        root = xml.parse(container.read(name, xml.LARGEST_DOCUMENT), place=name, recover=True)
        for text in root.iter(f"{_SMIL}text"):
            around = text.getparent()
            marked = around is not None and "pagebreak" in tokens_of(around.get(EPUB_TYPE))
            if not marked and with_fragment(name, text.get("src") or "") in inventory.breaks_at:
                yield Violation("epub-pagelist-mediaoverlays", f"{name}:{text.sourceline}")


def media_overlays(package: PackageDocument) -> tuple[str, ...]:
    """The files of the media overlays that the manifest names."""
    ids = {item.media_overlay for item in package.manifest if item.media_overlay}
    paths = (item.path for item in package.manifest if item.id in ids)
    return tuple(dict.fromkeys(path for path in paths if path))
