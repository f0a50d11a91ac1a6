"""Hostile files through the commands: the right outcome, what each costs, and that nothing is left.

PYTHONPATH=. python benchmarks/hostile.py [--json] [--corpus FOLDER] [FILE ...]

Each file meets `ebooks check`, `convert --unchecked`, `metadata` and `quality`,
each in a process and a folder of its own. CPU seconds are those of the command with all of its
children, start and JVM included; memory is that of its largest process. The limits are those of
checking and converting: what describes and judges a book loads models first, whatever the book is.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from benchmarks.frame import CORPUS, Table, print_table

MEGABYTES, SECONDS = 300, 10
"""What a command of `LIMITED` may take for a file."""
LIMITED = ("check", "convert")
COMMANDS = (*LIMITED, "metadata", "quality")
_COLUMNS = ("file", "expected", "verdict", *COMMANDS, "MB", "MB with models", "left", "holds")
_REFUSED = ("t_bomb", "t_dupsym", "bombq", "expform")
"""Of the cases; the others are books that only cost time once."""
_CRASH = ("sandbox.crash", "Traceback", "died of SIG")
_MAY_DIE = "pdf.unsafe"
"""The rule of files that killed their checker in its child, which is their outcome."""


@dataclass(frozen=True)
class Run:
    """How one command ended on a file: `left` are files that should not be there."""

    code: int
    said: str
    cpu: float
    megabytes: float
    left: tuple[str, ...]
    made: bool

    @property
    def crashed(self) -> bool:
        return self.code not in (0, 1, 2) or (
            any(word in self.said for word in _CRASH) and _MAY_DIE not in self.said
        )


def run(command: str, file: Path) -> Run:
    """One command on one file, in a folder that only it writes to."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        folder = Path(name)
        for inner in ("work", "temporary", "home"):
            (folder / inner).mkdir()
        made = folder / "work" / "made.epub"
        words = {"convert": ["--unchecked", str(file), str(made)]}.get(
            command, ["--json", str(file)]
        )
        argv = [sys.executable, "-m", "ebook_pipeline.cli", command, *words]
        own = {"TMPDIR": str(folder / "temporary"), "EBOOK_HOME": str(folder / "home")}
        with (folder / "said").open("w+") as said:
            process = subprocess.Popen(
                argv, cwd=folder / "work", env=os.environ | own, stdout=said, stderr=said
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        text = (folder / "said").read_text(errors="replace")
        left = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
        expected = {folder / "said", made}
        return Run(
            process.returncode,
            text,
            used.ru_utime + used.ru_stime,
            used.ru_maxrss / 1000,
            (*(str(path.relative_to(folder)) for path in left if path not in expected),
             *_led_out(made)),
            made.exists(),
        )  # fmt: skip


def _led_out(made: Path) -> Iterator[str]:
    """Names in a written book that lead out of it."""
    if made.exists():
        with zipfile.ZipFile(made) as archive:
            for name in archive.namelist():
                if ".." in PurePosixPath(name).parts or name.startswith("/") or "\\" in name:
                    yield name


def row(file: Path, expected: str) -> list[str | float | int]:
    """What all commands say of a file."""
    runs = {command: run(command, file) for command in COMMANDS}
    verdict = _verdict(runs["check"].said)
    limited = [runs[command] for command in LIMITED]
    megabytes = max(taken.megabytes for taken in limited)
    with_models = max(taken.megabytes for taken in runs.values())
    left = {name for taken in runs.values() for name in taken.left}
    if verdict == "refused" and runs["convert"].made:
        left.add("made.epub")
    holds = (
        not left
        and not any(taken.crashed for taken in runs.values())
        and all(taken.cpu <= SECONDS for taken in limited)
        and megabytes <= MEGABYTES
        and (verdict == "valid") in _may_be_valid(expected)
    )
    times = [taken.cpu for taken in runs.values()]
    return [
        file.name, expected, verdict, *times, round(megabytes), round(with_models),
        ", ".join(sorted(left)) or "nothing", "yes" if holds else "NO",
    ]  # fmt: skip


def _verdict(said: str) -> str:
    line = next((line for line in said.splitlines() if line.startswith("{")), "")
    return str(json.loads(line)["verdict"]) if line else "none"


def _may_be_valid(expected: str) -> tuple[bool, ...]:
    return {"accept": (True,), "reject": (False,), "reject-or-limit": (False,)}.get(
        expected, (True, False)
    )


def hostile_files(corpus: Path) -> Iterator[tuple[Path, str]]:
    """Every file of both hostile sets, and what its manifest expects of it."""
    manifest = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["files"]
    for entry in manifest:
        if entry["class"] == "hostile":
            yield corpus / entry["name"], entry["expected_outcome"]
    for path in sorted((corpus.parent / "cases" / "hostile").glob("*.*")):
        if path.suffix != ".md":
            yield path, "reject" if path.stem in _REFUSED else "either"


def table(rows: Sequence[Sequence[str | float | int]]) -> Table:
    """All rows, and what they show together."""
    wrong = [str(cells[0]) for cells in rows if cells[-1] != "yes"]
    most = max((float(cell) for cells in rows for cell in cells[3:5]), default=0)
    largest = max((int(cells[7]) for cells in rows), default=0)
    end = f"not so: {', '.join(wrong)}" if wrong else "all come out as they must"
    said = f"{len(rows)} files, at most {most:.1f} CPU s and {largest} MB a command: {end}."
    return Table("Hostile files: CPU s of each command, memory, leftovers", _COLUMNS, rows, said)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus = Path(os.environ.get("EBOOK_CORPUS", CORPUS))
    parser.add_argument("--corpus", type=Path, default=corpus, help="the folder of manifest.json")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("files", type=Path, nargs="*", help="others than those of the corpus")
    options = parser.parse_args()
    given = [(path.absolute(), "either") for path in options.files]
    found = table([row(*one) for one in given or hostile_files(options.corpus.absolute())])
    if options.json:
        print(json.dumps(found.as_facts(), ensure_ascii=False))
    else:
        print_table(found)
    return int(any(cells[-1] != "yes" for cells in found.rows))


if __name__ == "__main__":
    sys.exit(main())
