"""A command imports what it needs: packages that take long to import are listed for each."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebook_pipeline.books import language_model
from ebook_pipeline.cli import COMMANDS
from ebook_pipeline.settings import Settings
from tests.support.homes import Home, open_home
from tests.support.imports import TOLD, heavy_imports
from tests.support.paths import SAMPLES

DATABASE = frozenset({"sqlalchemy", "psycopg2"})
EVERY_HELP = """
from ebook_pipeline.cli import COMMANDS, ebooks
for name in COMMANDS:
    ebooks.main([name, "--help"], standalone_mode=False)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("home")) as opened:
        yield opened


def imported_by(*words: object) -> frozenset[str]:
    command = [sys.executable, "-m", "ebook_pipeline.cli", *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | TOLD, check=False
    )
    assert done.returncode == 0, done.stdout
    return heavy_imports(done.stderr)


@pytest.mark.parametrize("words", [["--help"], ["--version"], []], ids=["help", "version", "bare"])
def test_what_the_program_says_of_itself_imports_nothing_heavy(words: list[str]) -> None:
    command = [sys.executable, "-m", "ebook_pipeline.cli", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | TOLD, check=False
    )
    assert heavy_imports(done.stderr) == frozenset()


def test_commands_that_are_only_asked_for_help_import_no_more_than_the_database() -> None:
    """All of them in one process: what any of them imports, it has imported at the end."""
    command = [sys.executable, "-c", EVERY_HELP]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | TOLD, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.count("Usage:") == len(COMMANDS)
    assert heavy_imports(done.stderr) <= {"sqlalchemy"}


@pytest.mark.prove
@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["search", "--json", "river"],
        ["review", "list"],
        ["notices", "list"],
        ["events", "list"],
    ],
    ids=" ".join,
)
def test_a_question_about_books_imports_only_the_database(home: Home, words: list[str]) -> None:
    answer = home.shell(*words, **TOLD)
    assert heavy_imports(answer.err) <= DATABASE


def test_a_pdf_is_checked_without_what_other_formats_need() -> None:
    allowed = {"PIL", "lxml", "pikepdf", "pypdfium2"}
    assert imported_by("check", SAMPLES / "flatland.pdf") <= allowed


def test_a_text_is_converted_without_what_other_formats_need(tmp_path: Path) -> None:
    language_model.lay_out(Settings().models)  # as the first command on a machine does
    source = tmp_path / "text.md"
    source.write_text("# One\n\nA *small* book.\n\n# Two\n\nIts end.\n")
    allowed = {"PIL", "lxml", "pikepdf"}
    assert imported_by("convert", source, tmp_path / "text.epub") <= allowed


@pytest.mark.prove
def test_the_doctor_imports_neither_model_nor_driver(home: Home) -> None:
    answer = home.shell("doctor", **TOLD)
    assert "embedded Postgres in" in answer.out
    assert heavy_imports(answer.err) <= {"cryptography", "lxml", "pikepdf"}
