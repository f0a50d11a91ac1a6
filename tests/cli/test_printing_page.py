"""The page about printing prints what its command prints, and names every rule."""

import re
import shutil
from pathlib import Path

from tests.support.commands import ebooks
from tests.support.paths import PROJECT

PAGE = (PROJECT / "docs" / "printing.md").read_text(encoding="utf-8")
BOOKS = PROJECT / "ebook_pipeline" / "books"
RAISING = BOOKS / "printing", BOOKS / "producing"
_SAID = re.compile(r'(?:print_error|print_warning|print_info|say)\(\s*"([a-z0-9-]+)"')
_RAISED = re.compile(r'BookError\("print\.([a-z0-9-]+)"')


def test_the_page_names_every_rule_and_no_other() -> None:
    rules = {
        *_SAID.findall(_source(BOOKS / "printing" / "preflight")),
        *(rule for folder in RAISING for rule in _RAISED.findall(_source(folder))),
    }
    assert set(re.findall(r"print\.([a-z0-9-]+)", PAGE)) == rules


def _source(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))


def test_the_example_prints_what_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    shutil.copy(PROJECT / "samples" / "flatland.pdf", tmp_path / "samples")
    example = re.search(r"^    \$ ebooks (.+)\n((?:    .+\n)+)", PAGE, re.MULTILINE)
    assert example is not None
    done = ebooks(*example[1].split(), cwd=tmp_path)
    shown = [line.strip() for line in example[2].splitlines() if line.strip() != "…"]
    assert [line.strip() for line in done.out.splitlines()][: len(shown)] == shown
