"""Briefs in a batch: made once, refused where nothing can be made, one page drawn again."""

import io
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TypeVar

import pypdf
import pytest

from ebook_pipeline.assets import picture_book_files
from ebook_pipeline.assets.brief_context import brief_batch
from ebook_pipeline.assets.picture_books import BRIEF_CHAIN
from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.stage_records import (
    BookSubmission,
    Illustrations,
    MadeBook,
    WrittenStory,
)
from ebook_pipeline.books.producing.stage_records import PrintCovers, PrintPackage
from ebook_pipeline.books.records import Record
from ebook_pipeline.execution import Batch, Done, Ended, Event
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.models.story_writer import ChatStories
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.picture_books import briefs
from ebook_pipeline.services.picture_books.submitting import is_generated
from ebook_pipeline.settings import Settings

R = TypeVar("R", bound=Record)


class Orders:
    """Briefs in a home of their own, and batches of them."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.resources = Resources(settings, database=database)
        self.records = RecordStore(self.resources.object_store)

    def order(self, key: str, brief: Brief) -> None:
        briefs.order(self.resources.database, key, brief, actor="pipeline")

    def run(self, *keys: str, files: bool = False) -> list[Event]:
        """Take briefs through the chain; the files for press and readers take the longest."""
        context = brief_batch(self.resources, lambda _: None, str(uuid.uuid4()))
        left_out = set() if files else {stage.name for stage in picture_book_files.STAGES}
        left_out -= {"fixed_layout_epub"}
        selected = [name for name in BRIEF_CHAIN.names if name not in left_out]
        return list(Batch(BRIEF_CHAIN, context, keys, selected=selected))

    def record(self, stage: str, key: str, kind: type[R]) -> R:
        found = self.records.read(stage, key, 1, kind)
        assert found is not None
        return found


@pytest.fixture
def orders(tmp_path: Path, database: Database) -> Orders:
    return Orders(Settings(home=tmp_path), database)


def ends(events: list[Event]) -> dict[str, Outcome]:
    return {event.key: event.outcome for event in events if isinstance(event, Ended)}


@pytest.mark.prove
def test_a_brief_becomes_a_submission_that_a_person_must_approve(orders: Orders) -> None:
    orders.order("pip-one", Brief(seed=3, pages=24))
    assert ends(orders.run("pip-one", files=True)) == {"pip-one": Outcome.DONE}
    made = orders.record("picture_book", "pip-one", MadeBook)
    submitted = orders.record("book_submission", "pip-one", BookSubmission)
    database = orders.resources.database
    (waiting,) = submissions.open_submissions(database, submitted.book)
    assert (waiting.id, waiting.blob) == (submitted.submission, made.epub)
    assert waiting.claims.title == made.title
    edition = submissions.take_edition(database, submitted.book, lambda _: made.epub)
    assert is_generated(edition)
    with orders.resources.object_store.open(made.reading_pdf) as stream:
        assert len(pypdf.PdfReader(io.BytesIO(stream.read())).pages) == 25
    package = orders.record("print_package", "pip-one", PrintPackage)
    assert package.passes
    assert orders.record("cover_pdf", "pip-one", PrintCovers).spine_inches == pytest.approx(
        24 * 0.002347
    )
    again = [event for event in orders.run("pip-one", files=True) if isinstance(event, Done)]
    assert len(again) == len(BRIEF_CHAIN.names)
    assert all(event.reused for event in again)


@pytest.mark.prove
def test_one_page_is_drawn_again_and_the_rest_stays(orders: Orders) -> None:
    orders.order("pip-two", Brief(seed=4, pages=24))
    orders.run("pip-two")
    before = orders.record("illustrations", "pip-two", Illustrations)
    briefs.draw_again(orders.resources.database, "pip-two", 7, actor="pipeline")
    orders.run("pip-two")
    after = orders.record("illustrations", "pip-two", Illustrations)
    changed = [
        new.number
        for old, new in zip(before.pages, after.pages, strict=True)
        if old.page != new.page
    ]
    assert changed == [7]
    with pytest.raises(NotFound):
        briefs.draw_again(orders.resources.database, "pip-two", 99, actor="pipeline")


def test_a_brief_that_cannot_be_made_is_rejected_and_the_others_are_made(orders: Orders) -> None:
    orders.order("good", Brief(seed=1, pages=24))
    orders.order("bad", Brief(seed=1, setting="atlantis"))
    assert ends(orders.run("good", "bad", "nobody-ordered")) == {
        "good": Outcome.DONE,
        "bad": Outcome.REJECTED,
        "nobody-ordered": Outcome.FAILED,
    }


class Endpoint(HTTPServer):
    """A model that answers each page with the same words, or with a status."""

    def __init__(self, words: str, status: int = 200, pages: int = 21) -> None:
        super().__init__(("127.0.0.1", 0), _Model)
        text = json.dumps({"pages": [[words]] * pages})
        choice = {"message": {"content": text}, "finish_reason": "stop"}
        self.status, self.asked = status, 0
        self.body = json.dumps({"choices": [choice], "usage": {"total_tokens": 900}}).encode()


class _Model(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize(
    ("words", "status", "pages", "outcome", "asked"),
    [
        ("The path was long.", 200, 21, Outcome.DONE, 1),
        ("He played with the knife.", 200, 21, Outcome.REJECTED, 3),
        ("They met Elvis there.", 200, 21, Outcome.REJECTED, 3),
        ("The path was long.", 200, 20, Outcome.FAILED, 3),
        ("The path was long.", 401, 21, Outcome.FAILED, 1),
    ],
)
def test_a_model_s_story_passes_the_same_checks(
    tmp_path: Path,
    database: Database,
    words: str,
    status: int,
    pages: int,
    outcome: Outcome,
    asked: int,
) -> None:
    server = Endpoint(words, status, pages)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    orders = Orders(
        Settings(home=tmp_path, llm_url=url, story_model="m", keep_trying_seconds=0), database
    )
    key = f"model-{uuid.uuid4().hex[:8]}"
    orders.order(key, Brief(seed=1, pages=24))
    try:
        assert ends(orders.run(key)) == {key: outcome}
        assert server.asked == asked
    finally:
        server.shutdown()
        server.server_close()
    drawn = orders.records.read("illustrations", key, 1, Illustrations)
    assert (drawn is not None) == (outcome is Outcome.DONE)
    if outcome is Outcome.DONE:
        story = orders.record("story", key, WrittenStory)
        assert story.model.startswith("m@")


def test_a_story_costs_no_more_than_its_limit(tmp_path: Path, database: Database) -> None:
    server = Endpoint("He played with the knife.")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    writer = ChatStories(f"http://127.0.0.1:{server.server_port}/v1", "m", None, 12_000)
    try:
        written = writer.write(Brief(seed=1, pages=24))
    finally:
        server.shutdown()
        server.server_close()
    assert written.findings
    assert server.asked < 3
