"""Books through the whole chain in a home of the benchmark's, and what that costs."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.frame import Options
from benchmarks.home import temporary_home
from benchmarks.process_clock import MemoryWatch, ProcessClock
from ebook_pipeline.cli import ingest, running
from ebook_pipeline.cli.book_ends import print_ends
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.execution import Event

CLASSES = ("novel", "sample", "pdf", "mobi", "manuscript")
"""Of the corpus' files: real books in every format that is taken."""


@dataclass(frozen=True)
class Cost:
    """What some books took: `cpu` and `wall` in seconds, `megabytes` at most at a time."""

    books: int
    cpu: float
    wall: float
    megabytes: float
    states: Mapping[str, int]

    @property
    def per_book(self) -> float:
        return self.cpu / max(1, self.books)


@dataclass(frozen=True)
class Home:
    """A home whose database and edge run, with the clock of all that works for it."""

    settings: Settings
    clock: ProcessClock

    def ingest(
        self, files: Mapping[str, Path], observe: "Callable[[Event], object]" = lambda _: None
    ) -> Cost:
        """Submit files and take their books through the chain, in this process."""
        begun, start = self.clock.seconds(), time.monotonic()
        with MemoryWatch(self.clock) as memory, _printed_nowhere():
            resources = opened(self.settings)
            run = running.new_run(self.settings)
            books, _ = ingest.submit_files(resources, dict(files), run)
            asked = running.BookRun(books, {}, observe)
            running.take_through(self.settings, resources, run, asked)
            ends = print_ends(resources, books, as_json=False)
        states = {state.value: number for state, number in ends.states.items()}
        wall = time.monotonic() - start
        return Cost(len(books), self.clock.seconds() - begun, wall, memory.peak, states)


@contextmanager
def benchmark_home(in_flight: int | None = None) -> Iterator[Home]:
    """An empty home with its database and edge, for `in_flight` books at a time."""
    with temporary_home() as stack:
        if in_flight:
            os.environ["EBOOK_BOOKS_IN_FLIGHT"] = str(in_flight)
        settings = Settings()
        with Stack(settings).borrowed():
            yield Home(settings, ProcessClock(os.getpid(), stack.root / "postgres"))


@contextmanager
def _printed_nowhere() -> Iterator[None]:
    """Results go where they cost what printing them costs, and nobody sees them."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


def mixed(options: Options) -> dict[str, Path]:
    """Files of the corpus that are to be read, by the key under which they are submitted."""
    return {
        entry["name"].replace("/", "-"): options.corpus / entry["name"]
        for entry in options.entries(*CLASSES)
    }


def small_books(folder: Path, count: int) -> dict[str, Path]:
    """`count` manuscripts of three short chapters, no two alike."""
    folder.mkdir(parents=True, exist_ok=True)
    words = "A small house stood at the end of a long road, and nobody asked who lived in it. " * 5
    files = {}
    for number in range(count):
        path = folder / f"house-{number}.md"
        chapters = (f"# Chapter {n}\n\n{words}It was number {number}.\n\n" for n in range(1, 4))
        path.write_text(f"% House number {number}\n% A. Writer\n\n" + "".join(chapters))
        files[path.name] = path
    return files


def told(states: Mapping[str, int]) -> str:
    """*12 released, 3 needs_review*."""
    ordered: Sequence[tuple[str, int]] = sorted(states.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{number} {state}" for state, number in ordered)
