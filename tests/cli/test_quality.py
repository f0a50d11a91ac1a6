"""``ebooks quality``: verdicts of whole files, without a store."""

from pathlib import Path

import pytest

from tests.support.commands import ebooks
from tests.support.corpus import named, needs_corpus

pytestmark = [pytest.mark.xdist_group("models"), needs_corpus, pytest.mark.corpus]
SMALL = "samples/sous-le-vent.epub"


def test_books_are_judged_in_order_and_one_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    names = (SMALL, "hostile/drm-adept.epub")
    done = ebooks("quality", "--json", *map(named, names), cwd=tmp_path)
    tale, locked = done.objects
    assert done.code == 1
    assert tale["file"].endswith("sous-le-vent.epub")
    assert {"plausibility", "spelling"} <= {score["dimension"] for score in tale["scores"]}
    assert locked["verdict"] == "unreadable"
    assert locked["findings"][0]["rule"] == "protection.adobe-adept"


def test_a_page_is_written_for_one_book(tmp_path: Path) -> None:
    path = named(SMALL)
    ebooks("quality", path, "--html", "report.html", cwd=tmp_path)
    assert "Sous le vent" in (tmp_path / "report.html").read_text(encoding="utf-8")
    two = ebooks("quality", path, path, "--html", "report.html", cwd=tmp_path)
    assert (two.code, "one book" in two.err) == (2, True)
