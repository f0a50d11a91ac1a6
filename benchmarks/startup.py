"""What a command costs before it does anything: CPU seconds, against the goal of one.

Each is run a few times and the least is told, for what else a machine does only adds to it.

    PYTHONPATH=. python benchmarks/startup.py
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.frame import Cell, Table, measured_command, print_table
from benchmarks.home import temporary_home
from ebook_pipeline.cli.demo import SAMPLES

COLUMNS = ("command", "CPU s", "wall s", "goal")
_MANUSCRIPT = "# One\n\nA *small* book.\n\n# Two\n\nIts end.\n"
_GOALS = {"status": 1.0, "check": 1.0, "doctor": 1.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=3, help="how often each command is run")
    times = parser.parse_args().times
    with temporary_home(), tempfile.TemporaryDirectory() as folder:
        print("Starting a home and taking the sample books through it …", flush=True)
        if _ebooks("demo")[2]:
            raise SystemExit("the demo failed")
        print_table(start_up(Path(folder), times))


def start_up(folder: Path, times: int) -> Table:
    """Every command of the table, beside running services that hold the sample books."""
    manuscript = folder / "small.md"
    manuscript.write_text(_MANUSCRIPT, encoding="utf-8")
    commands: Sequence[Sequence[str | Path]] = (
        ["--help"],
        ["status"],
        ["check", SAMPLES / "flatland.pdf"],
        ["doctor"],
        ["convert", "--force", manuscript, folder / "small.epub"],
        ["demo"],
    )
    rows = [_row(words, times) for words in commands]
    said = "`demo` is the second one, which finds all books as they should be."
    return Table("Start-up", COLUMNS, rows, said)


def _row(words: Sequence[str | Path], times: int) -> list[Cell]:
    cpu, wall, code = min(_ebooks(*words) for _ in range(times))
    if code:
        raise SystemExit(f"ebooks {words[0]} ended with {code}")
    shown = " ".join(word.name if isinstance(word, Path) else word for word in words)
    return [f"ebooks {shown}", cpu, wall, _GOALS.get(str(words[0]))]


def _ebooks(*words: str | Path) -> tuple[float, float, int]:
    """CPU seconds of a command and of what it waited for, wall seconds, and its exit code."""
    command = [sys.executable, "-m", "ebook_pipeline.cli", *words]
    taken = measured_command(command, env=os.environ)
    return taken.cpu, taken.wall, taken.result.returncode


if __name__ == "__main__":
    main()
