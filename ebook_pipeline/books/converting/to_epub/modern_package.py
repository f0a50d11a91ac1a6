"""The package document of an EPUB 2 written as EPUB 3's.

EPUB 3.3 §5, https://www.w3.org/TR/epub-33/#sec-package-doc, and what OPF 2.0.1 said instead.
"""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.converting.to_epub.modern_html import ModernDocument
from ebook_pipeline.books.converting.to_epub.modern_metadata import upgrade_metadata
from ebook_pipeline.books.formats.epub.content import XHTML_TYPE
from ebook_pipeline.books.formats.epub.package import ManifestItem, PackageDocument
from ebook_pipeline.books.formats.epub.paths import resolve

_OPF = "{http://www.idpf.org/2007/opf}"
_SPACES: dict[str | None, str] = {
    None: _OPF[1:-1],
    "dc": "http://purl.org/dc/elements/1.1/",
    "opf": _OPF[1:-1],
}
_SPINE_ATTRIBUTES = ("id", "toc", "page-progression-direction")


@dataclass(frozen=True)
class ModernParts:
    """What the package is written of: the rewritten documents by name, the navigation document's
    name, and the names of documents that the spine must take up."""

    documents: Mapping[str, ModernDocument]
    nav: str
    outside_the_spine: Sequence[str]


def modern_package(old: etree._Element, package: PackageDocument, parts: ModernParts) -> bytes:
    """The package document of `package`, whose root was `old`."""
    root = etree.Element(f"{_OPF}package", nsmap=_SPACES)  # type: ignore[arg-type]
    root.set("version", "3.0")
    root.set("unique-identifier", old.get("unique-identifier") or "")
    upgrade_metadata(root, old, package)
    _manifest(root, package, parts)
    _spine(root, old, package, parts)
    _guide(root, old, package, parts)
    etree.indent(root)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["dc"])
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _manifest(root: etree._Element, package: PackageDocument, parts: ModernParts) -> None:
    manifest = etree.SubElement(root, f"{_OPF}manifest")
    for item in package.manifest:
        _item(manifest, item, package, parts.documents)
    ids = {item.id for item in package.manifest}
    nav_id = next(
        name for name in (f"nav{n or ''}" for n in range(len(ids) + 1)) if name not in ids
    )
    href = posixpath.basename(parts.nav)
    attributes = {"id": nav_id, "href": href, "media-type": XHTML_TYPE, "properties": "nav"}
    etree.SubElement(manifest, f"{_OPF}item", attributes)


def _item(
    manifest: etree._Element,
    item: ManifestItem,
    package: PackageDocument,
    documents: Mapping[str, ModernDocument],
) -> None:
    document = documents.get(item.path or "")
    properties = sorted(document.properties) if document else []
    if package.cover is not None and item.id == package.cover.id:
        properties.append("cover-image")
    attributes = {
        "id": item.id,
        "href": item.href,
        "media-type": XHTML_TYPE if document else item.media_type,
    }
    if item.fallback:
        attributes["fallback"] = item.fallback
    if properties:
        attributes["properties"] = " ".join(properties)
    etree.SubElement(manifest, f"{_OPF}item", attributes)


def _spine(
    root: etree._Element, old: etree._Element, package: PackageDocument, parts: ModernParts
) -> None:
    """The reading order; behind it, not linear, what is linked and was in the manifest alone."""
    spine = etree.SubElement(root, f"{_OPF}spine")
    former = old.find(f"{_OPF}spine")
    for key in _SPINE_ATTRIBUTES if former is not None else ():
        if former is not None and former.get(key):
            spine.set(key, former.get(key, ""))
    for ref in package.spine:
        linear = {} if ref.linear else {"linear": "no"}
        etree.SubElement(spine, f"{_OPF}itemref", {"idref": ref.idref, **linear})
    for name in parts.outside_the_spine:
        item = package.item_at(name)
        if item is not None:
            etree.SubElement(spine, f"{_OPF}itemref", {"idref": item.id, "linear": "no"})


def _guide(
    root: etree._Element, old: etree._Element, package: PackageDocument, parts: ModernParts
) -> None:
    """Old readers' landmarks, which stay as far as they lead to documents."""
    guide = etree.Element(f"{_OPF}guide")
    for reference in old.iterfind(f"{_OPF}guide/{_OPF}reference"):
        href = reference.get("href", "")
        path, _, fragment = href.partition("#")
        document = parts.documents.get(resolve(package.path, path) or "")
        if document is None or not reference.get("type"):
            continue
        known = {key: reference.get(key, "") for key in ("type", "title") if reference.get(key)}
        known["href"] = href if fragment in document.ids else path
        etree.SubElement(guide, f"{_OPF}reference", known)
    if len(guide):
        root.append(guide)
