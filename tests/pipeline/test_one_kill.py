"""A run that was killed is taken up where it stood: once, and of what was only submitted."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from ebook_pipeline.services.intake import file_submission, submissions
from tests.support.homes import Home
from tests.support.kills import counted, killed_run, rows
from tests.support.paths import SAMPLES

pytestmark = pytest.mark.browser


@pytest.mark.prove
def test_a_run_killed_while_it_protects_a_book_is_finished_by_the_next(
    home: Home, tmp_path: Path
) -> None:
    path = shutil.copy(SAMPLES / "fables-choisies.epub", tmp_path / "killed.epub")
    assert killed_run(home, ("ingest", path), partial(counted, "content_key")) == ()
    [stood] = home.ebooks("status", "killed", "--json").objects
    assert stood["state"] == "failed"
    assert stood["stage"] in ("qa_report", "drm_package")  # a small book is protected in no time
    assert f"the run ended after {stood['stage']}" in stood["reason"]
    [book] = home.ebooks("ingest", path, "--json").objects
    assert (book["state"], book["edition"]) == ("released", 1)
    assert book["seconds"]["qa_report"] == stood["seconds"]["qa_report"]
    for table in ("content_key", "release", "catalog", "edition"):
        assert rows(home, f"SELECT count(*) FROM {table} WHERE book = 'killed'") == [(1,)], table


@pytest.mark.prove
@pytest.mark.parametrize("how", ["ingest", "retry"])
def test_what_was_submitted_by_a_killed_run_is_found_again(
    home: Home, tmp_path: Path, how: str
) -> None:
    name = f"found-by-{how}"
    path = tmp_path / f"{name}.epub"
    shutil.copy(SAMPLES / "broken-links.epub", path)
    database, store = home.resources.database, home.resources.object_store
    submitted = file_submission.submit_file(database, store, f"{name}.epub", path, actor="cli:eve")
    submissions.set_run(database, [submitted.submission], "a-run-that-was-killed")
    answer = home.ebooks(how, path if how == "ingest" else name, "--json")
    assert (answer.books[name]["state"], answer.books[name]["edition"]) == ("rejected", 1)
