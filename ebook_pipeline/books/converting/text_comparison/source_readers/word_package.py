"""The package of a DOCX as it is compared: its parts, and how they lead to each other."""

import posixpath
import re
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.archive import Archive

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/wordprocessingml/main")
WORD_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LARGEST_PART = 64 << 20


class WordPackage:
    """Parts and relationships of a package, ECMA-376 part 2."""

    def __init__(self, container: Archive) -> None:
        self._container = container
        self._names = {name.casefold(): name for name in container.names}

    def tree(self, part: str) -> etree._Element:
        data = self._container.read(part, _LARGEST_PART)
        return xml.parse(_STRICT.sub(WORD_NAMESPACE.encode(), data), place=part)

    def relationships(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """By id: the kind, the target's entry or address, whether it is in the package."""
        folder, name = posixpath.split(part)
        rels = self._name(f"{folder}/_rels/{name}.rels")
        found = {}
        for relationship in self.tree(rels) if rels else ():
            kind = relationship.get("Type", "").rpartition("/")[2]
            target = relationship.get("Target", "")
            inside = relationship.get("TargetMode") != "External"
            where = self._name(posixpath.join("/", folder, target)) if inside else target
            found[relationship.get("Id", "")] = (kind, where, inside)
        return found

    def _name(self, path: str) -> str:
        for spelling in (path, unquote(path)):
            plain = posixpath.normpath(posixpath.join("/", spelling)).lstrip("/").casefold()
            if plain in self._names:
                return self._names[plain]
        return ""

    def related(self, part: str) -> list[tuple[str, str]]:
        """Kinds and entries of what `part` leads to within the package."""
        known = self.relationships(part).values()
        return sorted({(kind, where) for kind, where, inside in known if inside and where})

    def target(self, part: str, kind: str) -> str:
        beside = self._name(posixpath.join(posixpath.dirname(part), f"{kind}.xml"))
        return next((where for known, where in self.related(part) if known == kind), beside)
