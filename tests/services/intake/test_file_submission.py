"""Files from a shell: which are taken, as which book, and when the same bytes are news."""

import json
from pathlib import Path

import pytest

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.intake import file_submission, submissions


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    for name in ("emma.epub", "emma.epub.json", "old/emma.epub", ".hidden/x.epub", "notes.xyz"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (folder / "emma.epub.json").write_text(json.dumps({"title": "Emma"}))
    return folder


@pytest.fixture
def store(tmp_path: Path) -> LocalObjectStore:
    return LocalObjectStore(tmp_path / "objects")


def offered(database: Database, store: LocalObjectStore, path: Path) -> int:
    """Submit `path` as emma.epub and take it; the number of the current edition."""
    submitted = file_submission.submit_file(database, store, "emma.epub", path, actor="ann")
    return submissions.take_edition(database, submitted.book, _no_fetch).number


def _no_fetch(submission: submissions.OpenSubmission) -> BlobRef:
    raise NotFound(submission.source)


def test_the_sidecar_travels_with_the_file(
    database: Database, store: LocalObjectStore, shelf: Path
) -> None:
    offered(database, store, shelf / "emma.epub")
    assert submissions.current_edition(database, "emma").claims.title == "Emma"


def test_a_broken_sidecar_is_a_finding_of_the_submission(
    database: Database, store: LocalObjectStore, shelf: Path
) -> None:
    (shelf / "emma.epub.json").write_text("{")
    offered(database, store, shelf / "emma.epub")
    [defect] = submissions.current_edition(database, "emma").claims.defects
    assert defect.rule == "landing.sidecar"


def test_the_same_bytes_again_are_the_same_edition(
    database: Database, store: LocalObjectStore, shelf: Path
) -> None:
    path = shelf / "emma.epub"
    assert [offered(database, store, path), offered(database, store, path)] == [1, 1]


def test_bytes_that_come_back_after_others_are_a_third_edition(
    database: Database, store: LocalObjectStore, shelf: Path
) -> None:
    path = shelf / "emma.epub"
    first = path.read_bytes()
    numbers = []
    for body in (first, b"another", first, first):
        path.write_bytes(body)
        numbers.append(offered(database, store, path))
    assert numbers == [1, 2, 3, 3]


def test_a_changed_sidecar_alone_changes_the_claims_of_the_same_edition(
    database: Database, store: LocalObjectStore, shelf: Path
) -> None:
    offered(database, store, shelf / "emma.epub")
    (shelf / "emma.epub.json").write_text(json.dumps({"title": "Emma, a Novel"}))
    assert offered(database, store, shelf / "emma.epub") == 1
    assert submissions.current_edition(database, "emma").claims.title == "Emma, a Novel"
