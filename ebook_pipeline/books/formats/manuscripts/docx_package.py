"""The parts of a DOCX by their relationships, whatever their names: ECMA-376 part 2, §8 and §9.

Word Online calls the main part ``word/document2.xml``, the Open XML SDK keeps pictures in
``/media``, and names hold spaces, escaped or not.
"""

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.foundation.errors import BookError

PACKAGE_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_REL = f"{{{PACKAGE_RELATIONSHIPS}}}Relationship"
_USUAL = "word/document.xml"
_LARGEST_PART = 64 << 20
_PLAIN_MEDIA = re.compile(r"word/media/[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Relationship:
    """One relationship of a part; `part` is the file that it leads to, empty where there is none.

    `kind` is the last word of its type: ``image``, ``styles``, ``footnotes``.
    """

    key: str
    kind: str
    target: str
    external: bool
    part: str = ""


@dataclass(frozen=True)
class DocxPackage:
    """Where the parts of a document lie; `texts` are those of kinds such as ``styles``."""

    main: str
    texts: dict[str, str] = field(default_factory=dict)


def read_docx_package(archive: Archive) -> DocxPackage:
    """The parts of the document in `archive`.

    Raises BookError (``container.missing``) where there is no main part.
    """
    main = main_part(archive)
    if main not in archive:
        raise BookError("container.missing", "The document has no text part.", place=main)
    texts: dict[str, str] = {}
    for relationship in relationships(archive, main):
        if relationship.part and not relationship.external:
            texts.setdefault(relationship.kind, relationship.part)
    for kind in ("styles", "numbering", "footnotes", "endnotes"):
        beside = f"word/{kind}.xml"
        if kind not in texts and beside in archive:
            texts[kind] = beside
    return DocxPackage(main, texts)


def main_part(archive: Archive) -> str:
    """The part that the package calls its document, else the usual one."""
    for relationship in relationships(archive, ""):
        if relationship.kind == "officeDocument" and relationship.part:
            return relationship.part
    return _USUAL


def relationships(archive: Archive, part: str) -> list[Relationship]:
    """What `part` refers to; the package itself where `part` is empty."""
    folder, name = posixpath.split(part)
    source = posixpath.join(folder, "_rels", f"{name}.rels")
    if source not in archive:
        return []
    root = xml.parse(archive.read(source, _LARGEST_PART), place=source)
    return [_relationship(archive, folder, element) for element in root.iterfind(_REL)]


def _relationship(archive: Archive, folder: str, element: etree._Element) -> Relationship:
    target = element.get("Target", "")
    external = element.get("TargetMode", "").lower() == "external"
    return Relationship(
        element.get("Id", ""),
        posixpath.basename(element.get("Type", "")),
        target,
        external,
        "" if external else part_at(archive, folder, target),
    )


def part_at(archive: Archive, folder: str, target: str) -> str:
    """The entry that `target`, written in a part of `folder`, names; empty where there is none.

    Part names are compared without case, and escapes are read either way: ECMA-376 part 2 §6.2.2.
    """
    for written in (target, unquote(target), target.replace("\\", "/")):
        name = posixpath.normpath(posixpath.join("/", folder, written)).lstrip("/")
        if name in archive:
            return name
        folded = archive.folded.get(name.casefold())
        if folded:
            return folded
    return ""


def media_name(part: str, number: int) -> str:
    """The name under which a picture's part is given to pandoc, below ``word``."""
    if _PLAIN_MEDIA.fullmatch(part):
        return part
    extension = posixpath.splitext(part)[1].lower()
    plain = extension if re.fullmatch(r"\.[a-z0-9]{1,5}", extension) else ""
    return f"word/media/part-{number:04}{plain}"
