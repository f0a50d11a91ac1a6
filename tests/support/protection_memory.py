"""Protecting as a child process does it, to see what memory it takes. Keys cross no process."""

from pathlib import Path

from ebook_pipeline.books.protecting.lcp import encryption, pdf_package, profiles
from ebook_pipeline.books.protecting.marking.epub import mark_epub
from ebook_pipeline.books.protecting.marking.pdf import mark_pdf
from ebook_pipeline.books.protecting.marking.token import Buyer
from ebook_pipeline.books.protecting.pdf_password import lock_pdf
from ebook_pipeline.foundation.secrets import Secret


def pdf(source: Path, target: Path) -> int:
    """Protect a PDF; the megabytes that it took at most."""
    before = _resident()
    said = pdf_package.PackageDescription(identifier="urn:x:1", title="T")
    pdf_package.protect_pdf(source, target, Secret(bytes(32)), profiles.BASIC, said)
    return _peak() - before


def epub(source: Path, target: Path) -> int:
    """Protect an EPUB; the megabytes that it took at most."""
    before = _resident()
    encryption.protect(source, target, Secret(bytes(32)), profiles.BASIC)
    return _peak() - before


def marked(form: str, source: Path, target: Path) -> int:
    """Mark a book for one buyer; the megabytes that it took at most."""
    before = _resident()
    mark = {"epub": mark_epub, "pdf": mark_pdf}[form]
    mark(source, target, Buyer(order="A-17", name="Z"), Secret(bytes(32)))
    return _peak() - before


def locked(source: Path, target: Path) -> int:
    """Lock a PDF with a password; the megabytes that it took at most."""
    before = _resident()
    lock_pdf(source, target, Secret(b"password"))
    return _peak() - before


def _resident() -> int:
    """What the fork server had when this process came of it: of whatever ran there before."""
    return _megabytes("VmRSS")


def _peak() -> int:
    """`getrusage` would count what the parent had when it was begun."""
    return _megabytes("VmHWM")


def _megabytes(line: str) -> int:
    said = Path("/proc/self/status").read_text()
    return int(said.partition(f"{line}:")[2].split()[0]) >> 10
