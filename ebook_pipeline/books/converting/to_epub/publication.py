"""A whole EPUB 3 written from its parts: package document, navigation, documents, resources.

EPUB 3.3 §5, https://www.w3.org/TR/epub-33/#sec-package-doc
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lxml import etree

from ebook_pipeline.books.converting.to_epub.container import container_xml, write_container
from ebook_pipeline.books.converting.to_epub.nav_document import nav_document
from ebook_pipeline.books.formats.epub.content import XHTML_TYPE
from ebook_pipeline.books.records import TocEntry

FOLDER = "EPUB/"
PACKAGE = f"{FOLDER}package.opf"
NAV = f"{FOLDER}nav.xhtml"
NO_DATE = "2000-01-01T00:00:00Z"
"""Written as ``dcterms:modified`` where no date is known: the same book gives the same bytes."""
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_SPACES: dict[str | None, str] = {None: _OPF[1:-1], "dc": _DC[1:-1]}


@dataclass(frozen=True)
class PublicationFile:
    """One file: `name` in the container; `properties` of the manifest, `spread` of the spine.

    `overlay` is the name of the SMIL file that reads a document aloud, `duration` how long a SMIL
    file lasts (a clock value, EPUB 3.3 §9.3.2.1).
    """

    name: str
    media_type: str
    data: bytes
    properties: frozenset[str] = frozenset()
    spread: str = ""
    overlay: str = ""
    duration: str = ""


@dataclass(frozen=True)
class PackageMetadata:
    """The metadata; `identifiers` begin with the unique one, `codes` are (authority, term).

    `contributors` are names, or (MARC relator, name); `series` is (name, number in it).
    """

    title: str
    identifiers: Sequence[str]
    languages: Sequence[str]
    subtitle: str = ""
    creators: Sequence[str] = ()
    contributors: Sequence[str | tuple[str, str]] = ()
    publishers: Sequence[str] = ()
    subjects: Sequence[str] = ()
    codes: Sequence[tuple[str, str]] = ()
    description: str = ""
    date: str = ""
    rights: str = ""
    source: str = ""
    metas: Sequence[tuple[str, str]] = ()
    series: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class EpubPublication:
    """A book: `documents` in reading order, `landmarks` as (epub:type, entry).

    `direction` is that of the text, `progression` that of the pages. `pages` are where the pages of
    its printed form begin. `language` is that of the metadata themselves.
    """

    metadata: PackageMetadata
    documents: Sequence[PublicationFile]
    resources: Sequence[PublicationFile] = ()
    toc: Sequence[TocEntry] = ()
    landmarks: Sequence[tuple[str, TocEntry]] = ()
    pages: Sequence[TocEntry] = ()
    progression: str = ""
    direction: str = ""
    prefixes: str = field(default="")
    language: str = ""


def write_publication(target: Path, publication: EpubPublication) -> None:
    """Write the EPUB to `target`; the same parts give the same bytes."""
    language = next(iter(publication.metadata.languages), None)
    nav = nav_document(
        NAV,
        publication.toc,
        title=publication.metadata.title,
        language=language,
        landmarks=publication.landmarks,
        pages=publication.pages,
    )
    files = [
        ("META-INF/container.xml", container_xml(PACKAGE)),
        (PACKAGE, _package(publication)),
        (NAV, nav),
    ]
    items = sorted([*publication.documents, *publication.resources], key=lambda item: item.name)
    write_container(target, [*files, *((item.name, item.data) for item in items)])


def _package(publication: EpubPublication) -> bytes:
    root = etree.Element(f"{_OPF}package", nsmap=_SPACES)  # type: ignore[arg-type]
    root.set("version", "3.0")
    root.set("unique-identifier", "uid")
    if publication.prefixes:
        root.set("prefix", publication.prefixes)
    if publication.direction:
        root.set("dir", publication.direction)
    if publication.language:
        root.set("{http://www.w3.org/XML/1998/namespace}lang", publication.language)
    _metadata(root, publication.metadata)
    _durations(root[0], publication.resources)
    manifest = etree.SubElement(root, f"{_OPF}manifest")
    nav = PublicationFile(NAV, XHTML_TYPE, b"", frozenset({"nav"}))
    for item in (nav, *publication.documents, *publication.resources):
        _item(manifest, item)
    spine = etree.SubElement(root, f"{_OPF}spine")
    if publication.progression:
        spine.set("page-progression-direction", publication.progression)
    for item in publication.documents:
        itemref = etree.SubElement(spine, f"{_OPF}itemref", {"idref": _id(item)})
        if item.spread:
            itemref.set("properties", item.spread)
    etree.indent(root)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _item(manifest: etree._Element, item: PublicationFile) -> None:
    href = item.name.removeprefix(FOLDER)
    attributes = {"id": _id(item), "href": href, "media-type": item.media_type}
    if item.properties:
        attributes["properties"] = " ".join(sorted(item.properties))
    if item.overlay:
        attributes["media-overlay"] = _named(item.overlay)
    etree.SubElement(manifest, f"{_OPF}item", attributes)


def _id(item: PublicationFile) -> str:
    return _named(item.name)


def _named(name: str) -> str:
    return PurePosixPath(name).name.replace(".", "-")


def _durations(metadata: etree._Element, items: Sequence[PublicationFile]) -> None:
    """How long each file lasts that is read aloud; the whole is stated with the metadata."""
    for item in items:
        if item.duration:
            _refined(metadata, _id(item), "media:duration", item.duration)


def _metadata(root: etree._Element, stated: PackageMetadata) -> None:
    metadata = etree.SubElement(root, f"{_OPF}metadata")
    for number, identifier in enumerate(stated.identifiers):
        _dc(metadata, "identifier", identifier, "" if number else "uid")
    _dc(metadata, "title", stated.title, "title")
    if stated.subtitle:
        _refined(metadata, "title", "title-type", "main")
        _dc(metadata, "title", stated.subtitle, "subtitle")
        _refined(metadata, "subtitle", "title-type", "subtitle")
    _people(metadata, stated)
    for name in ("languages", "publishers", "subjects"):
        for text in getattr(stated, name):
            _dc(metadata, name.removesuffix("s"), text)
    for number, (authority, term) in enumerate(stated.codes, 1):
        _dc(metadata, "subject", term, f"subject-{number}")
        _refined(metadata, f"subject-{number}", "authority", authority)
        _refined(metadata, f"subject-{number}", "term", term)
    for name in ("description", "date", "rights", "source"):
        if getattr(stated, name):
            _dc(metadata, name, getattr(stated, name))
    if stated.series[0]:
        _series(metadata, *stated.series)
    modified = f"{stated.date[:10]}T00:00:00Z" if len(stated.date) >= 10 else NO_DATE
    for key, text in (("dcterms:modified", modified), *stated.metas):
        etree.SubElement(metadata, f"{_OPF}meta", {"property": key}).text = text


def _people(metadata: etree._Element, stated: PackageMetadata) -> None:
    for number, name in enumerate(stated.creators, 1):
        _dc(metadata, "creator", name, f"creator-{number}")
        _refined(metadata, f"creator-{number}", "role", "aut", scheme="marc:relators")
    for number, contributor in enumerate(stated.contributors, 1):
        if isinstance(contributor, str):
            _dc(metadata, "contributor", contributor)
            continue
        role, name = contributor
        _dc(metadata, "contributor", name, f"contributor-{number}")
        _refined(metadata, f"contributor-{number}", "role", role, scheme="marc:relators")


def _series(metadata: etree._Element, name: str, number: str) -> None:
    """EPUB 3.3 §D.3.2, https://www.w3.org/TR/epub-33/#belongs-to-collection"""
    meta = etree.SubElement(metadata, f"{_OPF}meta", {"property": "belongs-to-collection"})
    meta.set("id", "series")
    meta.text = name
    _refined(metadata, "series", "collection-type", "series")
    if number:
        _refined(metadata, "series", "group-position", number)


def _dc(metadata: etree._Element, name: str, text: str, identifier: str = "") -> None:
    element = etree.SubElement(metadata, f"{_DC}{name}")
    element.text = text
    if identifier:
        element.set("id", identifier)


def _refined(
    metadata: etree._Element, identifier: str, key: str, text: str, *, scheme: str = ""
) -> None:
    meta = etree.SubElement(metadata, f"{_OPF}meta", {"refines": f"#{identifier}", "property": key})
    if scheme:
        meta.set("scheme", scheme)
    meta.text = text
