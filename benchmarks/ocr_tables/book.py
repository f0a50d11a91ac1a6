"""A scanned novel through the whole chain, from pictures of its pages to the shop."""

import itertools
import tempfile
from pathlib import Path

from PIL import Image
from sqlalchemy import select

from benchmarks.frame import Cell, Options, Table
from benchmarks.ocr_tables.errors import PLAIN, SEED, error_rate
from benchmarks.scanned_pages import DEGRADATIONS, Setting, as_scan, degraded, draw, set_pages
from benchmarks.throughput_tables.ingesting import Home, benchmark_home, told
from ebook_pipeline.books.formats.epub.content import write_plain_text
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.resources.database import tables
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.reporting.book_files import files_of

DPI = 150
_NOVEL = "novels/robert-louis-stevenson_treasure-island.epub"
_SCAN = "treasure-island.pdf"
_COLUMNS = (
    "pages",
    "CPU s",
    "CPU s a page",
    "s",
    "MB at most",
    "words",
    "WER %",
    "plain WER %",
    "state",
)


def table(options: Options) -> Table:
    """The whole novel, or its first `options.books` hundredths of the paragraphs."""
    with tempfile.TemporaryDirectory() as name, benchmark_home() as home:
        folder = Path(name)
        truth = _beginning(options.corpus / _NOVEL, folder, options.books or 100)
        pages = _scanned(truth)
        scan = folder / _SCAN
        scan.write_bytes(as_scan(pages, DPI))
        cost = home.ingest({_SCAN: scan})
        read = _text(home)
    wrong = [
        error_rate(truth.translate(how), read.translate(how), words=True) for how in ({}, PLAIN)
    ]
    costs = (cost.cpu, cost.cpu / len(pages), cost.wall, cost.megabytes)
    row: list[Cell] = [len(pages), *costs, len(truth.split()), *wrong, told(cost.states)]
    return Table("A scanned novel", _COLUMNS, [row], f"Pages are in turn {DEGRADATIONS}.")


def _beginning(novel: Path, folder: Path, hundredths: int) -> str:
    plain = folder / "novel.txt"
    write_plain_text(novel, plain)
    text = plain.read_text(encoding="utf-8").translate({ord("\f"): "\n", ord("\u2060"): None})
    paragraphs = text.split("\n\n")
    return "\n\n".join(paragraphs[: len(paragraphs) * hundredths // 100])


def _scanned(text: str) -> list[Image.Image]:
    clean = draw(set_pages(text, Setting(head="Treasure Island")), DPI, "clean", SEED)
    how = itertools.cycle(DEGRADATIONS)
    return [degraded(page, next(how), DPI, SEED + at) for at, page in enumerate(clean)]


def _text(home: Home) -> str:
    """What the one book of `home` says, as its EPUB does."""
    resources = opened(home.settings)
    with resources.database.begin() as connection:
        book: str = connection.execute(select(tables.book.c.id)).scalar_one()
    files = files_of(resources.database, RecordStore(resources.object_store), book)
    with resources.object_store.open(files.blob("text")) as stream:
        return stream.read().decode()
