"""What the documents say is checked against the code that they speak of."""

import re
import tomllib
from pathlib import Path

import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.books.records import Claims
from ebook_pipeline.cli import COMMANDS
from ebook_pipeline.commands_doc import commands_page
from ebook_pipeline.settings import Settings
from ebook_pipeline.settings_doc import settings_table
from tests.support.paths import PROJECT as ROOT

PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "samples" / "README.md",
]


def test_the_settings_page_is_what_the_settings_say() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_table(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    known = {f"EBOOK_{name.upper()}" for name in Settings.model_fields} | {"EBOOK_CORPUS"}
    named = re.findall(r"EBOOK_[A-Z][A-Z0-9_]*[A-Z0-9]", page.read_text(encoding="utf-8"))
    assert set(named) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_links_to_files_that_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_places_in_the_source_that_exist(page: Path) -> None:
    places = re.findall(
        r"`((?:ebook_pipeline|books|services|resources|tools|tests|benchmarks|foundation|execution)"
        r"/[\w/.]+)`",
        page.read_text(encoding="utf-8"),
    )
    roots = (ROOT, ROOT / "ebook_pipeline")
    assert [place for place in places if not any((root / place).exists() for root in roots)] == []


def test_the_architecture_names_every_room() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    _, _, behind = page.partition("`services/` has the same rooms")
    beside = behind.partition("\n")[0].replace(" ", "_")
    package = ROOT / "ebook_pipeline"
    rooms = [path.parent.name for path in (package / "books").glob("*/__init__.py")]
    assert [room for room in rooms if f"| `books/{room}/` |" not in page] == []
    services = {path.parent.name for path in (package / "services").glob("*/__init__.py")}
    assert [room for room in services - set(rooms) if room not in beside] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_tests_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "…::test_" not in text, "a test is named with its file"
    named = re.findall(r"(tests/[\w/]+\.py)::(test_\w+)", text)
    assert [place for place in named if not _has_test(*place)] == []


def _has_test(file: str, name: str) -> bool:
    path = ROOT / file
    return path.exists() and f"def {name}(" in path.read_text(encoding="utf-8")


def test_every_weakness_that_was_known_is_held_by_a_test() -> None:
    page = (ROOT / "docs" / "hostile.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "held by" not in line]
    assert len(rows) > 35
    for line in rows:
        _, what, before, now, held, _ = line.split("|")
        assert all(cell.strip() for cell in (what, before, now)), line
        assert "::test_" in held, line


def test_every_dependency_has_its_line_in_the_decisions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = [re.split(r"[\[<>=~! ]", line)[0] for line in needed]
    page = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8").lower()
    assert [name for name in names if f"`{name.lower()}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_commands_that_exist(page: Path) -> None:
    said = set(
        re.findall(r"`?(?:\.venv/bin/)?ebooks ([a-z][a-z-]*)\b", page.read_text(encoding="utf-8"))
    )
    assert said <= set(COMMANDS)


def test_every_command_is_explained_to_operators() -> None:
    page = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"ebooks {name}" not in page] == []


def test_the_commands_page_is_what_the_commands_say() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == commands_page(), "run `make docs`"


def test_every_field_of_a_sidecar_is_on_its_page() -> None:
    page = (ROOT / "docs" / "sidecar.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert named == {*Claims.model_fields, "currency"} - {"defects"}


def test_the_readme_draws_the_chain_in_its_order() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    drawn = page.partition("## How a book flows")[2].partition("Every book")[0]
    names = [word for word in re.findall(r"[a-z_]+_[a-z_]+", drawn)]
    assert names == list(BOOK_CHAIN.names)


def test_every_target_of_the_pages_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pages = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    asked = set(
        re.findall(
            r"(?<!picture-book )\bmake ([a-z]+)",
            " ".join(re.findall(r"`[^`\n]+`|^    .*$", pages, re.M)),
        )
    )
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    assert asked <= targets


def test_one_version_of_python_is_claimed_and_named_alike() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == ">=3.11,<3.12"
    assert project["tool"]["mypy"]["python_version"] == "3.11"
    for page in ("README.md", "Makefile", "docs/running.md"):
        named = re.findall(r"Python (3\.\d+)", (ROOT / page).read_text(encoding="utf-8"))
        assert named
        assert set(named) == {"3.11"}, page
