"""Errors: of letters and words, as they come out in the EPUB, and processor seconds a page.

Each row is a book of scanned pages of one kind; what an engine reads goes the whole way, through
text layer and reflow, so that columns, running heads and hyphens count. Typographic quotes and
dashes count as they are printed; *plain* counts a straight quote for a curly one.
"""

import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
from rapidfuzz.distance import Levenshtein

from benchmarks.frame import Cell, Options, Table, measured_command
from benchmarks.ocr_tables.texts import TEXTS
from benchmarks.scanned_pages import DEGRADATIONS, Setting, as_scan, draw, set_pages
from ebook_pipeline.books.converting.from_pdf import epub_from_pdf
from ebook_pipeline.books.converting.recognizing.recognition import PageRecognition, recognize_scans
from ebook_pipeline.books.converting.recognizing.recognizer import PageRecognizer
from ebook_pipeline.books.formats.epub.content import write_plain_text
from ebook_pipeline.books.records import Claims
from ebook_pipeline.resources.recognizing.rapid_ocr import RapidOcr
from ebook_pipeline.resources.recognizing.tesseract import Tesseract, find_tesseract, language_name
from ebook_pipeline.tools import sandbox

SEED = 19
_RESOLUTIONS = (100, 150, 300)
_OCRMYPDF = "ocrmypdf"
"""The program, and its name in the table: it asks Tesseract, of straightened pages."""
PLAIN = str.maketrans("“”„«»‘’‚‹›—–", "\"\"\"\"\"'''''--")


@dataclass(frozen=True)
class Case:
    """One kind of page: which text, how it is set, drawn and degraded."""

    text: str
    dpi: int
    how: str
    setting: Setting = field(default_factory=Setting)

    @property
    def language(self) -> str:
        return self.text.split(",")[0]


def cases() -> Iterator[Case]:
    """Every resolution and degradation in English; every text clean and noisy; two columns."""
    for dpi in _RESOLUTIONS:
        for how in DEGRADATIONS:
            yield Case("en", dpi, how)
    for text in TEXTS:
        if text != "en":
            yield from (Case(text, 150, how) for how in ("clean", "noise"))
    wide = Setting(width=170, height=110, columns=2, size=9)
    yield from (Case("en", dpi, "skew", wide) for dpi in (150, 300))
    yield Case("en", 150, "skew", Setting(height=90, head="Pride and Prejudice"))


def table(options: Options) -> Table:
    """One row for each kind of page and engine."""
    program = find_tesseract(None)
    engines: dict[str, PageRecognizer] = {"RapidOCR": RapidOcr()}
    if program is not None:
        engines["Tesseract"] = Tesseract(program)
    if program is not None and shutil.which(_OCRMYPDF):
        engines[_OCRMYPDF] = Tesseract(program)
    rows = [
        row
        for case in list(cases())[: options.books]
        for name, engine in engines.items()
        if engine.serves(case.language)
        for row in [_row(case, name, engine)]
    ]
    said = "Errors per 100 letters and words of the EPUB's text; CPU s are all of an engine's."
    columns = (
        "text", "dpi", "scan", "columns", "pages", "engine", "CER %", "plain CER %", "WER %",
        "CPU s a page",
    )  # fmt: skip
    return Table("Reading of scans", columns, [*rows, *_means(rows)], said)


def _means(rows: list[list[Cell]]) -> Iterator[list[Cell]]:
    for name in dict.fromkeys(str(row[5]) for row in rows):
        own = [row for row in rows if row[5] == name]
        pages = sum(int(row[4] or 0) for row in own)
        means: list[Cell] = [
            sum(float(row[at] or 0) for row in own) / len(own) for at in range(6, 10)
        ]
        yield ["mean", None, None, None, pages, name, *means]


def _row(case: Case, name: str, engine: PageRecognizer) -> list[Cell]:
    truth = TEXTS[case.text] + "\n\n" + TEXTS[case.text]
    pdf = set_pages(truth, replace(case.setting, language=case.language))
    pictures = draw(pdf, case.dpi, case.how, SEED)
    with tempfile.TemporaryDirectory() as folder:
        scan = Path(folder, "scan.pdf")
        scan.write_bytes(as_scan(pictures, case.dpi))
        read = _read_by_ocrmypdf if name == _OCRMYPDF else _read
        text, seconds = read(scan, engine, case.language, Path(folder))
    columns = case.setting.columns
    plain = error_rate(truth.translate(PLAIN), text.translate(PLAIN))
    return [
        case.text, case.dpi, case.how, columns, len(pictures), name, error_rate(truth, text), plain,
        error_rate(truth, text, words=True), seconds / len(pictures),
    ]  # fmt: skip


def _read(scan: Path, engine: PageRecognizer, language: str, folder: Path) -> tuple[str, float]:
    """The EPUB's text, and the processor seconds of all that was done for it but drawing."""
    before = _seconds()
    made = recognize_scans(scan, folder, language, PageRecognition((engine,)), lambda _: None)
    taken = _seconds() - before
    if made.level is None:
        return "", taken
    return _text_of(made.level, language, folder), taken


def _read_by_ocrmypdf(
    scan: Path,
    engine: PageRecognizer,  # noqa: ARG001 - its own
    language: str,
    folder: Path,
) -> tuple[str, float]:
    """The same by the text layer that OCRmyPDF writes, called as people do."""
    written = folder / "layered.pdf"
    options = ("--deskew", "--output-type", "pdf", "-l", language_name(language))
    done = measured_command([_OCRMYPDF, *options, scan, written])
    return _text_of(written, language, folder) if written.exists() else "", done.cpu


def _text_of(pdf: Path, language: str, folder: Path) -> str:
    epub, text = folder / "a.epub", folder / "a.txt"
    sandbox.call(epub_from_pdf, pdf, epub, Claims(title="-", language=language))
    write_plain_text(epub, text)
    return text.read_text(encoding="utf-8")


def _seconds() -> float:
    """Processor time of this process and of the sandbox's server, with its children's."""
    time.sleep(0.2)
    total = 0.0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        used = process.cpu_times()
        total += used.user + used.system + used.children_user + used.children_system
    return total


def error_rate(truth: str, text: str, *, words: bool = False) -> float:
    """Changes that make `text` of `truth`, per 100 letters or words of the truth."""
    wanted, got = _normal(truth), _normal(text)
    if words:
        return 100 * Levenshtein.distance(wanted.split(), got.split()) / len(wanted.split())
    return 100 * Levenshtein.distance(wanted, got) / len(wanted)


def _normal(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
