"""Tesseract 4 or newer, where it is installed, with the languages that are installed for it.

Pages are drawn and turned upright in one child of the sandbox, read by the program in another, and
what it prints (hOCR, http://kba.cloud/hocr-spec/1.2/) is read as data.
"""

import functools
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from ebook_pipeline.books.converting.recognizing.recognizer import (
    RecognizedLine,
    RecognizedPage,
    RecognizedWord,
)
from ebook_pipeline.foundation.errors import BookError, ServiceError
from ebook_pipeline.tools import sandbox

if TYPE_CHECKING:
    from ebook_pipeline.resources.recognizing.drawn_pages import DrawnPage

LIMITS = sandbox.Limits(seconds=300, megabytes=4000)
_VERSION = 1
"""Of our own part in it."""
_BEYOND_ISO = {"zh": "chi_sim", "zh-Hant": "chi_tra", "zh-TW": "chi_tra", "zh-HK": "chi_tra"}
"""Tesseract's names of languages are those of ISO 639-2/T, but for these."""
_NUMBER = r"(-?[\d.]+)"
_BOX = re.compile(rf"bbox {_NUMBER} {_NUMBER} {_NUMBER} {_NUMBER}")
_BASE = re.compile(rf"baseline {_NUMBER} {_NUMBER}")
_SIZE = re.compile(rf"x_size {_NUMBER}")
_SURE = re.compile(rf"x_wconf {_NUMBER}")
_MOST_BYTES = 16 << 20
"""Of what Tesseract prints for one page."""
_LINES = ["ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"]


@dataclass(frozen=True)
class Tesseract:
    """`program` reads pages drawn in `dpi`, by `threads`; `limits` are those of one call."""

    program: Path
    dpi: int = 200
    threads: int = 1
    limits: sandbox.Limits = LIMITS

    @property
    def version(self) -> str:
        """Raises ServiceError where the program does not run."""
        number, languages = installed(self.program)
        return f"Tesseract {number} ({', '.join(languages)}), {self.dpi} dpi, {_VERSION}"

    def serves(self, language: str) -> bool:
        return bool(language) and language_name(language) in installed(self.program)[1]

    def read_pages(
        self, pdf: Path, numbers: Sequence[int], language: str
    ) -> tuple[RecognizedPage, ...]:
        from ebook_pipeline.resources.recognizing.drawn_pages import draw_in_child

        with tempfile.TemporaryDirectory(prefix="ebooks-") as name:
            folder = Path(name)
            drawn = sandbox.call(
                draw_in_child, pdf, list(numbers), self.dpi, folder, limits=self.limits
            )
            return tuple(self._read(page, language_name(language)) for page in drawn)

    def _read(self, page: "DrawnPage", language: str) -> RecognizedPage:
        from ebook_pipeline.books.converting.recognizing.page_picture import InkMap

        argv: list[str | Path] = ["/usr/bin/env", f"OMP_THREAD_LIMIT={self.threads}"]
        argv += [self.program.absolute(), page.file, "stdout", "-l", language or "eng"]
        argv += ["--dpi", str(self.dpi), "-c", "hocr_font_info=0", "hocr"]
        printed = sandbox.run_tool(argv, limits=self.limits)
        lines = tuple(lines_of(printed, page))
        share = InkMap.of(page.ink).share_within(lines, page.height)
        return RecognizedPage(page.number, page.width, page.height, page.skew, lines, share)


def language_name(language: str) -> str:
    """What Tesseract calls a language, a tag of BCP 47; empty where it is no language's."""
    from langcodes import Language
    from langcodes.tag_parser import LanguageTagError

    if language in _BEYOND_ISO:
        return _BEYOND_ISO[language]
    try:
        tag = Language.get(language)
        return _BEYOND_ISO.get(tag.language or "", tag.to_alpha3(variant="T"))
    except (LanguageTagError, LookupError, ValueError):
        return ""


def find_tesseract(program: Path | None) -> Path | None:
    """The program, as it is named or where programs lie; None where there is none."""
    found = shutil.which(program or "tesseract")
    return Path(found) if found else None


@functools.cache
def installed(program: Path) -> tuple[str, tuple[str, ...]]:
    """The program's version and its languages. Raises ServiceError where it does not run."""
    limits = sandbox.Limits(seconds=30, megabytes=2000)
    try:
        said = sandbox.run_tool([program, "--version"], limits=limits).decode(errors="replace")
        listed = sandbox.run_tool([program, "--list-langs"], limits=limits)
    except BookError as error:
        raise ServiceError(f"{program} does not work: {error}") from error
    number = re.search(r"(?<!\d)\d++(?:\.\d++)+", said)
    names = listed.decode(errors="replace").splitlines()[1:]
    return number[0] if number else "?", tuple(sorted(name for name in names if name != "osd"))


def lines_of(hocr: bytes, page: "DrawnPage") -> Iterator[RecognizedLine]:
    """The lines of what Tesseract printed. Raises BookError (``tool.tesseract``)."""
    if len(hocr) > _MOST_BYTES:
        raise BookError("tool.tesseract", "Tesseract printed too much.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(hocr, parser)
    for line in root.iter("{*}span") if root is not None else ():
        if line.get("class") in _LINES:
            yield from _line(line, page)


def _line(line: "etree._Element", page: "DrawnPage") -> Iterator[RecognizedLine]:
    title = line.get("title") or ""
    box, base, size = _BOX.search(title), _BASE.search(title), _SIZE.search(title)
    words = tuple(word for span in line.iter("{*}span") for word in _word(span, page))
    if box is None or size is None or not words:
        return
    left, bottom = float(box[1]), float(box[4])
    slope, offset = (float(base[1]), float(base[2])) if base else (0.0, 0.0)
    middle = (float(box[3]) - left) / 2
    height = page.height - (bottom + offset + slope * middle) / page.scale
    yield RecognizedLine(height, max(float(size[1]) / page.scale, 1.0), words)


def _word(span: "etree._Element", page: "DrawnPage") -> Iterator[RecognizedWord]:
    title = span.get("title") or ""
    box, sure = _BOX.search(title), _SURE.search(title)
    text = "".join(map(str, span.itertext())).strip()
    if span.get("class") == "ocrx_word" and box is not None and text:
        yield RecognizedWord(
            " ".join(text.split()),
            float(box[1]) / page.scale,
            float(box[3]) / page.scale,
            min(max(float(sure[1]) / 100 if sure else 0.0, 0.0), 1.0),
        )
