"""A PDF's scans read page by page by the engine that knows its language, and written as text.

Pages are read a few at a time, several of such groups at once; what was read is kept until all is
done. A page that an engine gives up on stays a picture. So do pages that hold little text: comics
and picture books are looked at in a sample, and left as they are.
"""

import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.converting.recognizing import recognition_findings as findings
from ebook_pipeline.books.converting.recognizing.page_cache import PageCache
from ebook_pipeline.books.converting.recognizing.recognizer import (
    PageRecognizer,
    RecognizedPage,
    Scans,
)
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.tools import sandbox

_SAMPLE = 6
"""Pages, spread over the book, by which it is told whether its pages hold text."""
_FEWEST_TO_GUESS = 2
"""Pages of the sample by which a language is looked for first."""
_AT_ONCE = 6
"""Pages of one call of an engine: loading its models takes 0.6 s, a page 2."""
_TEXT_SHARE = 0.4
"""Share of a page's ink, 0 to 1, within lines of text, below which the page is a picture: pages of
text have 0.99; no comic was measured."""
_FEWEST_LETTERS = 20
"""Letters of a page that are laid over it."""
_UNREAD_CONFIDENCE = 0.6
"""Mean confidence of a sample, 0 to 1, below which its letters are not the engine's."""
_FEWEST_TO_DETECT = 200
"""Letters from which the language of a sample is told."""


@dataclass(frozen=True)
class PageRecognition:
    """What scans are read with: `engines` in the order of preference; none, and nothing is read.

    `folder` keeps pages between attempts. Up to `most_pages` of a book are read, `at_once` groups
    of pages at a time.
    """

    engines: tuple[PageRecognizer, ...] = ()
    folder: Path | None = None
    most_pages: int = 1500
    at_once: int = 1


@dataclass(frozen=True)
class RecognizedPdf:
    """The PDF with text over its scans, `level` for those who read it alone; what there is to say.

    Both are None where nothing was read.
    """

    pdf: Path | None
    level: Path | None
    findings: tuple[Finding, ...]


def recognize_scans(
    pdf: Path,
    folder: Path,
    language: str,
    recognition: PageRecognition,
    on_step: Callable[[str], None],
) -> RecognizedPdf:
    """Read the scans of `pdf` if it has any; new files are written below `folder`.

    Raises BookError where the PDF cannot be read, LimitExceeded, ServiceError.
    """
    if not recognition.engines:
        return RecognizedPdf(None, None, ())
    from ebook_pipeline.books.converting.recognizing.scans import find_scans

    scans = sandbox.call(find_scans, pdf, language)
    if not scans.pages:
        return RecognizedPdf(None, None, ())
    if len(scans.pages) > recognition.most_pages:
        return RecognizedPdf(None, None, (findings.too_many(scans, recognition.most_pages),))
    return _Reading(pdf, scans, recognition, on_step).read(folder)


class _Reading:
    """One PDF while it is read."""

    def __init__(
        self,
        pdf: Path,
        scans: Scans,
        recognition: PageRecognition,
        on_step: Callable[[str], None],
    ) -> None:
        self._pdf, self._scans, self._on_step = pdf, scans, on_step
        self._recognition = recognition
        self._unread: list[int] = []
        self._read: dict[tuple[str, str, int], RecognizedPage] = {}
        self._language = scans.language

    def read(self, folder: Path) -> RecognizedPdf:
        engine, sample = self._chosen()
        if engine is None:
            return RecognizedPdf(None, None, (findings.no_engine(self._scans, self._language),))
        if sample and statistics.median(page.text_share for page in sample) < _TEXT_SHARE:
            self._forget(engine)
            return RecognizedPdf(None, None, (findings.pictures(self._scans),))
        pages = [page for page in self._pages(engine, self._scans.pages) if _holds_text(page)]
        said = findings.of_pages(pages, self._unread, self._scans, engine.version)
        written, level = self._written(pages, folder) if pages else (None, None)
        self._forget(engine)
        return RecognizedPdf(written, level, said)

    def _written(self, pages: Sequence[RecognizedPage], folder: Path) -> tuple[Path, Path]:
        from ebook_pipeline.books.converting.recognizing.text_layer import write_text_layers

        written, level = folder / "recognized.pdf", folder / "level.pdf"
        limits = sandbox.Limits(seconds=600, megabytes=4000)
        sandbox.call(write_text_layers, self._pdf, pages, written, level, limits=limits)
        return written, level

    def _chosen(self) -> tuple[PageRecognizer | None, list[RecognizedPage]]:
        """The first engine that knows the language, and its sample of the pages.

        A language that nobody has named is told by what an engine that may guess reads.
        """
        spread = _spread(self._scans.pages, _SAMPLE)
        if not self._language:
            guessing = next((one for one in self._recognition.engines if one.serves("")), None)
            if guessing is None:
                return None, []
            sample = self._guessed(guessing, spread)
            if not self._language:
                return (guessing, sample) if sample else (None, [])
        serving = (one for one in self._recognition.engines if one.serves(self._language))
        engine = next(serving, None)
        return engine, self._pages(engine, spread) if engine is not None else []

    def _guessed(self, engine: PageRecognizer, spread: Sequence[int]) -> list[RecognizedPage]:
        """The sample read in no language, until one is told; empty where it is not readable.

        Few pages are mostly enough, and these are read once more in their language.
        """
        sample: list[RecognizedPage] = []
        for numbers in (spread[:_FEWEST_TO_GUESS], spread):
            sample = self._pages(engine, numbers)
            if sample and _confidence(sample) >= _UNREAD_CONFIDENCE:
                self._language = _language_of(sample)
            if self._language:
                return sample
        return sample if _confidence(sample) >= _UNREAD_CONFIDENCE else []

    def _pages(self, engine: PageRecognizer, numbers: Sequence[int]) -> list[RecognizedPage]:
        """These pages, from the cache or read now, without those that cannot be read."""
        cache = self._cache(engine)
        known = {number: self._known(engine, number, cache) for number in numbers}
        missing = [number for number, page in known.items() if page is None]
        done = itertools.count(len(numbers) - len(missing) + 1)

        def read(group: tuple[int, ...]) -> list[RecognizedPage]:
            read = list(self._group(engine, group))
            for page in read:
                self._read[self._key(engine, page.number)] = page
                if cache is not None:
                    cache.put(page)
                self._on_step(f"reading scanned page {next(done)} of {len(numbers)}")
            return read

        with ThreadPoolExecutor(self._recognition.at_once) as pool:
            for pages in pool.map(read, map(tuple, slices(missing, _AT_ONCE))):
                known |= {page.number: page for page in pages}
        return [page for page in known.values() if page is not None]

    def _group(self, engine: PageRecognizer, group: tuple[int, ...]) -> Iterator[RecognizedPage]:
        """The pages of a group; one by one where one of them cannot be read."""
        try:
            yield from _asked(engine.read_pages(self._pdf, group, self._language), group)
        except BookError:
            if len(group) == 1:
                self._unread += group
                return
            for number in group:
                yield from self._group(engine, (number,))

    def _known(
        self, engine: PageRecognizer, number: int, cache: PageCache | None
    ) -> RecognizedPage | None:
        """The page, if it was read in the language: quotes and letters are those of one."""
        page = self._read.get(self._key(engine, number))
        return page or (cache.get(number) if cache is not None else None)

    def _key(self, engine: PageRecognizer, number: int) -> tuple[str, str, int]:
        return engine.version, self._language, number

    def _cache(self, engine: PageRecognizer) -> PageCache | None:
        folder = self._recognition.folder
        if folder is None:
            return None
        return PageCache(folder, self._pdf, engine.version, self._language)

    def _forget(self, engine: PageRecognizer) -> None:
        cache = self._cache(engine)
        if cache is not None:
            cache.remove()


def _asked(pages: tuple[RecognizedPage, ...], group: tuple[int, ...]) -> tuple[RecognizedPage, ...]:
    """The pages, if they are those of the group: a child that was taken over may say others."""
    if tuple(page.number for page in pages) != group:
        raise BookError("sandbox.crash", "The engine answered with other pages.")
    return pages


def _spread(numbers: Sequence[int], most: int) -> list[int]:
    """Up to `most` of `numbers`, evenly, not the first and last where there are others."""
    if len(numbers) <= most:
        return list(numbers)
    step = len(numbers) / (most + 1)
    return sorted({numbers[int(step * place)] for place in range(1, most + 1)})


def _holds_text(page: RecognizedPage) -> bool:
    return page.letters >= _FEWEST_LETTERS and page.text_share >= _TEXT_SHARE


def _confidence(pages: Sequence[RecognizedPage]) -> float:
    """The mean over all words; 1 where there are none."""
    return statistics.fmean([word.confidence for page in pages for word in page.words] or [1.0])


def _language_of(pages: Sequence[RecognizedPage]) -> str:
    """The primary tag of what was read; empty where that is too little."""
    from ebook_pipeline.books.language_detection import detected_language

    text = " ".join(line.text for page in pages for line in page.lines)
    if sum(map(str.isalpha, text)) < _FEWEST_TO_DETECT:
        return ""
    return detected_language(text)
