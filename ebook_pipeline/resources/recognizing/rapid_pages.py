"""What RapidOCR's models read of a PDF's pages; runs in the sandbox."""

import functools
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium

from ebook_pipeline.books.converting.recognizing.page_picture import draw_page
from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedPage
from ebook_pipeline.books.formats.pdf import opening
from ebook_pipeline.resources.recognizing.line_reading import LineReader
from ebook_pipeline.resources.recognizing.text_detection import TextDetector


def read_in_child(
    pdf: Path,
    numbers: list[int],
    drawing: tuple[int, int],
    language: str,
    models: tuple[Path, Path],
) -> tuple[RecognizedPage, ...]:
    """The pages `numbers`; `drawing` are dots an inch and threads."""
    dpi, threads = drawing
    engine = _engine(*models, threads)
    document = opening.drawn(pdf)
    try:
        return tuple(_read(document, number, (dpi, language), engine) for number in numbers)
    finally:
        document.close()


def _read(
    document: pdfium.PdfDocument,
    number: int,
    drawing: tuple[int, str],
    engine: "_Engine",
) -> RecognizedPage:
    dpi, language = drawing
    picture = draw_page(document, number, dpi)
    read = (engine.reader.read(picture, box, language) for box in engine.detector.lines(picture))
    lines = tuple(line for line in read if line is not None)
    share = picture.ink.share_within(lines, picture.height)
    return RecognizedPage(number, picture.width, picture.height, picture.skew, lines, share)


@dataclass(frozen=True)
class _Engine:
    """Both models, loaded."""

    detector: TextDetector
    reader: LineReader


@functools.cache
def _engine(detection: Path, recognition: Path, threads: int) -> _Engine:
    return _Engine(TextDetector(detection, threads), LineReader(recognition, threads))
