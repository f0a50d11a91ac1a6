"""The package document: metadata with its refinements resolved, manifest, spine.

EPUB 3.3 §5, https://www.w3.org/TR/epub-33/#sec-package-doc; OPF 2.0.1 for EPUB 2.
"""

from pathlib import Path

from lxml import etree

from ebook_pipeline.books.formats.epub import archive, metadata, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.cover_page import is_called_cover, shown_images
from ebook_pipeline.books.formats.epub.metadata import Collection, Date, Meta, Title
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import Accessibility, Record, Series
from ebook_pipeline.books.records.description import BibliographicFields
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

CONTAINER = "META-INF/container.xml"
PACKAGE_TYPE = "application/oebps-package+xml"
_OCF = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_PROPERTIES = ("layout", "orientation", "spread", "flow")


PUBLICATION_EVENTS = ("publication", "ops-publication", "", "original-publication")
"""OPF 2.0.1 §2.2.7: events of a date that say when a book was published, the edition's first."""
_NO_DATE = "0101-01-01"
"""What programs write for a date that they do not know."""


class ManifestItem(Record):
    """EPUB 3.3 §5.6.2; `path` is the file's name in the container, None for remote resources."""

    id: str
    href: str
    path: str | None
    media_type: str
    properties: tuple[str, ...] = ()
    fallback: str | None = None
    media_overlay: str | None = None


class ItemRef(Record):
    """EPUB 3.3 §5.7.2"""

    idref: str
    linear: bool = True
    properties: tuple[str, ...] = ()


class GuideReference(Record):
    """OPF 2.0.1 §2.6: `type` such as ``cover``, ``toc``, ``text``."""

    type: str
    title: str
    path: str | None
    fragment: str = ""


_FROM_RIGHT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"})
"""Languages in scripts that run from the right, by primary tag."""


class PackageDocument(BibliographicFields):
    """Everything that the package document says, in its order or the one that it asks for."""

    path: str
    version: str
    unique_identifier: str | None = None
    titles: tuple[Title, ...] = ()
    dates: tuple[Date, ...] = ()
    descriptions: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    collections: tuple[Collection, ...] = ()
    meta: tuple[Meta, ...] = ()
    accessibility: Accessibility = Accessibility()
    layout: str = "reflowable"
    orientation: str = "auto"
    spread: str = "auto"
    flow: str = "auto"
    viewport: str | None = None
    page_progression: str = "default"
    manifest: tuple[ManifestItem, ...] = ()
    spine: tuple[ItemRef, ...] = ()
    guide: tuple[GuideReference, ...] = ()
    nav: str | None = None
    ncx: str | None = None
    cover: ManifestItem | None = None

    @property
    def title(self) -> str:
        """The main title, else the first; empty where there is none."""
        main = next((title for title in self.titles if title.type == "main"), None)
        chosen = main or next(iter(self.titles), None)
        return chosen.text if chosen else ""

    @property
    def turns_from_right(self) -> bool:
        """Whether pages are turned from the right: as it says, else as its language is written."""
        if self.page_progression != "default":
            return self.page_progression == "rtl"
        return self._is_written_from_right

    @property
    def _is_written_from_right(self) -> bool:
        language = next(iter(self.languages), "").lower()
        return primary_tag(language) in _FROM_RIGHT and "-latn" not in language

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What EPUBCheck does not ask: a spine of EPUB 3 that leaves readers to guess (§5.7.1)."""
        stated = self.page_progression != "default" or not self.version.startswith("3")
        if stated or not self._is_written_from_right:
            return ()
        message = (
            f"The book is in {self.languages[0]}, and its spine does not say that pages are turned"
            " from the right: some readers turn them from the left."
        )
        remedy = 'Put page-progression-direction="rtl" on the spine element.'
        warning = Finding(
            rule="package.no-progression",
            severity=Severity.WARNING,
            place=self.path,
            message=message,
            remedy=remedy,
        )
        return (warning,)

    @property
    def subtitle(self) -> str | None:
        return next((title.text for title in self.titles if title.type == "subtitle"), None)

    @property
    def series(self) -> tuple[Series, ...]:
        """Collections that call themselves a series, ``calibre:series`` among them, each once."""
        found: dict[str, Series] = {}
        for collection in self.collections:
            if collection.type != "series":
                continue
            key, position = collection.name.casefold(), collection.position
            known = found.get(key)
            if known is None or (position and not known.position):
                name = known.name if known else collection.name
                found[key] = Series(name=name, position=position)
        return tuple(found.values())

    @property
    def published(self) -> str | None:
        """The date of publication: this edition's, else the work's; never another event's."""
        by_event = {
            (date.event or "").lower(): date.value
            for date in reversed(self.dates)
            if not date.value.startswith(_NO_DATE)
        }
        issued = (meta.value for meta in self.meta if meta.property == "dcterms:issued")
        dated = (by_event[event] for event in PUBLICATION_EVENTS if event in by_event)
        return next(dated, next(issued, None))

    def item(self, id_: str) -> ManifestItem | None:
        """The manifest item with this id."""
        return next((item for item in self.manifest if item.id == id_), None)

    def item_at(self, path: str) -> ManifestItem | None:
        """The manifest item whose file is `path`."""
        return next((item for item in self.manifest if item.path == path), None)

    @property
    def spine_items(self) -> tuple[ManifestItem, ...]:
        """The manifest items of the spine in its order; itemrefs that name none are left out."""
        by_id = {item.id: item for item in reversed(self.manifest)}
        return tuple(by_id[ref.idref] for ref in self.spine if ref.idref in by_id)


def read_package(path: Path) -> PackageDocument:
    """The default rendition's package document of the EPUB at `path`.

    Raises BookError: ``container.…``, ``package.missing``, ``xml.…``.
    """
    with archive.opened(path) as container:
        return package_in(container)


def package_in(container: Archive) -> PackageDocument:
    """As `read_package`, of a container that is open already."""
    name = rootfiles(container)[0]
    if name not in container:
        raise BookError("package.missing", f"The book has no package document {name}.", place=name)
    package = parse_package(container.read(name), name)
    if package.cover is not None or package.version.startswith("3"):
        return package
    return package.model_copy(update={"cover": _paged_cover(container, package)})


def rootfiles(container: Archive) -> tuple[str, ...]:
    """Paths of the package documents, at least one: EPUB 3.3 §4.2.6.3.1."""
    root = xml.parse(container.read(CONTAINER, xml.LARGEST_DOCUMENT), place=CONTAINER)
    listed = list(root.iter(f"{_OCF}rootfile"))
    typed = [rootfile for rootfile in listed if rootfile.get("media-type") == PACKAGE_TYPE]
    paths = [rootfile.get("full-path", "") for rootfile in typed or listed]
    if not paths or not paths[0]:
        raise BookError(
            "package.missing", "The container names no package document.", place=CONTAINER
        )
    return tuple(paths)


def parse_package(data: bytes, name: str) -> PackageDocument:
    """The package document with the bytes `data`, which lies at `name` in its container."""
    root = xml.parse(data, place=name)
    manifest = _manifest(root, name)
    guide = _guide(root, name)
    facts = metadata.read(root)
    spine = root.find(f"{_OPF}spine")
    return PackageDocument(
        path=name,
        version=root.get("version", ""),
        manifest=manifest,
        guide=guide,
        spine=_itemrefs(spine),
        page_progression=_attribute(spine, "page-progression-direction") or "default",
        nav=next((item.path for item in manifest if "nav" in item.properties), None),
        ncx=_ncx(manifest, spine),
        cover=_cover(manifest, guide, facts),
        viewport=facts.value("rendition:viewport"),
        **_rendition(facts),
        **facts.fields(),
    )


def _rendition(facts: metadata.Metadata) -> dict[str, str]:
    properties = {name: facts.value(f"rendition:{name}") for name in _PROPERTIES}
    if facts.named("fixed-layout") == "true":
        properties["layout"] = properties["layout"] or "pre-paginated"
    return {name: value for name, value in properties.items() if value}


def _manifest(root: etree._Element, name: str) -> tuple[ManifestItem, ...]:
    return tuple(
        ManifestItem(
            id=item.get("id", ""),
            href=item.get("href", ""),
            path=resolve(name, item.get("href", "")),
            media_type=item.get("media-type", "").strip(),
            properties=tuple(item.get("properties", "").split()),
            fallback=item.get("fallback"),
            media_overlay=item.get("media-overlay"),
        )
        for item in root.iterfind(f"{_OPF}manifest/{_OPF}item")
    )


def _itemrefs(spine: etree._Element | None) -> tuple[ItemRef, ...]:
    if spine is None:
        return ()
    return tuple(
        ItemRef(
            idref=ref.get("idref", ""),
            linear=ref.get("linear", "yes") != "no",
            properties=tuple(ref.get("properties", "").split()),
        )
        for ref in spine.iterfind(f"{_OPF}itemref")
    )


def _guide(root: etree._Element, name: str) -> tuple[GuideReference, ...]:
    return tuple(
        GuideReference(
            type=reference.get("type", ""),
            title=reference.get("title", ""),
            path=resolve(name, reference.get("href", "")),
            fragment=reference.get("href", "").partition("#")[2],
        )
        for reference in root.iterfind(f"{_OPF}guide/{_OPF}reference")
    )


def _attribute(element: etree._Element | None, name: str) -> str | None:
    return None if element is None else element.get(name)


def _ncx(manifest: tuple[ManifestItem, ...], spine: etree._Element | None) -> str | None:
    named = _attribute(spine, "toc")
    for item in manifest:
        if item.id == named or (not named and item.media_type == "application/x-dtbncx+xml"):
            return item.path
    return None


def _paged_cover(container: Archive, package: PackageDocument) -> ManifestItem | None:
    """The first image on the page that an EPUB 2 calls its cover."""
    pages = [mark.path for mark in package.guide if mark.type.lower() == "cover"]
    first = next(iter(package.spine_items), None)
    if first is not None and is_called_cover(first.id, first.href):
        pages.append(first.path)
    images = (package.item_at(name) for name in shown_images(container, pages))
    return next((item for item in images if item and item.media_type.startswith("image/")), None)


def _cover(
    manifest: tuple[ManifestItem, ...],
    guide: tuple[GuideReference, ...],
    facts: metadata.Metadata,
) -> ManifestItem | None:
    """EPUB 3's ``cover-image``, else EPUB 2's ``<meta name="cover">``, else the guide's image."""
    named = facts.named("cover")
    guided = {mark.path for mark in guide if mark.type.lower() == "cover"}
    images = [item for item in manifest if item.media_type.startswith("image/")]
    choices = (
        [item for item in manifest if "cover-image" in item.properties],
        [item for item in images if named and named in (item.id, item.href)],
        [item for item in images if item.path in guided],
    )
    return next((choice[0] for choice in choices if choice), None)
