"""Word processor files as manuscripts: macros, locks and references out of the file."""

import re
from collections.abc import Iterator
from pathlib import Path

from ebook_pipeline.books.epub import ocf
from ebook_pipeline.books.epub.archive import opened
from ebook_pipeline.books.epub.ocf import Container
from ebook_pipeline.books.findings import Finding, Severity

_NO_MACROS = "Save the document without macros (in Word: as .docx, not .docm)."
_MACRO_PARTS = re.compile(r"(^|/)vbaProject\.bin$|(^|/)vbaData\.xml$|^Basic/.*\.xml$", re.I)
_MACRO_TYPE = b"macroEnabled"
_EXTERNAL = re.compile(rb'<Relationship\b[^>]*?TargetMode="External"[^>]*>')
_HARMLESS = re.compile(rb"/hyperlink\"")
_LARGEST_PART = 16 << 20


def inspect(path: Path) -> tuple[tuple[Finding, ...], Container]:
    """What is wrong with the DOCX or ODT at `path`; the container's checks are those of EPUB."""
    container = ocf.inspect(path)
    if not container.may_be_opened:
        return container.findings, container
    return (*container.findings, *_document_findings(path)), container


def _document_findings(path: Path) -> Iterator[Finding]:
    with opened(path) as archive:
        macros = [name for name in archive.names if _MACRO_PARTS.search(name)]
        types = "[Content_Types].xml"
        declared = types in archive and _MACRO_TYPE in archive.read(types, _LARGEST_PART)
        if macros or declared:
            yield _macros(macros[0] if macros else types)
        manifest = "META-INF/manifest.xml"
        if manifest in archive and b"encryption-data" in archive.read(manifest, _LARGEST_PART):
            yield _locked()
        for name in archive.names:
            if name.endswith(".rels") and _reaches_out(archive.read(name, _LARGEST_PART)):
                yield _outside(name)


def _reaches_out(relationships: bytes) -> bool:
    found = _EXTERNAL.findall(relationships)
    return any(not _HARMLESS.search(one) for one in found)


def _macros(place: str) -> Finding:
    return Finding(
        rule="manuscript.macros",
        severity=Severity.ERROR,
        message="The document carries macros, whatever its name says.",
        place=place,
        remedy=_NO_MACROS,
    )


def _locked() -> Finding:
    return Finding(
        rule="protection.password",
        severity=Severity.FATAL,
        message="The document opens only with a password.",
        remedy="Save it without a password.",
    )


def _outside(place: str) -> Finding:
    return Finding(
        rule="manuscript.external",
        severity=Severity.WARNING,
        message="The document refers to pictures or templates outside of it; they are left out.",
        place=place,
        remedy="Embed the pictures in the document.",
    )
