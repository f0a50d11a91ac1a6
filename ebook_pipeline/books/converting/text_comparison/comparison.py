"""A source and the EPUB that was made of it: every word, picture, link, note and table.

n log n in the words of both; memory is a few numbers for each word. Runs in the sandbox.
"""

import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ebook_pipeline.books.converting.text_comparison import source_readers
from ebook_pipeline.books.converting.text_comparison.differences import text_differences
from ebook_pipeline.books.converting.text_comparison.parts import parts_findings
from ebook_pipeline.books.converting.text_comparison.source_readers import epub
from ebook_pipeline.books.converting.text_comparison.source_text import Passage, SourceText
from ebook_pipeline.books.converting.text_comparison.text_findings import (
    left_out_findings,
    text_findings,
)
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.findings import Finding


def compare_texts(
    source: Path, format_: BookFormat, made: Path, said: Iterable[Finding] = ()
) -> tuple[Finding, ...]:
    """What the EPUB at `made` has not of `source`, has twice, or has of its own.

    Warnings ``convert.text-lost``, ``-doubled``, ``-invented``, ``-moved`` and
    ``convert.<part>-lost`` send a book to review; ``convert.left-out`` says once what was dropped
    on purpose. `said` are the conversion's own findings, which are not repeated. Raises BookError,
    LimitExceeded where a reader gives up.
    """
    if format_ is BookFormat.EPUB and _same_documents(source, made):
        return ()
    said = tuple(said)
    ours, theirs = source_readers.read_source(source, format_), epub.read_made(made)
    if format_ is BookFormat.PDF:
        theirs = _with_descriptions(theirs)
    return (
        *text_findings(text_differences(ours, theirs)),
        *parts_findings(ours, theirs, said),
        *left_out_findings(ours, said),
    )


def _with_descriptions(made: SourceText) -> SourceText:
    """What stands within a PDF's drawings describes their pictures, and is not lost."""
    described = (Passage(text, optional=True) for text in made.alternatives or ())
    return replace(made, passages=(*made.passages, *described))


def _same_documents(source: Path, made: Path) -> bool:
    """Whether two EPUBs have the same spine, byte for byte by length and CRC."""
    return _spine(source) == _spine(made)


def _spine(path: Path) -> list[tuple[str, int, int]]:
    items = read_package(path).spine_items
    with zipfile.ZipFile(path) as file:
        entries = {entry.filename: entry for entry in reversed(file.infolist())}
    known = (entries.get(item.path or "") for item in items)
    return [(entry.filename, entry.CRC, entry.file_size) for entry in known if entry is not None]
