"""Who may open a PDF and what its readers may do.

ISO 32000-2 §7.6. A file that no key opens is told by pypdf, which reads the encryption dictionary
without decrypting; locks of shops are told by the name of their handler, which is never compressed.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.formats.pdf import places
from ebook_pipeline.books.formats.pdf.facts import Encryption
from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    import pikepdf

RESTRICTED = "pdf.restricted"
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
_FREE = "Submit the book without copy protection: we protect it ourselves when it is released."


def check(pdf: "pikepdf.Pdf") -> tuple[Encryption | None, list[Finding]]:
    """The encryption of a file that opened with an empty password."""
    if not pdf.is_encrypted:
        return None, []
    info = pdf.encryption
    denied = frozenset(one for one in _PERMISSIONS if not getattr(pdf.allow, one))
    words = [said for one, (_, said) in _PERMISSIONS.items() if one in denied]
    kept = f" and forbids {', '.join(words)}" if words else ""
    text = f"The file is encrypted with an empty password{kept}; what we sell is not."
    finding = places.warning(RESTRICTED, text, places.UNLOCK)
    return Encryption(info.R, info.V, info.bits, denied), [finding]


def locked(path: Path) -> tuple[Encryption | None, Finding]:
    """The encryption of a file that asks for a password."""
    text = "The file opens only with a password."
    return _unopened(path), places.finding("pdf.encrypted", Severity.FATAL, text, places.UNLOCK)


def lock_of(path: Path) -> Finding | None:
    """The finding for a file that a shop or an office locked with a handler of its own."""
    with path.open("rb") as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            found = _HANDLER.search(rest + chunk)
            if found:
                scheme, said = _HANDLERS[found[1]]
                text = f"The book is protected with {said} and can not be opened."
                return places.finding(f"protection.{scheme}", Severity.FATAL, text, _FREE)
            rest = chunk[-_OVERLAP:]
    return None


def _unopened(path: Path) -> Encryption | None:
    """What pypdf reads of the encryption dictionary; None where that is damaged too."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        with pypdf.PdfReader(path) as reader:
            said: Any = reader.trailer["/Encrypt"].get_object()
            revision, version = int(said["/R"]), int(said["/V"])
            bits = int(said.get("/Length", 256 if version >= 5 else 40))
            allowed = int(said["/P"])
    except (PyPdfError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return None
    denied = (one for one, (bit, _) in _PERMISSIONS.items() if not allowed & bit)
    return Encryption(revision, version, bits, frozenset(denied))
