"""Who may open a PDF and what its readers may do.

ISO 32000-2 §7.6. What locks a file that no key opens is read by pypdf, which reads the encryption
dictionary without decrypting; DRM is recognised by its handler's name, which is never compressed.
"""

import mmap
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.books.formats.pdf import pdf_findings
from ebook_pipeline.books.formats.pdf.facts import Encryption
from ebook_pipeline.books.formats.pdf.lenient_reader import read_leniently
from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    import pikepdf
    import pypdf

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
_ENCRYPT = re.compile(rb"/Encrypt\s*(?:(\d{1,10})\s+(\d{1,5})\s+R\b|<<)")
_FILTER = re.compile(rb"/Filter\s*/([^\s/<>\[\](){}%]{1,60})")
_HASH = re.compile(rb"#([0-9A-Fa-f]{2})")
_LARGEST_DICTIONARY = 64 << 10
"""Bytes of an encryption dictionary."""
_UNKNOWN = re.compile(r"unsupported encryption|Unsupported /[RV]")
"""How qpdf says that it does not know a way of encrypting."""
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


def drm_finding(path: Path, error: object = "") -> Finding | None:
    """The finding for a file that is encrypted in a way of its own, as DRM is; None for another.

    `error` is qpdf's word on the file. What is not of the standard's own handler is protected,
    whatever its name.
    """
    name = _handler(path)
    if name in _HANDLERS:
        scheme, known = _HANDLERS[name]
        text = f"The book is protected with {known} and can not be opened."
        return pdf_findings.finding(f"protection.{scheme}", Severity.FATAL, text, _FREE)
    if name == b"Standard" and not _UNKNOWN.search(str(error)):
        return None
    if name is None and not _UNKNOWN.search(str(error)):
        return None
    text = f"The book is protected with {_called(name)} and can not be opened."
    return pdf_findings.finding("protection.unknown", Severity.FATAL, text, _FREE)


def _handler(path: Path) -> bytes | None:
    """The security handler that the file names (§7.6.2, Table 20); never compressed."""
    if not path.stat().st_size:
        return None
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for named in _ENCRYPT.finditer(data):
            start = named.end()
            if named[1]:
                pattern = rb"(?<!\d)%b\s+%b\s+obj\b" % (named[1], named[2])
                written = re.search(pattern, data)
                if written is None:
                    continue
                start = written.end()
            found = _FILTER.search(data[start : start + _LARGEST_DICTIONARY])
            if found:
                return _HASH.sub(lambda match: bytes([int(match[1], 16)]), found[1])
    return None


def _called(name: bytes | None) -> str:
    if name == b"Standard":
        return "a kind of password that is not known yet"
    if not name:
        return "a program that it does not name"
    shown = name.decode("latin-1")
    return f"“{''.join(letter if letter.isprintable() else '?' for letter in shown)}”"


def _unopened(path: Path) -> Encryption | None:
    """What pypdf reads of the encryption dictionary; None where that is damaged too."""
    return read_leniently(path, _encryption_of)


def _encryption_of(reader: "pypdf.PdfReader") -> Encryption:
    dictionary: Any = reader.trailer["/Encrypt"].get_object()
    revision, version = int(dictionary["/R"]), int(dictionary["/V"])
    bits = int(dictionary.get("/Length", 256 if version >= 5 else 40))
    allowed = int(dictionary["/P"])
    denied = (permission for permission, (bit, _) in _PERMISSIONS.items() if not allowed & bit)
    return Encryption(revision, version, bits, frozenset(denied))
