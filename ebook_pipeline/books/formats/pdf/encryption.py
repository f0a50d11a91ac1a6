"""Who may open a PDF and what its readers may do.

ISO 32000-2 §7.6. What locks a file that no key opens is read by pypdf, which reads the encryption
dictionary without decrypting; DRM is recognised by its handler's name, which is never compressed.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.books.formats.pdf.facts import Encryption
from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    import pikepdf

RESTRICTED_RULE = "pdf.restricted"
_PERMISSIONS = {
    "print_lowres": (1 << 2, "printing"),
    "modify_other": (1 << 3, "changing"),
    "extract": (1 << 4, "copying text"),
    "modify_annotation": (1 << 5, "annotating"),
    "accessibility": (1 << 9, "reading aloud"),
    "print_highres": (1 << 11, "printing well"),
}
_HANDLERS = {
    b"EBX_HANDLER": ("adobe-adept", "Adobe ADEPT"),
    b"Adobe.APS": ("adobe-policy", "Adobe LiveCycle policies"),
    b"Adobe.PubSec": ("certificate", "certificates of its readers"),
    b"Adobe.PPKLite": ("certificate", "certificates of its readers"),
    b"FOPN_fLock": ("fileopen", "FileOpen"),
    b"FOPN_foweb": ("fileopen", "FileOpen"),
}
_HANDLER = re.compile(rb"/Filter\s{0,8}/(" + b"|".join(map(re.escape, _HANDLERS)) + rb")\b")
_CHUNK = 1 << 20
_OVERLAP = 64
"""Bytes that two chunks share: no handler's name is longer."""
_FREE = "Submit the book without copy protection: we protect it ourselves when it is released."


def check(pdf: "pikepdf.Pdf") -> tuple[Encryption | None, list[Finding]]:
    """The encryption of a file that opened with an empty password."""
    if not pdf.is_encrypted:
        return None, []
    info = pdf.encryption
    denied = frozenset(
        permission for permission in _PERMISSIONS if not getattr(pdf.allow, permission)
    )
    words = [word for permission, (_, word) in _PERMISSIONS.items() if permission in denied]
    kept = f" and forbids {', '.join(words)}" if words else ""
    text = f"The file is encrypted with an empty password{kept}; what we sell is not."
    finding = pdf_findings.warning(RESTRICTED_RULE, text, pdf_findings.UNLOCK)
    return Encryption(info.R, info.V, info.bits, denied), [finding]


def password_protected(path: Path) -> tuple[Encryption | None, Finding]:
    """The encryption of a file that asks for a password."""
    text = "The file opens only with a password."
    return _unopened(path), pdf_findings.finding(
        "pdf.encrypted", Severity.FATAL, text, pdf_findings.UNLOCK
    )


def drm_finding(path: Path) -> Finding | None:
    """The finding for a file that is encrypted with a handler of its own, as DRM is."""
    with path.open("rb") as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            handler = _HANDLER.search(rest + chunk)
            if handler:
                scheme, name = _HANDLERS[handler[1]]
                text = f"The book is protected with {name} and can not be opened."
                return pdf_findings.finding(f"protection.{scheme}", Severity.FATAL, text, _FREE)
            rest = chunk[-_OVERLAP:]
    return None


def _unopened(path: Path) -> Encryption | None:
    """What pypdf reads of the encryption dictionary; None where that is damaged too."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        with pypdf.PdfReader(path) as reader:
            dictionary: Any = reader.trailer["/Encrypt"].get_object()
            revision, version = int(dictionary["/R"]), int(dictionary["/V"])
            bits = int(dictionary.get("/Length", 256 if version >= 5 else 40))
            allowed = int(dictionary["/P"])
    except (PyPdfError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return None
    denied = (permission for permission, (bit, _) in _PERMISSIONS.items() if not allowed & bit)
    return Encryption(revision, version, bits, frozenset(denied))
