"""ODT: OpenDocument 1.3 text, https://docs.oasis-open.org/office/OpenDocument/v1.3/

Kept are text, styles, pictures and formulas; links to other files, scripts, objects and the
deleted text of tracked changes stay behind.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.formats.epub import ocf, xml
from ebook_pipeline.books.formats.epub.archive import Archive, opened
from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.books.formats.manuscripts import manuscript_findings, odt_headings
from ebook_pipeline.books.formats.manuscripts.cleaned import (
    CleanedManuscript,
    ManuscriptMetadata,
    manuscript_metadata,
)
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.books.formats.manuscripts.odt_headings import DRAW, FO, OFFICE, STYLE, TEXT
from ebook_pipeline.books.formats.manuscripts.odt_styles import OdtStyles
from ebook_pipeline.foundation.errors import BookError

_DC = "{http://purl.org/dc/elements/1.1/}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_MATH = b"http://www.w3.org/1998/Math/MathML"
_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_KEPT = re.compile(r"mimetype|META-INF/manifest\.xml|styles\.xml|meta\.xml|(Pictures|media)/[^/]+")
_MACROS = re.compile(r"(Basic|Scripts)/.+", re.IGNORECASE)
_OBJECT = re.compile(r"(?:\./)?([^/]+)/?")
_LINKED = re.compile(r"(https?|mailto|tel|ftp):|#", re.IGNORECASE)
_EMBEDDED = {
    f"{DRAW}object-ole": "object",
    f"{DRAW}plugin": "media or plug-in",
    f"{DRAW}applet": "applet",
    f"{DRAW}floating-frame": "frame",
    f"{TEXT}dde-connection": "DDE connection",
    f"{OFFICE}dde-source": "DDE connection",
    f"{OFFICE}forms": "",
}
_SOURCES = frozenset({f"{TEXT}section-source", f"{TEXT}alphabetical-index-auto-mark-file"})
_CONTENTS = frozenset(
    f"{TEXT}{name}"
    for name in ("table-of-content", "illustration-index", "table-index", "object-index")
)
"""Lists of places with page numbers of another edition, §8.3 to §8.6."""
_SHAPES = ("custom-shape", "line", "polygon", "polyline", "path", "rect", "ellipse", "connector")
_DRAWN = frozenset(f"{DRAW}{name}" for name in _SHAPES)
_NO_STYLES = (
    b'<office:document-styles xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'
)
_LARGEST_PART = 64 << 20


def cleaned_odt(path: Path) -> CleanedManuscript:
    """The ODT at `path` without what acts or reaches out; the container is judged first."""
    container = ocf.inspect(path)
    container_findings = container.findings
    if not container.may_be_opened:
        return CleanedManuscript(container_findings, container=container)
    collector = FindingCollector()
    with opened(path) as archive:
        _note_package(archive, collector)
        if any(finding.rule == "protection.password" for finding in collector.findings):
            return CleanedManuscript(
                (*container_findings, *collector.findings), container=container
            )
        if _CONTENT not in archive:
            raise BookError("container.missing", "The document has no text part.", place=_CONTENT)
        root = _tree(archive, _CONTENT)
        alts = dict(_alts(root))
        parts = dict(_parts(archive, root, collector))
        described = _about(archive)
    return CleanedManuscript(
        (*container_findings, *collector.findings), parts, described, alts, container=container
    )


def _note_package(archive: Archive, collector: FindingCollector) -> None:
    if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST, _LARGEST_PART):
        collector.report(manuscript_findings.locked())
    scripts = [name for name in archive.names if _MACROS.fullmatch(name)]
    own = [name for name in scripts if not name.endswith(("script-lc.xml", "script-lb.xml"))]
    if own:
        collector.report(manuscript_findings.macros(own[0]))


def _parts(
    archive: Archive, root: etree._Element, collector: FindingCollector
) -> Iterator[tuple[str, bytes | None]]:
    styles = _tree(archive, "styles.xml") if "styles.xml" in archive else None
    _leave_out(root, OdtStyles(*([styles] if styles is not None else []), root), collector)
    recovered = odt_headings.mark_headings(root, styles)
    if recovered is not None:
        collector.report(manuscript_findings.no_headings(recovered))
    formulas = _clean_text(root, archive, collector)
    for name in archive.names:
        if name == "styles.xml" and styles is not None:
            _clean_text(styles, archive, collector)
            yield name, etree.tostring(styles, encoding="utf-8", xml_declaration=True)
        elif name in formulas:
            yield name, etree.tostring(_tree(archive, name), encoding="utf-8")
        elif _KEPT.fullmatch(name):
            yield name, None
    if styles is None:
        yield "styles.xml", _NO_STYLES
    yield _CONTENT, etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _tree(archive: Archive, name: str) -> etree._Element:
    try:
        return xml.parse(archive.read(name, _LARGEST_PART), place=name)
    except BookError as error:
        if "depth" in str(error):
            raise manuscript_findings.too_deep(name) from error
        raise


def _clean_text(root: etree._Element, archive: Archive, collector: FindingCollector) -> set[str]:
    """Take out of the text what may not stay; the parts of formulas, which may."""
    formulas: set[str] = set()
    for element in list(root.iter(etree.Element)):
        tag = element.tag
        if tag == f"{TEXT}tracked-changes":
            for change in element.iter(f"{TEXT}changed-region"):
                kind = change[0] if len(change) else change
                collector.add("manuscript.tracked-changes", etree.QName(kind).localname, _CONTENT)
            remove_element(element)
        elif tag == f"{OFFICE}annotation":
            by = (element.findtext(f"{_DC}creator") or "").strip()
            collector.add("manuscript.comments", f"by {by}" if by else "unsigned", _CONTENT)
            remove_element(element)
        elif tag == f"{DRAW}object":
            _object(element, archive, formulas, collector)
        else:
            _clean_element(element, collector)
    return formulas


def _leave_out(root: etree._Element, styles: OdtStyles, collector: FindingCollector) -> None:
    """Take contents that the word processor made out of the text, and what is hidden."""
    for element in list(root.iter(etree.Element)):
        if element.tag in _CONTENTS:
            rule = "manuscript.contents"
        elif _is_hidden(element, styles):
            rule = "manuscript.hidden-text"
        else:
            continue
        words = " ".join("".join(map(str, element.itertext())).split())
        if words:
            collector.add(rule, words[:60], _CONTENT)
        remove_element(element)


def _is_hidden(element: etree._Element, styles: OdtStyles) -> bool:
    """By style (``text:display``, §20.331) or by a field whose condition holds, §7.7.4, §7.7.5."""
    tag = element.tag
    if tag == f"{TEXT}span":
        return styles.letters(element).hidden
    if tag in (f"{TEXT}p", f"{TEXT}h"):
        hides = element.iterfind(f"{TEXT}hidden-paragraph")
        return styles.paragraph(element).hidden or any(map(_holds, hides))
    if tag == f"{TEXT}section":
        shown = element.get(f"{TEXT}display", "true")
        return shown == "none" or (shown == "condition" and _holds(element))
    return tag == f"{TEXT}hidden-text" and _holds(element)


def _holds(element: etree._Element) -> bool:
    return element.get(f"{TEXT}is-hidden", "false") == "true"


def _clean_element(element: etree._Element, collector: FindingCollector) -> None:
    tag, href = element.tag, element.get(_HREF, "")
    if tag in _EMBEDDED:
        if _EMBEDDED[str(tag)]:
            collector.add("manuscript.embedded", _EMBEDDED[str(tag)], _CONTENT)
        remove_element(element)
    elif tag in _SOURCES or (tag == f"{DRAW}image" and _is_outside(href)):
        collector.add("manuscript.external", href or "a section", _CONTENT)
        remove_element(element)
    elif tag in (f"{OFFICE}event-listeners", f"{OFFICE}scripts"):
        if len(element) and any(True for _ in element.iter(f"{OFFICE}script", "{*}event-listener")):
            collector.add("manuscript.active", "a script", _CONTENT)
        remove_element(element)
    elif tag in (f"{TEXT}a", f"{DRAW}a") and href and not _LINKED.match(href):
        collector.add("manuscript.local-link", href, _CONTENT)
        element.attrib.pop(_HREF)
        element.tag = f"{TEXT}span"
    elif tag == f"{DRAW}text-box" and "".join(str(piece) for piece in element.itertext()).strip():
        _note_box(element, collector)
    elif tag in _DRAWN:
        collector.add("manuscript.drawing", etree.QName(element).localname, _CONTENT)
    elif href and _is_outside(href) and tag not in (f"{TEXT}a", f"{DRAW}a", f"{DRAW}image"):
        collector.add("manuscript.external", href, _CONTENT)
        element.attrib.pop(_HREF)


def _note_box(element: etree._Element, collector: FindingCollector) -> None:
    """Boxes around a picture hold its caption; others hold text beside the text."""
    if next(element.iter(f"{DRAW}image"), None) is None:
        words = " ".join("".join(str(piece) for piece in element.itertext()).split())
        collector.add("manuscript.text-box", words[:60], _CONTENT)


def _object(
    element: etree._Element, archive: Archive, formulas: set[str], collector: FindingCollector
) -> None:
    """Formulas are MathML parts of the file; other objects leave only their picture."""
    folder = _OBJECT.fullmatch(element.get(_HREF, ""))
    part = f"{folder[1]}/content.xml" if folder else ""
    if part in archive and _MATH in archive.head(part, 4096):
        formulas.add(part)
    else:
        collector.add("manuscript.embedded", element.get(_HREF, "") or "object", _CONTENT)
        remove_element(element)


def _is_outside(href: str) -> bool:
    return bool(href) and not re.fullmatch(
        r"(?:\./)?(?:Pictures|media|ObjectReplacements)/[^/]+", href
    )


def _alts(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Pictures' names with their descriptions, ODF 1.3 part 3 §16.37."""
    for frame in root.iter(f"{DRAW}frame"):
        image = frame.find(f"{DRAW}image")
        description = frame.findtext(f"{_SVG}desc") or frame.findtext(f"{_SVG}title") or ""
        if image is not None and description.strip():
            yield image.get(_HREF, "").removeprefix("./"), " ".join(description.split())


def _about(archive: Archive) -> ManuscriptMetadata:
    root = _tree(archive, "meta.xml") if "meta.xml" in archive else etree.Element("none")
    stated = root.findtext(f".//{_DC}language")
    default = ""
    if "styles.xml" in archive:
        for style in _tree(archive, "styles.xml").iter(f"{STYLE}text-properties"):
            language, country = style.get(f"{FO}language", ""), style.get(f"{FO}country", "")
            if language not in ("", "none", "zxx"):
                default = f"{language}-{country}" if country not in ("", "none") else language
                break
    authors = [root.findtext(f".//{_META}initial-creator") or root.findtext(f".//{_DC}creator")]
    return manuscript_metadata(
        root.findtext(f".//{_DC}title"),
        [author for author in authors if author],
        stated or default,
        assumed=not stated,
    )
