"""Files that all children may read, which no argument of theirs names."""

from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools import sandbox, shared_files
from tests.support import sandbox_functions


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test shares is its own."""
    monkeypatch.setattr(shared_files, "_NAMED", {})


def test_a_call_reads_what_is_shared_by_its_name(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.write_text("weights")
    assert sandbox.call(sandbox_functions.read_shared, "a model") == ""
    shared_files.share("a model", model)
    assert sandbox.call(sandbox_functions.read_shared, "a model") == "weights"


@pytest.mark.skipif(not sandbox.layers().landlock, reason="nothing keeps files apart here")
def test_no_call_writes_into_what_is_shared(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.write_text("weights")
    shared_files.share("a model", model)
    with pytest.raises(BookError, match="Permission"):
        sandbox.call(sandbox_functions.overwrite_shared, "a model")
    assert model.read_text() == "weights"


def test_what_was_shared_and_is_gone_costs_no_call(tmp_path: Path) -> None:
    shared_files.share("a model", tmp_path / "gone")
    assert sandbox.call(sandbox_functions.add, 1, b=2) == 3
