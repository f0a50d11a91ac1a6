"""DOCX: ECMA-376 WordprocessingML, https://ecma-international.org/publications/standards/ecma-376/

Kept are the parts that a book is made of; relationships out of the file, macros, objects and
fields that read other files stay behind.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.formats.epub import ocf, xml
from ebook_pipeline.books.formats.epub.archive import Archive, opened
from ebook_pipeline.books.formats.manuscripts import (
    docx_content,
    docx_headings,
    docx_numbering,
    docx_package,
    manuscript_findings,
)
from ebook_pipeline.books.formats.manuscripts.cleaned import (
    CleanedManuscript,
    ManuscriptMetadata,
    manuscript_metadata,
)
from ebook_pipeline.books.formats.manuscripts.docx_package import DocxPackage, Relationship
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.foundation.errors import BookError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_O = "{urn:schemas-microsoft-com:office:office}"
_REL = f"{{{docx_package.PACKAGE_RELATIONSHIPS}}}Relationship"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(wordprocessingml/main|officeDocument/)")
_TYPES = "[Content_Types].xml"
_MACRO_PARTS = re.compile(r"(^|/)vba(Project[^/]*\.bin|Data\.xml)$", re.IGNORECASE)
_MACRO_TYPE = b"macroEnabled"
_WRITTEN = ("styles", "numbering", "footnotes", "endnotes", "theme")
"""Parts beside the text that are kept, by the kinds of their relationships."""
_CLEANED = ("footnotes", "endnotes")
_OBJECTS = re.compile(r"word/(embeddings|activeX|oleObjects|control)/(?!_rels/)|\.(bin|exe)$", re.I)
_ACTING = frozenset({"oleObject", "package", "control", "aFChunk", "vbaProject"})
_LINKED = re.compile(r"(https?|mailto|tel|ftp):", re.IGNORECASE)
_CHANGES = {
    f"{W}ins": "inserted",
    f"{W}del": "deleted",
    f"{W}moveFrom": "moved",
    f"{W}moveTo": "moved",
}
_LARGEST_PART = 64 << 20


def cleaned_docx(path: Path) -> CleanedManuscript:
    """The DOCX at `path` without what acts or reaches out; the container is judged first."""
    container = ocf.inspect(path)
    container_findings = container.findings
    if not container.may_be_opened:
        return CleanedManuscript(container_findings, container=container)
    collector = FindingCollector()
    with opened(path) as archive:
        package = docx_package.read_docx_package(archive)
        parts = dict(_parts(archive, package, collector))
        described = _about(archive, parts)
    return CleanedManuscript(
        (*container_findings, *collector.findings), parts, described, container=container
    )


def _parts(
    archive: Archive, package: DocxPackage, collector: FindingCollector
) -> Iterator[tuple[str, bytes]]:
    """The parts that a book is made of, under their usual names."""
    _note_macros(archive, collector)
    _note_objects(archive, collector)
    texts = {
        kind: _tree(archive, package.texts[kind]) for kind in _WRITTEN if kind in package.texts
    }
    document = _tree(archive, package.main)
    styles = docx_headings.ParagraphStyles(texts.get("styles"))
    for kind, root in {"document": document, **texts}.items():
        if kind in ("document", *_CLEANED):
            place = package.main if kind == "document" else package.texts[kind]
            _clean_text(root, place, collector)
            docx_content.simplify(root, place, styles, collector)
    if _mark_headings(document, texts.get("numbering"), styles, collector):
        texts["styles"] = styles.with_headings()
    yield _TYPES, _CONTENT_TYPES
    yield "_rels/.rels", _relationships([("document", "officeDocument", "word/document.xml", "")])
    yield "word/document.xml", _text_bytes(document)
    yield from _related(archive, package, texts, collector)


def _mark_headings(
    document: etree._Element,
    numbers: etree._Element | None,
    styles: docx_headings.ParagraphStyles,
    collector: FindingCollector,
) -> bool:
    """Let every heading be one for pandoc; whether styles of our own are needed for that."""
    recovered = docx_headings.mark_headings(document, styles)
    if recovered is not None:
        collector.report(manuscript_findings.no_headings(recovered))
        return recovered > 0
    docx_numbering.write_heading_numbers(document, numbers, styles)
    return docx_headings.level_headings(document, styles)


def _related(
    archive: Archive,
    package: DocxPackage,
    texts: dict[str, etree._Element],
    collector: FindingCollector,
) -> Iterator[tuple[str, bytes]]:
    """The parts that the text leads to, and what leads to them; pictures once each."""
    media: dict[str, str] = {}
    own = [(f"ours-{kind}", kind, f"{kind}.xml", "") for kind in texts]
    written = {"document": package.main, **{kind: package.texts.get(kind, "") for kind in _CLEANED}}
    for kind, part in written.items():
        kept = [] if kind != "document" else own
        for relationship in docx_package.relationships(archive, part) if part else ():
            if _leads_astray(relationship, part, collector):
                continue
            if relationship.external:
                kept.append((relationship.key, "hyperlink", relationship.target, "External"))
            elif relationship.kind == "image" and relationship.part:
                name = media.setdefault(
                    relationship.part, docx_package.media_name(relationship.part, len(media) + 1)
                )
                kept.append((relationship.key, "image", name.removeprefix("word/"), ""))
        if kept:
            yield f"word/_rels/{kind}.xml.rels", _relationships(kept)
    for kind, root in texts.items():
        yield f"word/{kind}.xml", _text_bytes(root)
    for part, name in media.items():
        yield name, archive.read(part)


def _relationships(kept: list[tuple[str, str, str, str]]) -> bytes:
    root = etree.Element(_REL.removesuffix("Relationship") + "Relationships")
    for key, kind, target, mode in kept:
        written = {"Id": key, "Type": f"{_TYPE}{kind}", "Target": target}
        etree.SubElement(root, _REL, written | ({"TargetMode": mode} if mode else {}))
    return _bytes(root)


_CONTENT_TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" '
    b'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def _tree(archive: Archive, name: str) -> etree._Element:
    data = _STRICT.sub(_transitional, archive.read(name, _LARGEST_PART))
    try:
        return xml.parse(data, place=name)
    except BookError as error:
        if "depth" in str(error):
            raise manuscript_findings.too_deep(name) from error
        raise


def _transitional(match: re.Match[bytes]) -> bytes:
    """Strict documents use names of their own for the same elements (Part 4, Annex A)."""
    if match[1].startswith(b"word"):
        return W[1:-1].encode()
    return b"http://schemas.openxmlformats.org/officeDocument/2006/"


_PREFIXES: dict[str, str] = {
    "w": W[1:-1],
    "r": _TYPE[:-1],
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "v": "urn:schemas-microsoft-com:vml",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}
"""Pandoc knows namespaces by the prefixes that the root declares."""


def _text_bytes(root: etree._Element) -> bytes:
    etree.cleanup_namespaces(root, top_nsmap=_PREFIXES, keep_ns_prefixes=list(_PREFIXES))
    return _bytes(root)


def _bytes(root: etree._Element) -> bytes:
    data: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, standalone=True)
    return data


def _note_macros(archive: Archive, collector: FindingCollector) -> None:
    parts = [name for name in archive.names if _MACRO_PARTS.search(name)]
    declared = _TYPES in archive and _MACRO_TYPE in archive.read(_TYPES, _LARGEST_PART)
    if parts or declared:
        collector.report(manuscript_findings.macros(parts[0] if parts else _TYPES))


def _note_objects(archive: Archive, collector: FindingCollector) -> None:
    for name in archive.names:
        if _OBJECTS.search(name) and not _MACRO_PARTS.search(name):
            collector.add("manuscript.embedded", posixpath.basename(name), name)
    if "word/comments.xml" in archive:
        for comment in _tree(archive, "word/comments.xml").iterfind(f"{W}comment"):
            by = comment.get(f"{W}author", "").strip()
            collector.add(
                "manuscript.comments", f"by {by}" if by else "unsigned", "word/comments.xml"
            )
    for name in ("word/settings.xml", "word/webSettings.xml"):
        for relationship in docx_package.relationships(archive, name):
            _leads_astray(relationship, name, collector)


def _leads_astray(relationship: Relationship, name: str, collector: FindingCollector) -> bool:
    """Whether a relationship leads out of the file, hyperlinks to the web left alone."""
    if not relationship.external:
        return relationship.kind in _ACTING
    if relationship.kind != "hyperlink":
        collector.add("manuscript.external", relationship.target, name)
        return True
    if _LINKED.match(relationship.target) or relationship.target.startswith("#"):
        return False
    collector.add("manuscript.local-link", relationship.target, name)
    return True


def _clean_text(root: etree._Element, name: str, collector: FindingCollector) -> None:
    for element in list(root.iter(etree.Element)):
        tag = element.tag
        if tag in _CHANGES and element.getparent() is not None:
            collector.add("manuscript.tracked-changes", _CHANGES[tag], name)
        elif tag in (f"{_O}OLEObject", f"{W}control", f"{W}altChunk", f"{W}subDoc"):
            _drop_object(element, name, collector)


def _drop_object(element: etree._Element, name: str, collector: FindingCollector) -> None:
    kind = element.get("ProgID") or etree.QName(element).localname
    if element.tag == f"{W}altChunk":
        collector.add("manuscript.embedded", "another document", name)
    elif element.tag == f"{W}subDoc":
        collector.add("manuscript.external", "a chapter in another file", name)
    elif not collector.count("manuscript.embedded"):
        collector.add("manuscript.embedded", kind, name)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _about(archive: Archive, parts: dict[str, bytes]) -> ManuscriptMetadata:
    core = "docProps/core.xml"
    root = _tree(archive, core) if core in archive else etree.Element("none")
    language = root.findtext(f"{_DC}language")
    default = ""
    styles = parts.get("word/styles.xml")
    if styles:
        lang = xml.parse(styles).find(f"{W}docDefaults//{W}lang")
        default = lang.get(f"{W}val", "") if lang is not None else ""
    creators = [creator.text or "" for creator in root.iterfind(f"{_DC}creator")]
    return manuscript_metadata(
        root.findtext(f"{_DC}title"), creators, language or default, assumed=not language
    )
