"""Protecting as a child process does it, to see what memory it takes. Keys cross no process."""

import resource
from pathlib import Path

from ebook_pipeline.books.keys import Secret
from ebook_pipeline.books.lcp import encryption, pdf_package, profiles


def pdf(source: Path, target: Path) -> int:
    """Protect a PDF; the megabytes at the process' peak."""
    said = pdf_package.Description(identifier="urn:x:1", title="T")
    pdf_package.protect_pdf(source, target, Secret(bytes(32)), profiles.BASIC, said)
    return _peak()


def epub(source: Path, target: Path) -> int:
    """Protect an EPUB; the megabytes at the process' peak."""
    encryption.protect(source, target, Secret(bytes(32)), profiles.BASIC)
    return _peak()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
