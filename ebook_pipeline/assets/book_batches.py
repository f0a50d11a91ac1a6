"""The batches of books: the way into a book, and the journal of a run."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ebook_pipeline.assets.book_context import BatchTools, BookContext
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.books.reviewing.routing import load_routing
from ebook_pipeline.execution import BatchContext, Event, ItemContext, scratch
from ebook_pipeline.execution.files import Files, files_of
from ebook_pipeline.execution.pools import Pools
from ebook_pipeline.execution.reuse import digest_of
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.landing_arrivals import Arrival
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.resources.tracing import start_tracing
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.submissions import OpenSubmission
from ebook_pipeline.services.recording.fingerprints import BookFingerprints
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.recording.run_claims import claim_run
from ebook_pipeline.services.reprocessing import versions
from ebook_pipeline.services.reprocessing.versions import MadeWith
from ebook_pipeline.services.reviewing.evidence import (
    ReviewEvidence,
    gather_evidence,
    stage_findings,
)
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.json_logs import log_as_json

_LOG = logging.getLogger(__name__)


def book_batch(
    resources: Resources, observe: Callable[[Event], object], run_id: str
) -> BatchContext[BookContext]:
    """The context of the batch of run `run_id`, whose scratch folder is ours from now on."""
    settings = resources.settings
    start_tracing(settings.otlp_endpoint)
    if settings.log_format == "json":
        log_as_json(run_id)
    scratch.claim_temporary(run_id)
    if settings.env != "local":
        claim_run(resources.database, run_id)
    tools = BatchTools.of(resources)
    journal = Journal(resources.database, load_routing(settings.review_routing))
    evidence = partial(gather_evidence, tools.records)
    return BatchContext(
        records=tools.records,
        open=_Books(tools, scratch.claim(settings.scratch, run_id)).open,
        journal=_RunJournal(journal, tools.records, evidence, run_id, StageVersions(resources)),
        fingerprints=partial(_fingerprints, tools, run_id),
        cause=run_id,
        in_flight=settings.books_in_flight,
        pools=Pools.of(settings),
        keep_trying_seconds=settings.keep_trying_seconds,
        observe=observe,
        kill_tools=lambda: _kill(resources.epubcheck),
    )


def _fingerprints(tools: BatchTools, run_id: str, code: str) -> BookFingerprints:
    return BookFingerprints(
        tools.resources.database, run_id, lambda: digest_of({"code": code, **tools.versions()})
    )


def _kill(epubcheck: EpubCheck) -> None:
    """Every child process that a stage may wait for."""
    sandbox.kill_all()
    epubcheck.close()


class _Books:
    """Opens books: one run at a time may hold a book, and its newest submission is taken first."""

    def __init__(self, tools: BatchTools, scratch_folder: Path) -> None:
        self._tools, self._scratch = tools, scratch_folder
        self._database = tools.resources.database

    @contextmanager
    def open(self, key: str, stop: threading.Event) -> Iterator[BookContext]:
        with (
            self._database.lock(f"book {key}", stop=stop),
            files_of(self._tools.resources.object_store, self._scratch) as files,
        ):
            taken: list[Arrival] = []
            edition = submissions.take_edition(
                self._database, key, lambda submission: self._receive(submission, files, taken)
            )
            for arrival in taken:
                self._mark_taken(arrival)
            yield BookContext(key, edition.number, edition, files, self._tools)

    def _mark_taken(self, arrival: Arrival) -> None:
        """It only tidies the landing store: the book goes on where that fails."""
        try:
            self._tools.resources.landing_store.mark_taken(arrival)
        except PipelineError as error:
            _LOG.warning("landing: %s is not marked as taken: %s", arrival.key, error)

    def _receive(self, submission: OpenSubmission, files: Files, taken: list[Arrival]) -> BlobRef:
        """Bring a landed file into the object store, byte for byte; it stays at hand here."""
        arrival = Arrival(
            key=submission.landing_key,
            version=submission.version,
            length=submission.length,
            sidecar=None,
        )
        landing = self._tools.resources.landing_store
        received = landing.fetch(arrival, files.folder() / "manuscript")
        taken.append(arrival)
        return files.keep(received, "application/octet-stream")


class _RunJournal:
    """The journal of one run; a wait is noted with the data version of the report to review.

    Where people must judge the book or mend it, the evidence is what its records say by then.
    """

    def __init__(
        self,
        journal: Journal,
        records: RecordStore,
        evidence: Callable[..., ReviewEvidence],
        run_id: str,
        versions: "StageVersions",
    ) -> None:
        self._journal, self._records = journal, records
        self._gather, self._run_id = evidence, run_id
        self._versions = versions

    def started(self, item: ItemContext, stage: str) -> None:
        self._journal.started(self._run_id, item.key, item.edition_number, stage)

    def record(
        self,
        item: ItemContext,
        stage: str,
        outcome: Outcome,
        seconds: float,
        detail: Mapping[str, Any],
    ) -> None:
        if "made_with" in detail:
            detail = {**detail, "made_with": self._versions.seen(stage, detail["made_with"])}
        version = detail.get("data_version") or detail.get("inputs", {}).get("qa_report", "")
        if outcome in (Outcome.WAITING, Outcome.REJECTED):
            detail = {**self._evidence(item, stage, detail), **detail}
        elif outcome is Outcome.DONE:
            found = stage_findings(self._records, item.key, item.edition_number, stage)
            detail = {**found.model_dump(mode="json"), **detail} if found else detail
        self._journal.record(
            self._run_id,
            item.key,
            item.edition_number,
            stage,
            outcome,
            seconds,
            data_version=version,
            detail=detail,
        )

    def _evidence(self, item: ItemContext, stage: str, detail: Mapping[str, Any]) -> dict[str, Any]:
        own = Finding.model_validate(detail["finding"]) if "finding" in detail else None
        found = self._gather(item.key, item.edition_number, until=stage, finding=own)
        return found.model_dump(mode="json")


class StageVersions:
    """Keeps what stages are made with, once for each process and version."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._seen: set[tuple[str, str]] = set()

    def seen(self, stage: str, facts: Mapping[str, str]) -> str:
        """The version that these facts make up, in twelve digits."""
        made = MadeWith(version=digest_of(facts), facts=dict(facts))
        if (stage, made.version) not in self._seen:
            versions.note(self._resources.database, {stage: made})
            self._seen.add((stage, made.version))
        return made.version
