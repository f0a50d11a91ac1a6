"""The metadata of an EPUB 2 in EPUB 3's words: attributes become refinements, languages tags.

EPUB 3.3 §5.5, https://www.w3.org/TR/epub-33/#sec-pkg-metadata
"""

import re
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.formats.epub.package import PUBLICATION_EVENTS, PackageDocument
from ebook_pipeline.books.language_tags import UNDETERMINED, language_tag
from ebook_pipeline.foundation.findings import Finding, Severity

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NO_DATE = "2000-01-01T00:00:00Z"
_REFINED = {"role": "role", "file-as": "file-as", "scheme": "identifier-type"}


def upgrade_metadata(root: etree._Element, old: etree._Element, package: PackageDocument) -> None:
    """Append to `root` the metadata of the package document `old`."""
    metadata = etree.SubElement(root, f"{_OPF}metadata")
    elements = list(_elements(old))
    date = _publication_date(elements)
    for element in elements:
        if element.tag == f"{_DC}language":
            _language(metadata, element)
        elif element.tag != f"{_DC}date" or element is date:
            _copied(metadata, element)
    for name, missing in (("language", UNDETERMINED), ("title", "Untitled")):
        if metadata.find(f"{_DC}{name}") is None:
            element = etree.Element(f"{_DC}{name}")
            element.text = missing
            metadata.insert(0, element)
    modified = etree.SubElement(metadata, f"{_OPF}meta", {"property": "dcterms:modified"})
    modified.text = _modified(package)


def unread_languages(package: PackageDocument) -> Iterator[Finding]:
    """Languages that were written otherwise, or are none."""
    for stated in package.languages:
        tag = language_tag(stated)
        if tag == stated:
            continue
        known = f"is written as {tag}" if tag else "names no language: it is left out"
        yield Finding(
            rule="convert.language",
            severity=Severity.INFO if tag else Severity.WARNING,
            message=f"The language {stated[:80]!r} {known}.",
            remedy="Write a BCP 47 tag, such as en-GB.",
        )


def _elements(old: etree._Element) -> Iterator[etree._Element]:
    section = old.find(f"{_OPF}metadata")
    for child in () if section is None else section:
        if child.tag in (f"{_OPF}dc-metadata", f"{_OPF}x-metadata"):
            yield from (element for element in child if isinstance(element.tag, str))
        elif isinstance(child.tag, str):
            yield child


def _publication_date(elements: list[etree._Element]) -> etree._Element | None:
    """The one date that an EPUB 3 has: EPUB 3.3 §5.5.4.4."""
    dates = [element for element in elements if element.tag == f"{_DC}date" and _text(element)]
    by_event = {element.get(f"{_OPF}event", "").lower(): element for element in reversed(dates)}
    return next((by_event[event] for event in PUBLICATION_EVENTS if event in by_event), None)


def _language(metadata: etree._Element, element: etree._Element) -> None:
    tag = language_tag(_text(element))
    if tag and tag not in [known.text for known in metadata.iterfind(f"{_DC}language")]:
        copied = etree.SubElement(metadata, f"{_DC}language")
        copied.text = tag
        if element.get("id"):
            copied.set("id", element.get("id", ""))


def _copied(metadata: etree._Element, element: etree._Element) -> None:
    """One element of the metadata; EPUB 2's attributes become refinements."""
    if element.tag == f"{_OPF}meta":
        if element.get("name") and element.get("content"):
            named = {"name": element.get("name", ""), "content": element.get("content", "")}
            etree.SubElement(metadata, f"{_OPF}meta", named)
        return
    text = _text(element)
    if not str(element.tag).startswith(_DC) or not text:
        return
    copied = etree.SubElement(metadata, element.tag)
    copied.text = text
    if element.get("id"):
        copied.set("id", element.get("id", ""))
    if tag := language_tag(element.get(_XML_LANG, "")):
        copied.set(_XML_LANG, tag)
    _refine(metadata, copied, element)


def _refine(metadata: etree._Element, copied: etree._Element, element: etree._Element) -> None:
    for name, kind in _REFINED.items():
        value = element.get(f"{_OPF}{name}", "").strip()
        if not value:
            continue
        identifier = copied.get("id") or f"meta-{len(metadata)}"
        copied.set("id", identifier)
        refined = {"refines": f"#{identifier}", "property": kind}
        if kind == "role":
            refined["scheme"] = "marc:relators"
        etree.SubElement(metadata, f"{_OPF}meta", refined).text = value


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())  # type: ignore[arg-type]


def _modified(package: PackageDocument) -> str:
    """When the book says that it was changed, else published: the same for the same book."""
    ranked = sorted(package.dates, key=lambda date: date.event != "modification")
    for date in ranked:
        match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", date.value)
        if match:
            return f"{match[1]}-{match[2] or '01'}-{match[3] or '01'}T00:00:00Z"
    return _NO_DATE
