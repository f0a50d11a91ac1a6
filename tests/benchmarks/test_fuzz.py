"""The fuzzer: a short run that must be clean, and that it would see a fault if there were one."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

import pytest

from benchmarks import fuzz, mutations
from benchmarks.fuzz import Fuzzer, Mutant, Outcome
from benchmarks.leftovers import run_watched
from ebook_pipeline.foundation.findings import Finding, Severity
from tests.support.books.epub import epub
from tests.support.corpus import CORPUS, THOROUGH, needs_corpus

pytestmark = pytest.mark.prove

FILES = [
    name
    for name in fuzz.FILES
    if name.endswith((".docx", ".odt", ".rtf", ".html", ".md", ".txt", ".pdf", "lite.epub"))
    or name.startswith(("mobi/small", "mobi/cp1252", "novels/treasure"))
]
SMALL = [name for name in FILES if not name.startswith("novels/")]
_ALL_THE_WAY = fuzz.EVERY * len(fuzz.FILES)
FEW = range(_ALL_THE_WAY - 10, _ALL_THE_WAY + 2)
"""Twelve, of which the last two are converted, described and judged as well."""
MANY = range(30 if THOROUGH else 15)


class Silent:
    """A checker that finds nothing: what stands behind it meets every mutant."""

    version = "silent 1"

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        return ()


class Failing(Silent):
    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        raise RuntimeError("unheard of")


class Crashed(Silent):
    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        return (Finding(rule="sandbox.crash", severity=Severity.ERROR, message="died of SIGSEGV"),)


def mutant_of(path: Path, number: int = 1) -> Mutant:
    return Mutant(1, number, path)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("numbers", "files"),
    [(FEW, SMALL), (MANY, FILES)],
    ids=["few", "many"],
)
def test_damaged_books_of_every_format_end_in_findings(numbers: range, files: list[str]) -> None:
    mutants = fuzz.mutants(7, numbers, [CORPUS / name for name in files])
    found = list(map(Fuzzer.of(Silent()).tried, mutants))
    assert len(found) == len(numbers)
    assert [(one.mutant.name, one.failure) for one in found if one.failure] == []
    assert len({one.word for one in found}) > 2


def test_an_exception_is_a_failure_and_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mutant, "data", property(lambda self: self.source.read_bytes()))
    outcome = Fuzzer.of(Failing()).tried(mutant_of(epub(tmp_path / "a.epub")))
    assert outcome.word == "failed"
    assert "unheard of" in outcome.failure


def test_a_crash_that_became_a_finding_is_a_failure_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mutant, "data", property(lambda self: self.source.read_bytes()))
    outcome = Fuzzer.of(Crashed()).tried(mutant_of(epub(tmp_path / "a.epub")))
    assert outcome.failure == "died of SIGSEGV"


def test_time_is_what_processes_use_and_not_what_they_wait(tmp_path: Path) -> None:
    before = fuzz.cpu_seconds()
    subprocess.run(["sleep", "0.5"], check=True)
    assert fuzz.cpu_seconds() - before < 0.4
    subprocess.run([sys.executable, "-c", "for _ in range(9_000_000): pass"], check=True)
    assert fuzz.cpu_seconds() - before > 0.05


def test_a_run_goes_on_where_another_ended(tmp_path: Path) -> None:
    journal = fuzz.Journal(tmp_path / "work" / "outcomes.jsonl", tmp_path)
    told = [
        Outcome(mutant_of(tmp_path / "a" / "b.txt", number), "valid", 1.5, ("a.b",), failure)
        for number, failure in enumerate(("", "died"))
    ]
    for outcome in told:
        journal.add(outcome)
    with journal.path.open("a") as file:
        file.write('{"mutant": {"seed')
    assert list(journal.outcomes()) == told


def test_a_long_time_without_a_word_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Once upon a time.")
    outcome = Fuzzer.of(Silent(), seconds=0).tried(mutant_of(tmp_path / "a.txt"))
    assert "no finding says so" in outcome.failure


def test_the_same_number_is_the_same_mutant_and_another_another(tmp_path: Path) -> None:
    book = epub(tmp_path / "a.epub")
    assert mutant_of(book, 5).data == mutant_of(book, 5).data
    assert len({mutant_of(book, number).data for number in range(40)}) > 30


@pytest.mark.parametrize("way", sorted({*mutations.BLIND, *mutations.MARKUP}, key=str))
def test_every_mutation_changes_something_and_bears_nothing(way: mutations.Mutation) -> None:
    page = b'<?xml version="1.0" encoding="utf-8"?><a x="1" y="2"><b z="3">text</b></a>' * 3
    assert any(way(Random(number), page) != page for number in range(20))
    for number in range(20):
        assert isinstance(way(Random(number), b""), bytes)


def test_a_changed_entry_is_packed_again_with_a_right_checksum(tmp_path: Path) -> None:
    data = epub(tmp_path / "a.epub").read_bytes()
    made = [mutations.in_archive(Random(number), data) for number in range(60)]
    assert sum(one != data for one in made) > 50
    for one in made:
        with zipfile.ZipFile(io.BytesIO(one)) as archive:
            assert archive.testzip() is None


def test_what_a_program_leaves_behind_is_seen() -> None:
    leave = (
        "import subprocess, sys, tempfile; open(tempfile.mkstemp('left')[1]); "
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(2)'], "
        "start_new_session=True)"
    )
    code, left = run_watched(["-c", leave], grace=0)
    assert code == 0
    assert [name.split()[0].endswith(("left", "process")) for name in left] == [True, True]
    assert run_watched(["-c", ""]) == (0, [])
