"""``ebooks quality``: verdicts of whole files, without a store."""

import json
from pathlib import Path

import pytest

from tests.support.commands import ebooks
from tests.support.corpus import named, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]


def test_books_are_judged_in_order_and_one_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    names = ("samples/wasteland-otf-obf.epub", "hostile/drm-adept.epub")
    done = ebooks("quality", "--json", *map(named, names), cwd=tmp_path)
    poem, locked = json.loads(done.stdout)
    assert done.returncode == 1
    assert poem["file"].endswith("wasteland-otf-obf.epub")
    assert {"plausibility", "spelling"} <= {score["dimension"] for score in poem["scores"]}
    assert locked["verdict"] == "unreadable"
    assert locked["findings"][0]["rule"] == "protection.adobe-adept"


def test_a_page_is_written_for_one_book(tmp_path: Path) -> None:
    path = named("samples/wasteland-otf-obf.epub")
    ebooks("quality", path, "--html", "report.html", cwd=tmp_path)
    assert "The Waste Land" in (tmp_path / "report.html").read_text(encoding="utf-8")
    two = ebooks("quality", path, path, "--html", "report.html", cwd=tmp_path)
    assert (two.returncode, "one book" in two.stderr) == (2, True)
