"""PDF → EPUB: how much of a novel's words and paragraphs comes back, against Calibre.

Every novel is printed by our engine and by Calibre; both PDFs are read back by both.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.format_tables import Options, Table, calibre, measured
from ebook_pipeline.books.converting.from_pdf import epub_from_pdf
from ebook_pipeline.books.converting.to_epub.canonical import canonical_epub
from ebook_pipeline.books.converting.to_pdf.reading_pdf import print_epub
from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.epub.package import package_in
from ebook_pipeline.books.records import Claims
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser

_WINDOW = 1500
_RUN = 7
_SAME_BOOK = frozenset({"frankenstein-repacked", "frankenstein-retitled"})
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u2011": "-", "\u2010": "-"})
_UNSEEN = re.compile("[\u2060\ufeff\u200a\u00ad\u200b\u200c\u200d]")
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "li", "ol", "ul", "dl", "dt", "dd"}
    | {"table", "caption", "thead", "tbody", "tr", "td", "th", "blockquote", "figure"}
    | {"figcaption", "pre", "div", "section", "article", "header", "footer", "aside", "hr"}
    | {"body", "nav", "main"}
)
_COLUMNS = (
    "novel",
    "printed by",
    "wer ours",
    "wer calibre",
    "paragraphs ours",
    "paragraphs calibre",
    "cpu s ours",
    "cpu s calibre",
)


@dataclass(frozen=True)
class Text:
    """A book's words in order; `ends` are the numbers of words after which a paragraph ends."""

    words: list[str]
    ends: set[int]


@dataclass(frozen=True)
class Recovered:
    """Word error rate; F1 of the paragraphs' ends, aligned on the words."""

    words: float
    paragraphs: float


def table(options: Options) -> Table:
    """Word errors and paragraph ends of every novel's two PDFs, by us and by Calibre."""
    rows: list[list[Any]] = []
    for entry in options.entries("novel"):
        novel = options.corpus / entry["name"]
        if novel.stem not in _SAME_BOOK:
            source = text(novel)
            for printer, pdf in _printed(novel, options):
                rows.append(_row(novel.stem, printer, pdf, source, options))
    return Table("PDF to EPUB", _COLUMNS, rows, _said(rows))


def _said(rows: Sequence[Sequence[Any]]) -> str:
    compared = [row for row in rows if row[3] is not None]
    better = sum(row[2] < row[3] and row[4] > row[5] for row in compared)
    own = [row for row in rows if row[1] == "ours"]
    return (
        f"Better than Calibre on both in {better} of {len(compared)}; of our own PDFs at worst "
        f"{max((row[2] for row in own), default=0):.4f} word errors and "
        f"{min((row[4] for row in own), default=1):.4f} of paragraph ends."
    )


def _printed(novel: Path, options: Options) -> Iterator[tuple[str, Path]]:
    own = options.folder("ours") / f"{novel.stem}.pdf"
    if not own.exists():
        with tempfile.TemporaryDirectory() as folder:
            _print(novel, own, Path(folder))
    yield "ours", own
    if calibre.available():
        made = calibre.converted(novel, options.folder("pdf") / f"{novel.stem}.pdf")
        if made.returncode == 0:
            yield "calibre", made.path


def _print(novel: Path, target: Path, folder: Path) -> None:
    sandbox.call(canonical_epub, novel, folder / "canonical.epub")
    print_epub(folder / "canonical.epub", folder / "book.pdf", Browser(), folder / "print")
    part = target.with_name(f"part-{target.name}")
    part.write_bytes((folder / "book.pdf").read_bytes())
    part.replace(target)


def _row(name: str, printer: str, pdf: Path, source: Text, options: Options) -> list[Any]:
    made = options.folder(f"by-us-of-{printer}") / f"{name}.epub"
    ours = measured(epub_from_pdf, pdf, made, Claims())
    mine = recovered(source, text(made))
    row: list[Any] = [name, printer, mine.words, None, mine.paragraphs, None, ours.cpu, None]
    if calibre.available():
        folder = options.folder("of-ours" if printer == "ours" else "of-calibre")
        theirs = calibre.converted(pdf, folder / f"{name}.epub")
        found = recovered(source, text(theirs.path))
        row[3], row[5], row[7] = found.words, found.paragraphs, theirs.cpu_seconds
    return [round(cell, 4) if isinstance(cell, float) else cell for cell in row]


def text(epub: Path) -> Text:
    """The words of the EPUB's spine, quotes and invisible letters normalised, case kept."""
    words: list[str] = []
    ends: set[int] = set()
    with archive.opened(epub) as opened:
        package = package_in(opened)
        for item in package.spine_items:
            if item.path and item.media_type == "application/xhtml+xml":
                _read(etree.fromstring(opened.read(item.path), _parser()), words, ends)
    return Text(words, ends)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(recover=True, resolve_entities=False, huge_tree=True)


def _read(root: etree._Element, words: list[str], ends: set[int]) -> None:
    body = root.find("{*}body")
    parts: list[str] = []

    def close() -> None:
        found = _words("".join(parts))
        parts.clear()
        if found:
            words.extend(found)
            ends.add(len(words))

    if body is not None:
        for event, element in etree.iterwalk(body, events=("start", "end", "comment")):
            _step(event, element, parts, close)
        close()


def _step(event: str, element: etree._Element, parts: list[str], close: Any) -> None:
    if event == "comment":
        parts.append(element.tail or "")
        return
    name = etree.QName(element).localname
    if name in _BLOCKS:
        close()
    if event == "start":
        parts.append(" " if name == "br" else element.text or "")
    else:
        parts.append(element.tail or "")


def _words(passage: str) -> list[str]:
    passage = _UNSEEN.sub("", passage.translate(_QUOTES))
    return re.sub("([—–…])", r" \1 ", passage).split()


def recovered(source: Text, found: Text) -> Recovered:
    """How much of `source` is in `found`."""
    if not found.words:
        return Recovered(1.0, 0.0)
    codes: dict[str, int] = {}
    one = [codes.setdefault(word, len(codes)) for word in source.words]
    two = [codes.setdefault(word, len(codes)) for word in found.words]
    errors = same = 0
    for (start, end), (begin, stop) in _windows(one, two):
        for step in _steps(one[start:end], two[begin:stop]):
            long, there = step.src_end - step.src_start, step.dest_end - step.dest_start
            if step.tag != "equal":
                errors += max(long, there)
            if long != there:
                continue
            shift = begin + step.dest_start - start - step.src_start
            places = range(start + step.src_start + 1, start + step.src_end + 1)
            same += sum(place in source.ends and place + shift in found.ends for place in places)
    return Recovered(errors / len(one), 2 * same / (len(source.ends) + len(found.ends)))


def _steps(one: Sequence[int], two: Sequence[int]) -> Any:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.opcodes(one, two)


def _windows(
    one: Sequence[int], two: Sequence[int]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Parts that belong together, cut where words in a row stand once in both texts.

    Cutting can only make the distance larger, for us as for Calibre.
    """
    places = _once(two)
    single = _once(one)
    start = begin = 0
    for place in range(_WINDOW, len(one) - _RUN):
        if place - start < _WINDOW:
            continue
        run = tuple(one[place : place + _RUN])
        there = places.get(run, -1)
        if single.get(run) == place and 0 < there - begin < 3 * (place - start):
            yield (start, place), (begin, there)
            start, begin = place, there
    yield (start, len(one)), (begin, len(two))


def _once(words: Sequence[int]) -> dict[tuple[int, ...], int]:
    """Where runs of words stand that stand nowhere else (-1 for the others)."""
    found: dict[tuple[int, ...], int] = {}
    for place in range(len(words) - _RUN):
        run = tuple(words[place : place + _RUN])
        found[run] = -1 if run in found else place
    return found
