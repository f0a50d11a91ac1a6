"""Which engines read scans here, by the settings and by what is installed."""

from typing import TYPE_CHECKING

from ebook_pipeline.resources.recognizing.rapid_ocr import RapidOcr, models_folder
from ebook_pipeline.resources.recognizing.tesseract import Tesseract, find_tesseract
from ebook_pipeline.tools.sandbox import Limits

if TYPE_CHECKING:
    from ebook_pipeline.books.converting.recognizing.recognizer import PageRecognizer
    from ebook_pipeline.settings import Settings


def chosen(settings: "Settings") -> "tuple[PageRecognizer, ...]":
    """The engines in the order of preference: the first that knows a book's letters reads it."""
    limits = Limits(seconds=max(300.0, settings.tool_seconds), megabytes=4000)
    engines: list[PageRecognizer] = []
    if settings.ocr_engine in ("auto", "rapidocr") and models_folder() is not None:
        engines.append(RapidOcr(settings.ocr_dpi, settings.ocr_threads, limits))
    program = find_tesseract(settings.tesseract)
    if settings.ocr_engine in ("auto", "tesseract") and program is not None:
        engines.append(Tesseract(program, settings.ocr_dpi, settings.ocr_threads, limits))
    return tuple(engines)
