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
from ebook_pipeline.books.validating.accessibility.document import EPUB_TYPE, words
from ebook_pipeline.books.validating.accessibility.faults import Fault
from ebook_pipeline.books.validating.accessibility.survey import Survey
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


def faults(package: PackageDocument, navigation: Navigation, survey: Survey) -> Iterator[Fault]:
    """What is wrong with the order of the contents, the page list and its source."""
    place = package.nav or package.ncx or package.path
    yield from _order(place, navigation.toc, survey)
    yield from _pages(package, place, navigation.pages, survey)
    yield from _source(package, navigation.pages)
    if package.nav and not navigation.landmarks:
        yield Fault("epub-landmarks", place)


def _order(place: str, toc: tuple[TocEntry, ...], survey: Survey) -> Iterator[Fault]:
    """The first entry that is out of order, or leads nowhere."""
    before = -1
    for entry in toc:
        if not entry.href:
            continue
        position = survey.places.get(entry.href)
        if position is None or position < before:
            yield Fault("epub-toc-order", place, f"{entry.title[:60]!r} → {entry.href[:100]}")
            return
        before = position


def _pages(
    package: PackageDocument, place: str, pages: tuple[TocEntry, ...], survey: Survey
) -> Iterator[Fault]:
    listed = {entry.href for entry in pages}
    fixed = package.layout == "pre-paginated"
    for entry in pages:
        lost = entry.href not in survey.places
        unmarked = "#" in entry.href and not fixed and entry.href not in survey.breaks_at
        if lost or unmarked:
            yield Fault("epub-pagelist-broken", place, f"page {entry.title[:20]} → {entry.href}")
    if not fixed:
        for found in survey.page_breaks:
            if found not in listed:
                yield Fault("epub-pagelist-missing-pagebreak", found)


def _source(package: PackageDocument, pages: tuple[TocEntry, ...]) -> Iterator[Fault]:
    named = [one.value for one in package.meta if one.property == "pageBreakSource" and one.value]
    old = package.version.startswith("2") and bool(package.sources)
    refined = any(one.property == "source-of" and one.value == "pagination" for one in package.meta)
    printed = [one for one in package.sources if isbn13(one.removeprefix("urn:isbn:"))]
    if pages and not (named or refined or old) and package.layout != "pre-paginated":
        yield Fault("epub-pagesource", package.path)
    if not pages and (refined or printed or [one for one in named if one != "none"]):
        yield Fault("epub-pagelist-missing", package.path, (named or printed or [""])[0][:80])


def overlay_faults(container: Archive, package: PackageDocument, survey: Survey) -> Iterator[Fault]:
    """Page numbers that are read aloud without being marked as such."""
    for name in overlays(package):
        if name not in container or not survey.breaks_at:
            continue
        root = xml.parse(container.read(name, xml.LARGEST_DOCUMENT), place=name, recover=True)
        for text in root.iter(f"{_SMIL}text"):
            around = text.getparent()
            marked = around is not None and "pagebreak" in words(around.get(EPUB_TYPE))
            if not marked and with_fragment(name, text.get("src") or "") in survey.breaks_at:
                yield Fault("epub-pagelist-mediaoverlays", f"{name}:{text.sourceline}")


def overlays(package: PackageDocument) -> tuple[str, ...]:
    """The files of the media overlays that the manifest names."""
    ids = {item.media_overlay for item in package.manifest if item.media_overlay}
    found = (item.path for item in package.manifest if item.id in ids)
    return tuple(dict.fromkeys(path for path in found if path))
