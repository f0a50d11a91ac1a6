"""A mutation fuzzer: damaged books must end in findings, never in a hang, a crash or an exception.

PYTHONPATH=. python benchmarks/fuzz.py --seed 1 --from 0 --mutants 5000 --budget 3600

Each mutant is checked as `ebooks check` does; one in ``--every`` is then converted, described and
judged as well, whatever the check said of it. No process and no file may be left at the end. The
same seed and number always make the same mutant; what fails is kept in ``--work`` and played again
with ``--only NUMBER``. What was tried is written down there too: the same command goes on where the
last one ended, and tries again what failed. For a second processor start one with other numbers.
"""

import argparse
import collections
import contextlib
import itertools
import json
import math
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import psutil
from rich.console import Console
from rich.progress import track

from benchmarks.format_tables import Cell, Table, print_table
from benchmarks.leftovers import run_watched
from benchmarks.mutations import mutated
from ebook_pipeline.books.converting import covers
from ebook_pipeline.books.describing.single_file import SingleFileReader
from ebook_pipeline.books.judging.assessor import AssessmentInput, QualityAssessor
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.books.validating.validation import EpubChecker, FileVerdict, validate, verdict
from ebook_pipeline.cli.metadata import reader_of
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.epubcheck import EpubCheck

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
WORK = Path(tempfile.gettempdir()) / "fuzz"
SECONDS = 120.0  # CPU time of one mutant, where no finding tells of a limit
EVERY = 5  # one mutant in so many is also converted, described and judged
FILES = (
    "samples/mymedia_lite.epub",
    "pdf/outline.pdf",
    "mobi/small-mobi6.mobi",
    "manuscripts/willows.docx",
    "manuscripts/willows.odt",
    "manuscripts/willows.rtf",
    "manuscripts/willows.html",
    "manuscripts/willows.md",
    "manuscripts/willows.txt",
    "novels/treasure-island-epub2.epub",
    "pdf/attachment.pdf",
    "mobi/huffcdic.mobi",
    "mobi/kf8-fonts.azw3",
    "samples/childrens-literature.epub",
    "pdf/arabic.pdf",
    "mobi/cp1252.mobi",
    "novels/oscar-wilde_the-importance-of-being-earnest.epub",
    "pdf/acrobat-form.pdf",
    "samples/wasteland-otf-obf.epub",
    "pdf/damaged-xref-loop.pdf",
)
_ACCEPTED = frozenset(BookFormat) - {BookFormat.UNKNOWN}
_CRASHES = ("sandbox.crash",)
_LIMITS = (".time", ".memory", ".output")


@dataclass(frozen=True)
class Mutant:
    """Number `number` of a run: the damaged bytes of `source`."""

    seed: int
    number: int
    source: Path

    @property
    def name(self) -> str:
        return f"seed-{self.seed}-number-{self.number}-{self.source.name}"

    @property
    def data(self) -> bytes:
        return mutated(Random(f"{self.seed}:{self.number}"), self.source.read_bytes())


@dataclass(frozen=True)
class Outcome:
    """How a mutant ended, after how many CPU seconds; `failure` is empty where it was right."""

    mutant: Mutant
    word: str
    seconds: float
    rules: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True)
class Fuzzer:
    """The tools that all mutants meet, and which of them meet more than the check."""

    epubcheck: EpubChecker
    reader: SingleFileReader
    editor: QualityAssessor
    every: int = EVERY
    seconds: float = SECONDS

    @classmethod
    def of(cls, epubcheck: EpubChecker, every: int = EVERY, seconds: float = SECONDS) -> "Fuzzer":
        """With the tools and models of the settings, as the commands have them."""
        settings = Settings()
        resources = Resources(settings)
        policy = load_quality_policy(settings.quality_policy)
        models, grammar = resources.text_models, resources.grammar_checker
        editor = QualityAssessor(policy, models, settings.models, grammar)
        return cls(epubcheck, reader_of(resources), editor, every, seconds)

    def tried(self, mutant: Mutant) -> Outcome:
        """`mutant` checked and, where it is its turn, converted, described and judged."""
        began = cpu_seconds()
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            path = Path(folder, f"mutant{mutant.source.suffix}")
            path.write_bytes(mutant.data)
            try:
                word, findings = self._ended(path, mutant)
                failure = _crashed(findings)
            except Exception:  # noqa: BLE001
                word, findings, failure = "exception", (), traceback.format_exc()[-3000:]
        seconds = cpu_seconds() - began
        rules = tuple(sorted({one.rule for one in findings}))
        if seconds > self.seconds and not any(rule.endswith(_LIMITS) for rule in rules):
            failure = failure or f"took {seconds:.0f} CPU s and no finding says so"
        return Outcome(mutant, "failed" if failure else word, seconds, rules, failure)

    def _ended(self, path: Path, mutant: Mutant) -> tuple[str, Sequence[Finding]]:
        report = validate(path, mutant.source.name, "default", self.epubcheck, _ACCEPTED)
        checked = verdict(report)
        if mutant.number // len(FILES) % self.every:
            return checked.value, report.findings
        word, findings = self._judged(path, publishable=checked is FileVerdict.VALID)
        return f"{checked.value}, {word}", (*report.findings, *findings)

    def _judged(self, path: Path, *, publishable: bool) -> tuple[str, Sequence[Finding]]:
        """As EPUB, described and judged; is what was made of a publishable one without error?"""
        folder = path.parent / "made"
        folder.mkdir()
        try:
            book = self.reader.read(path, Claims(), folder)
            assessed = AssessmentInput(book.epub, book.text, book.product, book.lost)
            judged = self.editor.assess(assessed).findings
            covers.epub_cover(covers.sought_cover(book.epub, folder), folder)
            made = book.epub != path and publishable
            errors = self.epubcheck.check(book.epub, "default") if made else ()
        except BookError as error:
            return "not read", (error.finding,)
        findings = (*book.lost, *book.product.findings, *judged, *errors)
        wrong = any(one.severity >= Severity.ERROR for one in errors)
        return "made with errors" if wrong else "judged", findings


def _crashed(findings: Iterable[Finding]) -> str:
    """What a child's exception says of itself: a finding in form, a fault of ours in truth."""
    return "; ".join(one.message for one in findings if one.rule in _CRASHES)


def mutants(seed: int, numbers: Iterable[int], files: Sequence[Path]) -> Iterator[Mutant]:
    """The mutants of these numbers; each file has its turn."""
    for number in numbers:
        yield Mutant(seed, number, files[number % len(files)])


def cpu_seconds() -> float:
    """Processor time of this process and of all that it started, whether they still run or not."""
    used = 0.0
    here = psutil.Process()
    for process in (here, *here.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            used += sum(process.cpu_times()[:4])  # its own and its ended children's
    return used


def table(found: Sequence[Outcome]) -> Table:
    """Outcomes per format."""
    words = sorted({one.word for one in found})
    by_format: dict[str, list[Outcome]] = {}
    for one in found:
        by_format.setdefault(one.mutant.source.suffix[1:], []).append(one)
    rows = [[kind, *_row(by_format[kind], words)] for kind in sorted(by_format)]
    failed = sum(bool(one.failure) for one in found)
    slowest = max(found, key=lambda one: one.seconds)
    said = f"{len(found)} mutants, {failed} failed; the slowest took {slowest.seconds:.1f} CPU s"
    said = f"{said} ({slowest.mutant.name})."
    return Table("Mutants", ("format", "CPU s each", *words), rows, said)


def _row(found: Sequence[Outcome], words: Sequence[str]) -> Iterator[Cell]:
    yield sum(one.seconds for one in found) / len(found)
    counts = collections.Counter(one.word for one in found)
    yield from (counts[word] for word in words)


def main() -> int:
    """In a process of its own, so that what it leaves behind is seen."""
    arguments = _arguments()
    if not arguments.watched:
        code, left = run_watched([*sys.argv, "--watched"])
        print("Left behind:", *(left or ["nothing"]))
        return code or bool(left)
    found = _found(arguments)
    print_table(table(found))
    return 1 if any(one.failure for one in found) else 0


def _found(arguments: argparse.Namespace) -> list[Outcome]:
    files = [arguments.corpus / name for name in FILES[: arguments.files]]
    numbers = [arguments.only] if arguments.only is not None else range(*arguments.numbers)
    given = mutants(arguments.seed, numbers, files)
    if arguments.only is not None:
        return [_kept(one, arguments) for one in _tried(given, every=1)]
    journal = Journal(arguments.work / f"outcomes-{arguments.seed}.jsonl", arguments.corpus)
    good = {one.mutant for one in journal.outcomes() if not one.failure}
    left = [one for one in given if one not in good]
    coming = _tried(_until(arguments.budget, left), arguments.every)
    for outcome in track(coming, "", len(left), console=Console(stderr=True)):
        journal.add(_kept(outcome, arguments))
    found = {one.mutant: one for one in journal.outcomes()}
    return [one for one in found.values() if one.mutant.number in numbers]


def _tried(given: Iterable[Mutant], every: int) -> Iterator[Outcome]:
    checker = EpubCheck(seconds=SECONDS / 2)
    try:
        yield from map(Fuzzer.of(checker, every).tried, given)
    finally:
        checker.close()


@dataclass(frozen=True)
class Journal:
    """What runs wrote of their mutants, a JSON object each, their files relative to `corpus`."""

    path: Path
    corpus: Path

    def add(self, outcome: Outcome) -> None:
        """A line at the end; several runs may write at once."""
        source = str(outcome.mutant.source.relative_to(self.corpus))
        mutant = asdict(outcome.mutant) | {"source": source}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(asdict(outcome) | {"mutant": mutant}) + "\n")

    def outcomes(self) -> Iterator[Outcome]:
        """In the order of their ends; a line that was cut short is none."""
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            with contextlib.suppress(ValueError):
                facts = json.loads(line)
                source = self.corpus / facts["mutant"]["source"]
                mutant = Mutant(**facts["mutant"] | {"source": source})
                yield Outcome(**facts | {"mutant": mutant, "rules": tuple(facts["rules"])})


def _until(budget: float, given: Iterable[Mutant]) -> Iterator[Mutant]:
    """As many as are begun within `budget` seconds."""
    end = time.monotonic() + budget
    return itertools.takewhile(lambda _: time.monotonic() < end, given)


def _kept(outcome: Outcome, arguments: argparse.Namespace) -> Outcome:
    """Shown where it was asked for or failed; a failed mutant's file stays in the work folder."""
    if outcome.failure or arguments.only is not None:
        print(json.dumps(asdict(outcome) | {"mutant": outcome.mutant.name}), flush=True)
        arguments.work.mkdir(parents=True, exist_ok=True)
        (arguments.work / outcome.mutant.name).write_bytes(outcome.mutant.data)
    return outcome


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutants", type=int, default=2000)
    parser.add_argument("--from", dest="start", type=int, default=0, help="the first's number")
    parser.add_argument("--files", type=int, default=len(FILES), help="the first so many")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="play one mutant again")
    parser.add_argument("--every", type=int, default=EVERY, help="which also go all the way")
    parser.add_argument("--budget", type=float, default=math.inf, help="seconds of a clock")
    parser.add_argument("--watched", action="store_true", help=argparse.SUPPRESS)
    corpus = Path(os.environ.get("EBOOK_CORPUS", CORPUS))
    parser.add_argument("--corpus", type=Path, default=corpus)
    parser.add_argument("--work", type=Path, default=WORK, help="for outcomes and failing mutants")
    arguments = parser.parse_args()
    arguments.numbers = arguments.start, arguments.start + arguments.mutants
    return arguments


if __name__ == "__main__":
    sys.exit(main())
