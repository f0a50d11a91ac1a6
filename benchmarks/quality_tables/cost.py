"""Cost: processor seconds per 100,000 words of each step of the judgement, and memory."""

import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.frame import Cell, Options, Table, measured
from benchmarks.quality_tables.novels import novels
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import (
    appropriateness,
    assessor,
    chapters,
    grammar,
    images,
    lexicon,
    plausibility,
    spelling,
    typography,
)
from ebook_pipeline.books.judging.plausibility import language
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.judging.report_page.passages import finding_passages
from ebook_pipeline.books.records import Product
from ebook_pipeline.resources.models.grammar_checker import HarperChecker
from ebook_pipeline.resources.models.text_models import LocalModels

T = TypeVar("T")
ENGLISH = "en"


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def of(self, step: str, work: Callable[..., T], *args: Any) -> T:
        start = time.process_time()
        done = work(*args)
        self.seconds[step] += time.process_time() - start
        return done


def table(options: Options) -> Table:
    """A row per step over all novels in one process; the stage itself as the pipeline runs it.

    Grammar is read in a child process, whose seconds are those that the stage takes more with it.
    """
    books = list(novels(options).values())
    home, words_list = options.folder("models"), options.folder("lexicon")
    lexicon.load(words_list)
    seconds, words, alone = measured(_steps, books, home, words_list).result
    stage = measured(_stage, books, home, words_list, None)
    whole = measured(_stage, books, home, words_list, HarperChecker())
    checking = whole.cpu - stage.cpu
    rows: list[list[Cell]] = [
        [step, taken, taken * 100_000 / words] for step, taken in seconds.items()
    ]
    rows += [
        [name, taken, taken * 100_000 / words]
        for name, taken in (
            ("grammar of the sample", checking),
            ("the stage without grammar, with its child processes", stage.cpu),
            ("the stage with grammar, with its child processes", whole.cpu),
        )
    ]
    said = (
        f"{len(books)} novels of {words:,} words, one after the other:"
        f" {stage.cpu * 100_000 / words:.2f} CPU seconds per 100,000 words without grammar,"
        f" {whole.cpu * 100_000 / words:.2f} with it; at most"
        f" {max(alone, *stage.result, *whole.result):,.0f} MB in one process."
    )
    return Table("Cost of a judgement", ("step", "CPU seconds", "per 100,000 words"), rows, said)


def _steps(books: list[Path], home: Path, cache: Path) -> tuple[dict[str, float], int, float]:
    """CPU seconds by step, words read, and the process' greatest memory in megabytes."""
    clock, models, total = _Clock(), LocalModels(home), 0
    clock.of("word list and language model, once", _load, models, cache)
    for book in books:
        package = read_package(book)
        read = clock.of("reading", lambda one=book, of=package: list(chapters.read(one, of)))
        total += clock.of("counting words", lambda one=read: sum(part.words for part in one))
        around = assessor.container_files(book, package)
        parts = [
            clock.of("plausibility", plausibility.check, read, ENGLISH, cache),
            clock.of("spelling", spelling.check, read, ENGLISH, cache),
            clock.of("typography", typography.check, read, around),
            clock.of("images", images.check, book, package, read, around.sheets),
            clock.of("appropriateness", appropriateness.check, read, ENGLISH),
        ]
        clock.of("passages for grammar", grammar.sample_passages, read)
        heard = language.chapter_samples(read)
        clock.of("languages", language.foreign_chapters, (ENGLISH,), heard, models.language)
        found = [one for part in parts for one in part.findings]
        clock.of("passages for the page", finding_passages, book, found)
    return dict(clock.seconds), total, _megabytes(resource.RUSAGE_SELF)


def _load(models: LocalModels, cache: Path) -> None:
    lexicon.load(cache)
    models.language("Which language is this?")


def _stage(
    books: list[Path], home: Path, cache: Path, checker: HarperChecker | None
) -> tuple[float, float]:
    """Every book judged as in the pipeline; greatest memory of this process and of a child."""
    editor = assessor.QualityAssessor(load_quality_policy(), LocalModels(home), cache, checker)
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        for book in books:
            package = read_package(book)
            read = (one.text for one in chapters.read(book, package))
            text.write_text("\n".join(read), encoding="utf-8")
            product = Product(title=package.title, languages=package.languages)
            editor.assess(assessor.AssessmentInput(book, text, product))
    return _megabytes(resource.RUSAGE_SELF), _megabytes(resource.RUSAGE_CHILDREN)


def _megabytes(whose: int) -> float:
    return resource.getrusage(whose).ru_maxrss / 1024
