"""A landed book in a batch: its manuscript is fetched and recognised once."""

import hashlib
import json
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.records import BlobRef, BookFormat, Submission, ValidationReport
from ebook_pipeline.execution import Batch, Done
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.intake import arrivals, submissions
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools import sandbox

FIRST_STAGES = ("raw_file", "validated_book")
TEXT = (
    b"# The River\n\nThe Mole had been working very hard all the morning.\n\n## Two\n\nThe end.\n"
)


class CountingStore(LocalObjectStore):
    """A store that counts how often each blob was fetched."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.fetched: Counter[str] = Counter()

    def fetch(self, ref: BlobRef, target: Path) -> Path:
        self.fetched[ref.sha256] += 1
        return super().fetch(ref, target)


class Books:
    """A landing folder, and batches of what landed in it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.store = CountingStore(settings.root / "objects")
        self.records = RecordStore(self.store)
        self.resources = Resources(settings, database=database, object_store=self.store)
        self.folder = settings.root / "landing"
        self.folder.mkdir()

    def land(self, name: str, body: bytes) -> str:
        """The key of the book."""
        (self.folder / name).write_bytes(body)
        landing, database = self.resources.landing_store, self.resources.database
        assert arrivals.submit_arrivals(database, landing, actor="eve", most=9) == 1
        return submissions.book_of(database, name)

    def run(self, book: str, *, force: bool = False) -> list[Done]:
        context = book_batch(self.resources, lambda _: None, str(uuid.uuid4()))
        batch = Batch(BOOK_CHAIN, context, [book], selected=FIRST_STAGES, force=force)
        return [event for event in batch if isinstance(event, Done)]


@pytest.fixture
def books(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())  # a run claims its own
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    return Books(Settings(home=tmp_path, quiet_seconds=0), database)


def test_a_landed_manuscript_is_at_hand_when_it_was_received(books: Books) -> None:
    books.run(books.land("river.md", TEXT))
    assert books.store.fetched == {}


def test_what_is_recorded_of_a_manuscript_names_nobody_who_is_told_of_it(books: Books) -> None:
    told = json.dumps({"title": "The River", "contact": "mole@example.org"})
    (books.folder / "river.md.json").write_text(told)
    book = books.land("river.md", TEXT)
    books.run(book)
    submission = books.records.read("raw_file", book, 1, Submission)
    assert submission is not None
    assert (submission.claims.title, submission.claims.contact) == ("The River", None)
    edition = submissions.current_edition(books.resources.database, book)
    assert edition.claims.contact == "mole@example.org"
    objects = (books.folder.parent / "objects").rglob("*.json")
    assert not [path for path in objects if b"mole@" in path.read_bytes()]


def test_a_manuscript_of_the_store_is_fetched_once_for_all_its_stages(books: Books) -> None:
    book = books.land("river.md", TEXT)
    books.run(book)
    books.run(book, force=True)
    assert books.store.fetched == {hashlib.sha256(TEXT).hexdigest(): 1}


def test_nothing_is_fetched_for_what_need_not_be_done_again(books: Books) -> None:
    book = books.land("river.md", TEXT)
    books.run(book)
    assert all(done.reused for done in books.run(book))
    assert books.store.fetched == {}


@pytest.mark.parametrize(
    ("body", "format_", "rule"),
    [(TEXT, BookFormat.MARKDOWN, ""), (b"", BookFormat.UNKNOWN, "media-type.empty")],
)
def test_what_a_manuscript_is_is_found_out_once_and_why_it_is_nothing_is_said(
    books: Books, monkeypatch: pytest.MonkeyPatch, body: bytes, format_: BookFormat, rule: str
) -> None:
    called = counted_calls(monkeypatch)
    book = books.land("river.md", body)
    books.run(book)
    submission = books.records.read("raw_file", book, 1, Submission)
    report = books.records.read("validated_book", book, 1, ValidationReport)
    assert submission is not None
    assert report is not None
    assert (submission.format, report.format) == (format_, format_)
    assert [finding.rule for finding in report.findings] == ([rule] if rule else [])
    assert called[media_types.sniff] == (2 if rule else 1)


def counted_calls(monkeypatch: pytest.MonkeyPatch) -> Counter[Callable[..., Any]]:
    """How often each function is called in the sandbox from now on."""
    called: Counter[Callable[..., Any]] = Counter()
    really_call = sandbox.call

    def call(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        called[function] += 1
        return really_call(function, *args, **options)

    monkeypatch.setattr(sandbox, "call", call)
    return called
