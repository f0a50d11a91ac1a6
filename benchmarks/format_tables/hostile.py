"""Hostile files and odd PDFs: the outcome that each must have, its time, its memory.

Every file is checked; what is accepted is converted to all its forms. Memory is sampled while that
runs: this process with its parser children, pages that they share counted once, and the checker's
JVM and the browser apart, which have limits of their own.
"""

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.format_tables import Options, Table
from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.books.validating.validation import FileVerdict, validate, verdict
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.typesetter import Typesetter

MEGABYTES, SECONDS = 600, 30
_GLANCE = 0.03
_ACCEPTED = frozenset(BookFormat) - {BookFormat.UNKNOWN}
_COLUMNS = ("file", "expected", "outcome", "said", "s", "MiB", "JVM", "browser", "holds")


@dataclass
class _Peaks:
    """The most MiB that each part held at one time."""

    ours: float = 0
    jvm: float = 0
    browser: float = 0


@dataclass(frozen=True)
class _Outcome:
    word: str
    said: str
    seconds: float
    peaks: _Peaks = field(default_factory=_Peaks)


@dataclass(frozen=True)
class _Bench:
    """The tools, warm for all files."""

    epubcheck: EpubCheck
    tools: conversion.ConversionTools


def table(options: Options) -> Table:
    """All files of the corpus's hostile and pdf parts."""
    checker = EpubCheck()
    bench = _Bench(checker, conversion.ConversionTools(Browser(), Typesetter()))
    try:
        rows = [_row(one, options.corpus, bench) for one in options.entries("hostile", "pdf")]
    finally:
        checker.close()
    return Table("Hostile files and PDFs: outcome, time, memory", _COLUMNS, rows, _said(rows))


def _row(entry: dict[str, Any], corpus: Path, bench: _Bench) -> list[str | float | int]:
    expected, outcome = _expected(entry), _tried(corpus / entry["name"], bench)
    peaks = outcome.peaks
    within = outcome.seconds <= SECONDS and peaks.ours <= MEGABYTES
    holds = within and _agrees(outcome.word, expected)
    numbers = [outcome.seconds, *(round(one) for one in (peaks.ours, peaks.jvm, peaks.browser))]
    words = [entry["name"], expected, outcome.word, outcome.said]
    return [*words, *numbers, "yes" if holds else "NO"]


def _expected(entry: dict[str, Any]) -> str:
    """As the manifest says it; of an ordinary PDF: to be opened unless damaged or locked."""
    if entry.get("expected_outcome"):
        return str(entry["expected_outcome"])
    return "accept" if entry["valid"] and not entry.get("password") else "reject"


def _agrees(word: str, expected: str) -> bool:
    return word != "error" and word in {
        "accept": ("accept",),
        "reject": ("reject",),
        "reject-or-limit": ("reject",),
        "reject-or-sanitise": ("reject", "accept"),
        "accept-or-reject": ("reject", "accept"),
    }.get(expected, ())


def _tried(path: Path, bench: _Bench) -> _Outcome:
    began = time.monotonic()
    with _watched() as peaks:
        try:
            word, said = _outcome(path, bench)
        except Exception as error:  # noqa: BLE001
            word, said = "error", f"{type(error).__name__}: {error}"[:60]
    return _Outcome(word, said, time.monotonic() - began, peaks)


def _outcome(path: Path, bench: _Bench) -> tuple[str, str]:
    """Accepted when it is checked and converted without a blocking finding; and what said so."""
    report = validate(path, path.name, "default", bench.epubcheck, _ACCEPTED)
    worst = sorted(report.findings, key=lambda one: one.severity.rank, reverse=True)
    if verdict(report) is not FileVerdict.VALID:
        return "reject", worst[0].rule
    with tempfile.TemporaryDirectory() as folder:
        try:
            conversion.convert(path, report.format, Claims(), bench.tools, Path(folder))
        except BookError as error:
            return "reject", error.finding.rule
    return "accept", worst[0].rule if worst else ""


@contextlib.contextmanager
def _watched() -> Iterator[_Peaks]:
    """Peaks of this process's family while the block runs."""
    peaks, done = _Peaks(), threading.Event()

    def watch() -> None:
        while not done.wait(_GLANCE):
            _look(peaks)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()


def _look(peaks: _Peaks) -> None:
    held = {"ours": 0.0, "jvm": 0.0, "browser": 0.0}
    us = psutil.Process(os.getpid())
    for process in (us, *us.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it has just ended
            held[_kind(process)] += process.memory_full_info().pss / (1 << 20)
    for kind, megabytes in held.items():
        setattr(peaks, kind, max(getattr(peaks, kind), megabytes))


def _kind(process: psutil.Process) -> str:
    name = process.name()
    if name.startswith("java"):
        return "jvm"
    return "browser" if name.startswith(("chrom", "headless_shell")) else "ours"


def _said(rows: list[list[str | float | int]]) -> str:
    wrong = [str(row[0]) for row in rows if row[-1] != "yes"]
    most = max((float(row[5]) for row in rows), default=0)
    longest = max((float(row[4]) for row in rows), default=0)
    end = f"not so: {', '.join(wrong)}" if wrong else "all have the outcome that they must have"
    time_ = f"at most {longest:.1f} s (goal {SECONDS})"
    return f"{len(rows)} files, {time_} and {most:,.0f} MiB (goal {MEGABYTES}): {end}."
