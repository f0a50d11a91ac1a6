"""Manuscripts → EPUB: words, headings, notes, pictures and lists against the manifest's.

Calibre's conversion of the same file stands beside ours where it is installed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.format_tables import Options, Table, calibre, measured
from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.converting.to_epub.canonical import canonical_epub
from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.content import spine_documents
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.typesetter import Typesetter

_H = "{http://www.w3.org/1999/xhtml}"
_GAP = re.compile(r"[\s\u2014\u2e3a\u2e3b]+")
_COLUMNS = (
    "manuscript",
    "words off %",
    "headings",
    "notes",
    "pictures",
    "tables",
    "lists",
    "paragraphs",
    "errors",
    "warnings",
    "same bytes",
    "cpu s",
    "calibre words off %",
    "calibre headings",
    "calibre notes",
    "calibre errors",
    "calibre cpu s",
)
Check = Callable[[Path], Sequence[Finding]]


@dataclass(frozen=True)
class Counted:
    """What a book holds; `titles` are the lines of its table of contents."""

    words: int
    titles: tuple[str, ...]
    notes: int
    tags: dict[str, int]


def table(options: Options) -> Table:
    """Every manuscript as a book, counted; ``4/4`` is found of expected."""
    checker = EpubCheck()
    try:
        rows = [_row(entry, options, checker.check) for entry in options.entries("manuscript")]
    finally:
        checker.close()
    return Table("Manuscripts to EPUB", _COLUMNS, rows, _said(rows))


def _said(rows: Sequence[Sequence[Any]]) -> str:
    at_most = max((abs(row[1]) for row in rows), default=0)
    clean = sum(row[8] == 0 and row[9] == 0 for row in rows)
    headed = sum(_is_full(row[2]) for row in rows)
    return (
        f"{clean} of {len(rows)} pass EPUBCheck without error or warning, {headed} have every "
        f"heading, words are off by {at_most} % at most. One picture can not be there: the "
        f"Markdown file names it and does not hold it."
    )


def _is_full(cell: str) -> bool:
    found, _, expected = cell.partition("/")
    return found == expected


def _row(entry: dict[str, Any], options: Options, check: Check) -> list[Any]:
    source, expected = options.corpus / entry["name"], entry["expect"]
    made = options.folder("manuscripts") / f"{source.name}.epub"
    again = made.with_suffix(".again")
    taken = measured(convert, source, made)
    convert(source, again)
    found = counted(made)
    grave, light = _severities(check(made))
    row = [source.name, _off(found, expected), _headings(found, expected)]
    row.append(f"{found.notes}/{expected['footnotes']}")
    row += [f"{found.tags[tag]}/{expected[name]}" for tag, name in _TAGS.items()]
    same = "yes" if made.read_bytes() == again.read_bytes() else "no"
    row += [grave, light, same, round(taken.cpu, 2)]
    return row + _of_calibre(source, expected, options, check)


_TAGS = {"img": "images", "table": "tables", "list": "lists", "p": "paragraphs"}


def _of_calibre(
    source: Path, expected: dict[str, Any], options: Options, check: Check
) -> list[Any]:
    if not calibre.available():
        return [None] * 5
    made = calibre.converted(source, options.folder("manuscripts-calibre") / f"{source.name}.epub")
    if made.returncode != 0:
        return [None, "fails", None, None, round(made.cpu_seconds, 2)]
    found = counted(made.path)
    grave, _ = _severities(check(made.path))
    headings = _headings(found, expected)
    notes = f"{found.notes}/{expected['footnotes']}"
    return [_off(found, expected), headings, notes, grave, round(made.cpu_seconds, 2)]


def _severities(findings: Sequence[Finding]) -> tuple[int, int]:
    """How many are errors or worse, how many are warnings."""
    grave = sum(one.severity >= Severity.ERROR for one in findings)
    return grave, sum(one.severity is Severity.WARNING for one in findings)


def _off(found: Counted, expected: dict[str, Any]) -> float:
    return round(100 * (found.words / int(expected["word_count"]) - 1), 2)


def _headings(found: Counted, expected: dict[str, Any]) -> str:
    """The expected headings that the contents list holds in their order; none may be added."""
    wanted = expected["headings"]
    same = sum(1 for one in wanted if one in found.titles)
    extra = len(found.titles) - same
    return f"{same}/{len(wanted)}" + (f" +{extra}" if extra else "")


def convert(source: Path, target: Path) -> None:
    """`source` as the canonical EPUB at `target`, without claims."""
    authored = target.with_name(f"authored-{target.name}")
    epub_from_manuscript(source, media_types.sniff(source), authored, Claims(), Typesetter())
    canonical_epub(authored, target)
    authored.unlink()


def counted(epub: Path) -> Counted:
    """The words between white space and dashes, the contents, and the elements of the spine."""
    package = read_package(epub)
    roots = [_root(document.data) for document in spine_documents(epub, package)]
    texts = (" ".join(map(str, root.itertext())) for root in roots)
    words = sum(1 for text in texts for word in _GAP.split(text) if word)
    try:
        titles = tuple(entry.title for entry in toc(epub, package))
    except BookError:
        titles = ()
    tags = {tag: _count(roots, tag) for tag in ("img", "table", "p", "ul", "ol")}
    tags["list"] = tags["ul"] + tags["ol"]
    return Counted(words, titles, _notes(roots), tags)


def _root(data: bytes) -> etree._Element:
    root = xml.parse(data, recover=True)
    body = root.find(f"{_H}body")
    return body if body is not None else root


def _count(roots: Sequence[etree._Element], tag: str) -> int:
    return sum(1 for root in roots for _ in root.iter(f"{_H}{tag}"))


def _notes(roots: Sequence[etree._Element]) -> int:
    """Marks that lead to a note by their role, or by being a raised link into the book."""
    return sum(1 for root in roots for link in root.iter(f"{_H}a") if _is_mark(link))


def _is_mark(link: etree._Element) -> bool:
    if link.get("role") == "doc-noteref":
        return True
    raised = link.find(f"{_H}sup") is not None or any(
        one.tag == f"{_H}sup" for one in link.iterancestors()
    )
    return raised and "#" in link.get("href", "") and link.get("role") != "doc-backlink"
