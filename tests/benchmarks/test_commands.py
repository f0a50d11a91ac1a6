"""Every benchmark can be started: its modules import, and it says what it measures."""

import importlib
import runpy
import sys
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

FOLDER = PROJECT / "benchmarks"
COMMANDS = sorted(path for path in FOLDER.glob("*.py") if '"__main__"' in path.read_text("utf-8"))
TABLES = sorted(FOLDER.glob("*_tables/*.py"))


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_a_benchmark_says_what_it_measures(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(path), "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage:")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.stem}.{path.stem}")
def test_a_table_imports(path: Path) -> None:
    name = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
    assert importlib.import_module(name).__doc__
