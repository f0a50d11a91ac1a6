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
from ebook_pipeline.books.formats.manuscripts import docx_headings, manuscript_findings
from ebook_pipeline.books.formats.manuscripts.cleaned import (
    CleanedManuscript,
    ManuscriptMetadata,
    manuscript_metadata,
)
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.foundation.errors import BookError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_O = "{urn:schemas-microsoft-com:office:office}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DC = "{http://purl.org/dc/elements/1.1/}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(wordprocessingml/main|officeDocument/)")
_DOCUMENT = "word/document.xml"
_TYPES = "[Content_Types].xml"
_MACRO_PARTS = re.compile(r"(^|/)vba(Project[^/]*\.bin|Data\.xml)$", re.IGNORECASE)
_MACRO_TYPE = b"macroEnabled"
_TEXTS = re.compile(r"word/(document|styles|numbering|footnotes|endnotes)\.xml")
_KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/(theme/theme1|settings)\.xml|word/media/[^/]+"
    r"|word/_rels/(document|footnotes|endnotes)\.xml\.rels"
)
_OBJECTS = re.compile(r"word/(embeddings|activeX|oleObjects|control)/(?!_rels/)|\.(bin|exe)$", re.I)
_LINKED = re.compile(r"(https?|mailto|tel|ftp):", re.IGNORECASE)
_FIELD = re.compile(
    r"\s*\\?(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|DDEAUTO|DDE|LINK|RD|EMBED|DATABASE|MACROBUTTON"
    r"|AUTOTEXT|GOTOBUTTON|PRINT)\b",
    re.IGNORECASE,
)
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"?([^"\s]*)', re.IGNORECASE)
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
        parts = dict(_parts(archive, collector))
        described = _about(archive, parts)
    return CleanedManuscript(
        (*container_findings, *collector.findings), parts, described, container=container
    )


def _parts(archive: Archive, collector: FindingCollector) -> Iterator[tuple[str, bytes | None]]:
    _note_macros(archive, collector)
    _note_objects(archive, collector)
    if _DOCUMENT not in archive:
        raise BookError("container.missing", "The document has no text part.", place=_DOCUMENT)
    texts = {name: _tree(archive, name) for name in archive.names if _TEXTS.fullmatch(name)}
    for name, root in texts.items():
        _clean_text(root, name, collector)
    styles = docx_headings.ParagraphStyles(texts.get("word/styles.xml"))
    recovered = docx_headings.mark_headings(texts[_DOCUMENT], styles)
    if recovered is not None:
        collector.report(manuscript_findings.no_headings(recovered))
        if recovered:
            texts["word/styles.xml"] = styles.with_headings()
    for name in archive.names:
        if name not in texts and _KEPT.fullmatch(name):
            rewritten = name.endswith((".rels", ".xml"))
            yield name, _part(archive, name, collector) if rewritten else None
    for name, root in texts.items():
        yield name, _bytes(root)


def _part(archive: Archive, name: str, collector: FindingCollector) -> bytes:
    if name.endswith(".rels"):
        root = _tree(archive, name)
        for relationship in list(root.iterfind(_REL)):
            if _leads_astray(relationship, name, collector):
                root.remove(relationship)
        return _bytes(root)
    if name == _TYPES:
        return archive.read(name, _LARGEST_PART)
    if name == "word/settings.xml":
        return b'<w:settings xmlns:w="' + W[1:-1].encode() + b'"/>'
    return _bytes(_tree(archive, name))


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
    for name in ("word/_rels/settings.xml.rels", "word/_rels/webSettings.xml.rels"):
        if name in archive:
            for relationship in _tree(archive, name).iterfind(_REL):
                _leads_astray(relationship, name, collector)


def _leads_astray(relationship: etree._Element, name: str, collector: FindingCollector) -> bool:
    """Whether a relationship leads out of the file, hyperlinks to the web left alone."""
    target = relationship.get("Target", "")
    kind = posixpath.basename(relationship.get("Type", ""))
    external = relationship.get("TargetMode", "").lower() == "external"
    if not external:
        return kind in ("oleObject", "package", "control", "aFChunk", "vbaProject")
    if kind != "hyperlink":
        collector.add("manuscript.external", target, name)
        return True
    if _LINKED.match(target) or target.startswith("#"):
        return False
    collector.add("manuscript.local-link", target, name)
    return True


def _clean_text(root: etree._Element, name: str, collector: FindingCollector) -> None:
    for element in list(root.iter(etree.Element)):
        tag = element.tag
        if tag in _CHANGES and element.getparent() is not None:
            collector.add("manuscript.tracked-changes", _CHANGES[tag], name)
        elif tag == f"{W}instrText":
            element.text = _field(element.text or "", name, collector)
        elif tag == f"{W}fldSimple":
            element.set(f"{W}instr", _field(element.get(f"{W}instr", ""), name, collector))
        elif tag in (f"{_O}OLEObject", f"{W}control", f"{W}altChunk", f"{W}subDoc"):
            _drop_object(element, name, collector)
        elif tag == f"{W}txbxContent" and not _is_fallback(element):
            _lift_box(element, name, collector)
        elif tag == f"{W}vanish" and element.get(f"{W}val", "1") not in ("0", "false", "off"):
            _drop_hidden(element, name, collector)


def _lift_box(box: etree._Element, name: str, collector: FindingCollector) -> None:
    """Put the paragraphs of a text box behind the paragraph that it hangs on."""
    words = _words(box)
    anchor = next(box.iterancestors(f"{W}p"), None)
    if not words or anchor is None:
        return
    collector.add("manuscript.text-box", words[:60], name)
    for paragraph in reversed(list(box)):
        anchor.addnext(paragraph)


def _drop_hidden(switch: etree._Element, name: str, collector: FindingCollector) -> None:
    """Take a run out whose letters are hidden, §17.3.2.41."""
    run = next(switch.iterancestors(f"{W}r"), None)
    parent = run.getparent() if run is not None else None
    if run is not None and parent is not None:
        if _words(run):
            collector.add("manuscript.hidden-text", _words(run)[:60], name)
        parent.remove(run)


def _words(element: etree._Element) -> str:
    return " ".join("".join(str(piece) for piece in element.itertext(f"{W}t")).split())


def _is_fallback(element: etree._Element) -> bool:
    return any(
        etree.QName(ancestor).localname == "Fallback" for ancestor in element.iterancestors()
    )


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


def _field(code: str, name: str, collector: FindingCollector) -> str:
    """A field's instruction, emptied where it reads other files; its last result stays."""
    reading = _FIELD.match(code)
    if reading:
        collector.add("manuscript.external", " ".join(code.split()), name)
        return ""
    link = _LINK_FIELD.match(code)
    if link and not code.lstrip()[9:].lstrip().startswith("\\") and not _LINKED.match(link[1]):
        collector.add("manuscript.local-link", link[1], name)
        return ""
    return code


def _about(archive: Archive, parts: dict[str, bytes | None]) -> ManuscriptMetadata:
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
