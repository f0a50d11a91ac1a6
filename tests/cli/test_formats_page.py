"""The commands on the page about formats print what it says they print."""

import re
import shutil
from pathlib import Path

import pytest

from tests.support.commands import ebooks
from tests.support.paths import PROJECT as ROOT

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^    \$ ebooks (.+)\n((?:    .+\n)+)", PAGE, re.MULTILINE)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder where the samples lie as in the project's."""
    (tmp_path / "samples").mkdir()
    for path in (ROOT / "samples").glob("*.*"):
        shutil.copy(path, tmp_path / "samples")
    return tmp_path


def test_the_page_has_examples_of_both_commands() -> None:
    assert {command.split()[0] for command, _ in EXAMPLES} == {"check", "convert"}


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[one for one, _ in EXAMPLES])
def test_an_example_prints_what_the_page_shows(here: Path, command: str, shown: str) -> None:
    done = ebooks(*command.split(), cwd=here)
    lines = [re.escape(line.strip()).replace("…", ".*") for line in shown.splitlines()]
    printed = "\n".join(line.strip() for line in (done.out + done.err).splitlines())
    assert re.fullmatch("\n".join(lines), printed, re.DOTALL), printed
