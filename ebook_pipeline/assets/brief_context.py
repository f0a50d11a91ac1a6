"""What the stages of a picture book may ask for, and the batches of briefs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.stage_records import PageAttempts
from ebook_pipeline.books.picture_books.story_writing import StoryWriter
from ebook_pipeline.execution import BatchContext, Event, ItemContext, scratch
from ebook_pipeline.execution.files import Files, files_of
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.picture_books import briefs


@dataclass(frozen=True)
class BriefContext(ItemContext):
    """One brief while a batch works on it."""

    files: Files
    _resources: Resources
    _records: RecordStore

    @property
    def brief(self) -> Brief:
        return briefs.ordered(self._records, self.key)

    @property
    def attempts(self) -> PageAttempts:
        return briefs.attempts(self._records, self.key)

    @property
    def database(self) -> Database:
        return self._resources.database

    @property
    def story_writer(self) -> StoryWriter:
        return self._resources.story_writer

    @property
    def name(self) -> str:
        return self.key


def brief_batch(
    resources: Resources, observe: Callable[[Event], object], run_id: str
) -> BatchContext[BriefContext]:
    """The context of the batch of run `run_id`."""
    settings = resources.settings
    records = RecordStore(resources.object_store)
    folder = scratch.claim(settings.scratch, run_id)
    return BatchContext(
        records=records,
        open=_Briefs(resources, records, folder).open,
        cause=run_id,
        in_flight=settings.books_in_flight,
        keep_trying_seconds=settings.keep_trying_seconds,
        observe=observe,
    )


@dataclass(frozen=True)
class _Briefs:
    """Opens briefs: one run at a time may hold one."""

    resources: Resources
    records: RecordStore
    scratch: Path

    @contextmanager
    def open(self, key: str, stop: threading.Event) -> Iterator[BriefContext]:
        with (
            self.resources.database.lock(f"brief {key}", stop=stop),
            files_of(self.resources.object_store, self.scratch) as files,
        ):
            yield BriefContext(key, 1, files, self.resources, self.records)
