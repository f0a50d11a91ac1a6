"""The field's small faults: how each comes out, by kind, before and now, and what it costs.

PYTHONPATH=. python benchmarks/cases.py [--json] [--cases FOLDER] [--one-call N]
"""

import argparse
import itertools
import json
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.frame import CORPUS, Table, measured_command, print_table
from tests.support import in_process
from tests.support.known_answers import Answer, Judge, answers, judging

_KINDS = {
    ".docx": "DOCX",
    ".odt": "ODT",
    ".rtf": "RTF",
    ".md": "Markdown",
    ".html": "HTML",
    ".txt": "text",
    ".pdf": "PDF",
    ".mobi": "Kindle",
    ".prc": "Kindle",
    ".epub": "EPUB 2 and 3",
}
_COLUMNS = ("kind", "files", "right before", "right now", "CPU s p50", "CPU s max", "CPU s in all")
_ONE_CALL = 200
"""Files that are checked in one call."""


@dataclass(frozen=True)
class _Outcome:
    """How one file came out: what is not as it should be, and the processor time."""

    name: str
    was_right: bool
    faults: tuple[str, ...]
    cpu: float

    @property
    def kind(self) -> str:
        return "quality" if "-quality-" in self.name else _KINDS[Path(self.name).suffix]


def main() -> None:
    """The command line."""
    options = _options()
    manifest = json.loads((options.cases / "manifest.json").read_text(encoding="utf-8"))
    before = {entry["file"]: entry["state"] == "right" for entry in manifest}
    with judging() as judge:
        outcomes = list(_outcomes(options.cases, before, judge))
    in_process.close_tools()
    tables = [_by_kind(outcomes), _wrong(outcomes)]
    if options.one_call:
        tables.append(_in_one_call([options.cases / name for name in before], options.one_call))
    for table in tables:
        if options.json:
            print(json.dumps(table.as_facts(), ensure_ascii=False), flush=True)
        else:
            print_table(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus = Path(os.environ.get("EBOOK_CORPUS", CORPUS))
    folder = corpus.parent / "cases"
    parser.add_argument("--cases", type=Path, default=folder, help="the folder of manifest.json")
    parser.add_argument("--json", action="store_true", help="one JSON object per table")
    parser.add_argument("--one-call", type=int, default=_ONE_CALL, help="files for one call, or 0")
    return parser.parse_args()


def _outcomes(folder: Path, before: dict[str, bool], judge: Judge) -> Iterator[_Outcome]:
    known = answers()
    judge.faults(folder / next(iter(before)), Answer())  # what is started once for all is no file's
    for name, was_right in before.items():
        start = _cpu_seconds()
        faults = judge.faults(folder / name, known[name])
        yield _Outcome(name, was_right, tuple(faults), _cpu_seconds() - start)


def _cpu_seconds() -> float:
    """Processor time of this process, its servers and checkers, and all that they waited for."""
    here = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (here, *here.children(recursive=True)))


def _by_kind(outcomes: Sequence[_Outcome]) -> Table:
    ordered = sorted(outcomes, key=lambda outcome: outcome.kind)
    grouped = itertools.groupby(ordered, key=lambda outcome: outcome.kind)
    rows = [_row(kind, list(group)) for kind, group in grouped]
    right = sum(not outcome.faults for outcome in outcomes)
    said = f"{right} of {len(outcomes)} come out as they should."
    return Table("Cases by kind", _COLUMNS, [*rows, _row("all", outcomes)], said)


def _row(kind: str, outcomes: Sequence[_Outcome]) -> tuple[str | int | float, ...]:
    seconds = [outcome.cpu for outcome in outcomes]
    before = sum(outcome.was_right for outcome in outcomes)
    now = sum(not outcome.faults for outcome in outcomes)
    times = statistics.median(seconds), max(seconds), sum(seconds)
    return kind, len(outcomes), before, now, *times


def _wrong(outcomes: Sequence[_Outcome]) -> Table:
    rows = [(outcome.name, fault) for outcome in outcomes for fault in outcome.faults]
    return Table("Not as it should be", ("file", "why"), rows, f"{len(rows)} faults.")


def _in_one_call(files: Sequence[Path], count: int) -> Table:
    """What `ebooks check` takes for so many files at once; those that take minutes left out."""
    slow = {name for name, answer in answers().items() if answer.slow}
    quick = [path for path in files if path.name not in slow]
    given = list(itertools.islice(itertools.cycle(quick), count))
    command: list[str | Path] = [sys.executable, "-m", "ebook_pipeline.cli", "check", "--json"]
    taken = measured_command([*command, *given])
    row = (count, taken.cpu, taken.cpu / count, taken.wall, taken.result.returncode)
    columns = ("files", "CPU s", "CPU s a file", "s", "exit code")
    return Table("`ebooks check` in one call", columns, [row], "The start is included once.")


if __name__ == "__main__":
    main()
