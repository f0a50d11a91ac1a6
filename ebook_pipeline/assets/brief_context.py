"""What the stages of a picture book may ask for, and the batches of briefs."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.painting import PagePainter
from ebook_pipeline.books.picture_books.stage_records import (
    BookBrief,
    BookSubmission,
    Illustrations,
    MadeBook,
    MadeFiles,
    PageAttempts,
    WrittenStory,
)
from ebook_pipeline.books.picture_books.story_writing import StoryWriter
from ebook_pipeline.books.producing.stage_records import (
    ColouringEdition,
    PictureBookEpubs,
    PrintCovers,
    PrintInterior,
    PrintPackage,
)
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.execution import BatchContext, Event, ItemContext, scratch
from ebook_pipeline.execution.files import Files, files_of
from ebook_pipeline.execution.item_run import StopItem
from ebook_pipeline.execution.pools import Pools
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.models.kept_paintings import KeptPaintings
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.picture_books import briefs, progress
from ebook_pipeline.services.picture_books.briefs import OrderedBy

R = TypeVar("R", bound=Record)
_JUDGED: Mapping[
    str, type[BookBrief] | type[WrittenStory] | type[Illustrations] | type[PrintPackage]
] = {
    "book_brief": BookBrief,
    "story": WrittenStory,
    "illustrations": Illustrations,
    "print_package": PrintPackage,
}
"""Stages whose records may have something against the book."""


@dataclass(frozen=True)
class BriefContext(ItemContext):
    """One brief while a batch works on it."""

    files: Files
    _resources: Resources
    _records: RecordStore

    @property
    def brief(self) -> Brief:
        return briefs.ordered(self.database, self.key)

    @property
    def attempts(self) -> PageAttempts:
        return briefs.attempts(self.database, self.key)

    @property
    def ordered_by(self) -> OrderedBy:
        order = briefs.read(self.database, self.key)
        return OrderedBy(key=order.key, account=order.account, ebook=order.brief.ebook)

    @property
    def database(self) -> Database:
        return self._resources.database

    @property
    def painter(self) -> PagePainter:
        return KeptPaintings(
            self._resources.page_painter, self._records, self._resources.object_store
        )

    @property
    def story_writer(self) -> StoryWriter:
        return self._resources.story_writer


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
        journal=BriefJournal(resources.database, records),
        cause=run_id,
        in_flight=settings.books_in_flight,
        pools=Pools.of(settings),
        keep_trying_seconds=settings.keep_trying_seconds,
        observe=observe,
    )


@dataclass(frozen=True)
class BriefJournal:
    """Notes each stage at its order, with what is against the book and what came of it."""

    database: Database
    records: RecordStore

    def started(self, item: ItemContext, stage: str) -> None:
        """Raises StopItem where the order was cancelled meanwhile."""
        if not progress.started(self.database, item.key, stage):
            raise StopItem(Outcome.CANCELLED, "the order was cancelled")

    def record(
        self,
        item: ItemContext,
        stage: str,
        outcome: Outcome,
        seconds: float,
        detail: Mapping[str, Any],
    ) -> None:
        told = dict(detail)
        if stage in _JUDGED and item.edition_number:
            told |= self._evidence(item, stage)
        if stage == progress.STAGES[-1] and outcome in (Outcome.DONE, Outcome.REUSED):
            submitted = self._read(stage, item.key, BookSubmission)
            progress.made(self.database, item.key, self.files(item.key), submitted.book)
        progress.ended(self.database, item.key, stage, outcome, seconds, told)

    def _evidence(self, item: ItemContext, stage: str) -> dict[str, Any]:
        record = self.records.read(stage, item.key, 1, _JUDGED[stage])
        if record is None:
            return {}
        told = {"findings": [finding.model_dump(mode="json") for finding in record.findings]}
        if isinstance(record, WrittenStory):
            against = [*record.above_age, *record.contradictions]
            return told | {"against": against, "tokens": record.tokens}
        return told

    def files(self, key: str) -> MadeFiles:
        """What the chain has made of an order, for people to take."""
        made = self._read("picture_book", key, MadeBook)
        pages = self._read("illustrations", key, Illustrations).pages
        files = {"book": made.book, "contact-sheet": made.contact_sheet}
        files |= {"line-art-sheet": made.line_art_sheet, "reading-pdf": made.reading_pdf}
        package = self.records.read("print_package", key, 1, PrintPackage)
        return MadeFiles(
            title=made.title,
            files=files | self._for_the_press(key),
            pages={page.number: page.page for page in pages},
            findings=package.findings if package else (),
        )

    def _for_the_press(self, key: str) -> dict[str, BlobRef]:
        """None of it where a run left these stages out."""
        found: dict[str, BlobRef] = {}
        if interior := self.records.read("interior_pdf", key, 1, PrintInterior):
            found["interior"] = interior.pdf
        if lines := self.records.read("colouring_pdf", key, 1, ColouringEdition):
            found |= {"colouring-book": lines.pdf, "workbook": lines.workbook}
        if epubs := self.records.read("fixed_layout_epub", key, 1, PictureBookEpubs):
            found |= {"fixed-layout": epubs.fixed_layout, "reflowable": epubs.reflowable}
        if covers := self.records.read("cover_pdf", key, 1, PrintCovers):
            found["cover"] = covers.cover
        if package := self.records.read("print_package", key, 1, PrintPackage):
            found["package"] = package.package
        return found

    def _read(self, stage: str, key: str, kind: type[R]) -> R:
        found = self.records.read(stage, key, 1, kind)
        assert found is not None
        return found


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
