"""Kindle books made into EPUB: words, headings, contents and validity, Calibre's beside ours.

Words are counted as the manifest counts them. Headings and contents are compared with those of the
novel from which a book was made.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.format_tables import Cell, Options, Table, calibre, measured
from ebook_pipeline.books.converting.from_kindle import epub_from_mobi
from ebook_pipeline.books.formats.epub import archive, navigation
from ebook_pipeline.books.formats.epub.content import texts
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.epubcheck import EpubCheck

_HEADINGS = tuple(f"{{http://www.w3.org/1999/xhtml}}h{level}" for level in range(1, 7))
_COLUMNS = (
    "book",
    "words of manifest",
    "words",
    "Calibre's",
    "headings of novel",
    "found",
    "by Calibre",
    "contents of novel",
    "kept",
    "by Calibre ",
    "pictures",
    "errors",
    "Calibre's ",
    "CPU s",
    "Calibre's  ",
)


def table(options: Options) -> Table:
    """A row for each Kindle book."""
    checker = EpubCheck()
    try:
        rows = [_row(options, entry, checker) for entry in options.entries("mobi")]
    finally:
        checker.close()
    made = [row for row in rows if row[2] is not None]
    near = sum(abs(int(row[2] or 0) - int(row[1] or 0)) <= int(row[1] or 0) * 0.01 for row in made)
    clean = sum(row[11] == 0 for row in made)
    said = (
        f"{near} of {len(made)} books keep their words within 1 %, EPUBCheck passes {clean}; "
        f"the other {len(rows) - len(made)} are protected and refused by name."
    )
    return Table("MOBI, AZW3 and PalmDOC to EPUB", _COLUMNS, rows, said)


def _row(options: Options, entry: dict[str, Any], checker: EpubCheck) -> list[Cell]:
    source, folder = options.corpus / entry["name"], options.folder("mobi")
    ours, theirs = folder / f"{source.name}.ours.epub", folder / f"{source.name}.calibre.epub"
    name, expected = source.name, entry["expect"].get("word_count_by_calibre")
    try:
        taken = measured(epub_from_mobi, source, ours, Claims())
    except BookError as error:
        return [name, expected, *[None] * 9, error.finding.rule, *[None] * 3]
    their = calibre.converted(source, theirs) if calibre.available() else None
    novel = options.corpus / str(entry["origin"].get("of", ""))
    a, b = _facts(ours), _facts(theirs) if theirs.exists() else {}
    heads, toc = _of_novel(novel)
    return [
        *(name, expected, a["words"], b.get("words")),
        *(len(heads) or None, _shared(heads, a, "headings"), _shared(heads, b, "headings")),
        *(len(toc) or None, _shared(toc, a, "toc"), _shared(toc, b, "toc")),
        *(a["pictures"], _errors(checker, ours), _errors(checker, theirs)),
        *(taken.cpu, their.cpu_seconds if their else None),
    ]


def _facts(epub: Path) -> dict[str, Any]:
    package, headings = read_package(epub), set()
    with archive.opened(epub) as opened:
        for path in [item.path for item in package.spine_items if item.path]:
            root = etree.fromstring(opened.read(path), etree.XMLParser(recover=True))
            headings |= {
                _letters("".join(map(str, each.itertext()))) for each in root.iter(*_HEADINGS)
            }
    text = " ".join(text for _, text in texts(epub, package))
    counted = [word for word in re.split(r"[\s—]+", text) if re.search(r"\w", word)]
    pictures = sum(item.media_type.startswith("image/") for item in package.manifest)
    toc = {_letters(one.title) for one in navigation.toc(epub, package)}
    return {"words": len(counted), "headings": headings, "toc": toc, "pictures": pictures}


def _of_novel(novel: Path) -> tuple[set[str], set[str]]:
    if novel.suffix != ".epub":
        return set(), set()
    facts = _facts(novel)
    return facts["headings"], facts["toc"]


def _shared(wanted: set[str], facts: Mapping[str, Any], name: str) -> int | None:
    return len(wanted & facts[name]) if wanted and facts else None


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _errors(checker: EpubCheck, epub: Path) -> int | None:
    if not epub.exists():
        return None
    return sum(one.severity >= Severity.ERROR for one in checker.check(epub))
