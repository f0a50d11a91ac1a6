"""Where a book stands: derived from its journal, its records and the catalogue, never stored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import Field

from ebook_pipeline.books.records import (
    Distribution,
    Manifestations,
    Product,
    QualityReport,
    Record,
    ValidationReport,
)
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing import works
from ebook_pipeline.services.intake import arrivals, submissions, submitted_files
from ebook_pipeline.services.intake.submissions import OpenSubmission
from ebook_pipeline.services.recording.journal import Journal, Progress, StageRun
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.releasing.releases import SaleStanding

LAST_STAGE = "ingestion_analytics"
_Found = ValidationReport | Manifestations | Product | QualityReport
_WITH_FINDINGS: dict[str, type[_Found]] = {
    "validated_book": ValidationReport,
    "converted_book": Manifestations,
    "book_metadata": Product,
    "qa_report": QualityReport,
}
_AT_A_TIME = 500
"""Books of one question."""
_LINKS = {"release": "publication", "cover": "cover", "preview": "preview"}


class BookState(StrEnum):
    """The processing state of a book's newest edition."""

    IN_PROGRESS = "in_progress"
    REJECTED = "rejected"
    NEEDS_REVIEW = "needs_review"
    FAILED = "failed"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class BookStatus(Record):
    """What people ask of a book; `live_edition` is on sale, whatever became of `edition`."""

    book: str
    source: str
    state: BookState
    stage: str
    reason: str = ""
    edition: int
    live_edition: int | None = None
    findings: tuple[Finding, ...] = ()
    links: dict[str, str] = Field(default_factory=dict)
    seconds: dict[str, float] = Field(default_factory=dict)
    title: str = ""
    pages: int = 0
    words: int = 0
    sold_from: date | None = None
    other_editions: tuple[str, ...] = ()
    """Other books on sale that are the same work."""


class BookStatuses:
    """Answers about books; one for as many questions as there are."""

    def __init__(self, database: Database, records: RecordStore, cdn: Cdn) -> None:
        self._database, self._records, self._cdn = database, records, cdn
        self._journal = Journal(database)

    def statuses(self, books: Sequence[str] | None = None) -> list[BookStatus]:
        """The status of `books` (None: of all), in order of name; unknown ones are left out."""
        return list(self.each(self._journal.books() if books is None else books))

    def each(self, books: Iterable[str]) -> Iterator[BookStatus]:
        """The same one after the other: some are read at a time, and none is kept."""
        for part in slices(sorted(set(books)), _AT_A_TIME):
            yield from self.of(self._journal.last(part))

    def of(self, progress: Mapping[str, Progress]) -> list[BookStatus]:
        """The same of books whose last run the caller has read already."""
        held = self._database.locked(f"book {book}" for book in progress)
        books = list(progress.values())
        facts = _Facts.of(self._database, books)
        return [self._status(book, facts, f"book {book.book}" in held) for book in books]

    def _status(self, progress: Progress, facts: "_Facts", held: bool) -> BookStatus:
        book, edition = progress.book, progress.edition
        live, waiting = facts.live.get(book), facts.waiting.get(book, ())
        last = next(reversed(progress.stages.values()), None)
        is_open = bool(waiting) and not _in_vain(last, waiting)
        state = BookState.IN_PROGRESS if held or is_open else _ended(last, edition, live)
        records = {
            stage: self._records.read(stage, book, edition, kind)
            for stage, kind in _WITH_FINDINGS.items()
        }
        product = records["book_metadata"]
        assert product is None or isinstance(product, Product)
        return BookStatus(
            book=book,
            source=waiting[-1].source if waiting else facts.sources.get(book, ""),
            state=state,
            stage=last.stage if last else "",
            reason=_reason(book, last, state),
            edition=edition,
            live_edition=live.edition if live and live.state == "live" else None,
            findings=tuple(_findings(records.values(), last)),
            links=self._links(live.at_the_edge if live else None),
            seconds=facts.seconds.get(book, {}),
            title=product.title if product else "",
            pages=product.pages if product else 0,
            words=product.word_count if product else 0,
            sold_from=live.sold_from if live else None,
            other_editions=facts.others.get(book, ()) if live else (),
        )

    def _links(self, distribution: Distribution | None) -> dict[str, str]:
        if distribution is None:
            return {}
        paths = {name: distribution.path(rel) for name, rel in _LINKS.items()}
        return {name: self._cdn.url(path) for name, path in paths.items() if path}


@dataclass(frozen=True)
class _Facts:
    """What the database says of some books, each by its name: a question for all of them."""

    live: Mapping[str, SaleStanding]
    waiting: Mapping[str, tuple[OpenSubmission, ...]]
    sources: Mapping[str, str]
    seconds: Mapping[str, dict[str, float]]
    others: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, database: Database, progress: Sequence[Progress]) -> "_Facts":
        books = [one.book for one in progress]
        editions = {one.book: one.edition for one in progress}
        return cls(
            live=releases.standings(database, books),
            waiting=submissions.open_of(database, books),
            sources=submitted_files.latest_sources(database, books),
            seconds=Journal(database).timings_of(editions),
            others=works.others_of(database, books),
        )


def _findings(records: Iterable[_Found | None], last: StageRun | None) -> Iterable[Finding]:
    for record in records:
        yield from record.findings if record is not None else ()
    if last is not None and "finding" in last.detail:
        yield Finding.model_validate(last.detail["finding"])


def _in_vain(last: StageRun | None, waiting: Sequence[OpenSubmission]) -> bool:
    """A run had the newest submission and could not even take its bytes."""
    return last is not None and not last.opened and last.at > waiting[-1].at


def _ended(last: StageRun | None, edition: int, live: SaleStanding | None) -> BookState:
    """Its last outcome says; where the very edition is on sale, a run may have done some stages."""
    is_live = live is not None and live.edition == edition
    match last.outcome if last else None:
        case Outcome.REJECTED:
            return BookState.REJECTED
        case Outcome.WAITING:
            return BookState.NEEDS_REVIEW
        case Outcome.DONE | Outcome.REUSED if is_live or (last and last.stage == LAST_STAGE):
            withdrawn = live is not None and live.state == "withdrawn"
            return BookState.WITHDRAWN if withdrawn else BookState.RELEASED
        case _:
            return BookState.FAILED


def reason_of(book: str, state: BookState, stage: str, outcome: Outcome | None, told: str) -> str:
    """Why the book stands there, and of a failed one what to do; `told` by its last `outcome`."""
    if state is BookState.IN_PROGRESS:
        return ""
    if state is not BookState.FAILED:
        return told
    if outcome is None:
        return f"the run ended before the first stage; ebooks retry {book} takes it up"
    if outcome in (Outcome.DONE, Outcome.REUSED):
        return f"the run ended after {stage}; ebooks retry {book} takes it up there"
    if told == arrivals.CANCELLED:
        return f"its run was cancelled; ebooks retry {book} takes it up"
    return f"{told}; when that is mended: ebooks retry {book}"


def _reason(book: str, last: StageRun | None, state: BookState) -> str:
    if last is None:
        return reason_of(book, state, "", None, "")
    told = str(last.detail.get("reason", ""))
    return reason_of(book, state, last.stage, last.outcome, told)
