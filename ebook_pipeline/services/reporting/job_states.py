"""How far an ingestion job is: derived from its upload, its submission and its book, never stored.

No job is without a state, a reason and what to do next.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text

from ebook_pipeline.books.records import Claims, Record
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, upload_tables

STAGES = (
    "raw_file",
    "validated_book",
    "converted_book",
    "book_metadata",
    "qa_report",
    "drm_package",
    "cdn_release",
    "catalog_row",
    "ingestion_analytics",
)
"""The chain's stages in order, as `assets/` has them: a test compares them."""


class JobState(StrEnum):
    """Where a job is, from its beginning to its end."""

    WAITING_FOR_FILE = "waiting_for_file"
    UPLOADING = "uploading"
    RECEIVED = "received"
    PROCESSING = "processing"
    NEEDS_REVIEW = "needs_review"
    ON_SALE = "on_sale"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobFile(Record):
    """The file of a job: the one that is under way or was taken, else the last that ended."""

    upload: str
    name: str
    length: int
    received: int
    sha256: str | None
    state: str
    expires_at: datetime


class JobProgress(Record):
    """The stage that a book is in: number `number` of `of`."""

    stage: str
    number: int
    of: int = len(STAGES)


class JobStatus(Record):
    """A job with all that is known of it. `percent` is of its file, then of its stages.

    `same_as`: the account had this very file before, as this landing key; nothing was submitted.
    """

    id: str
    account: str
    claims: Claims
    actor: str
    at: datetime
    state: JobState
    reason: str
    next_action: str
    percent: int = 0
    file: JobFile | None = None
    book: str | None = None
    edition: int | None = None
    progress: JobProgress | None = None
    queue_place: int | None = None
    findings: tuple[Finding, ...] = ()
    is_repeated: bool = False


_JOBS = """
    SELECT job.id, job.account, job.claims, job.actor, job.at, job.cancelled_at,
        file.id AS upload, file.name, file.length, file.received, file.sha256, file.expires_at,
        file.state AS upload_state, file.finding, file.landing_key,
        file.landing_key NOT LIKE '%/uploads/' || job.id || '/%' AS is_repeated,
        sent.book, sent.state AS submission_state, sent.at AS submitted_at,
        taken.number AS edition, newest.number AS newest,
        last.stage, last.outcome, last.detail, last.at AS stage_at, last.edition AS stage_edition,
        catalog.state AS catalog_state, release.edition AS live_edition,
        EXISTS (SELECT FROM review_task WHERE review_task.book = sent.book AND state = 'open')
            AS is_asked,
        CASE WHEN sent.state = 'open' THEN
            (SELECT count(*) FROM submission AS ahead WHERE ahead.state = 'open'
                AND ahead.id <= sent.id) END AS queue_place
    FROM job
    LEFT JOIN LATERAL (
        SELECT * FROM upload WHERE upload.job = job.id
        ORDER BY (state IN ('open', 'whole', 'landed')) DESC, at DESC LIMIT 1
    ) AS file ON true
    LEFT JOIN LATERAL (
        SELECT * FROM submission WHERE submission.landing_key = file.landing_key
        ORDER BY id DESC LIMIT 1
    ) AS sent ON true
    LEFT JOIN edition AS taken ON taken.id = sent.edition
    LEFT JOIN LATERAL (
        SELECT number FROM edition WHERE edition.book = sent.book ORDER BY number DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT * FROM stage_run WHERE stage_run.book = sent.book
            AND stage_run.edition IN (0, taken.number) ORDER BY id DESC LIMIT 1
    ) AS last ON true
    LEFT JOIN catalog ON catalog.book = sent.book
    LEFT JOIN release ON release.id = catalog.release
"""
_CLAIMS = upload_tables.job.c.claims.type
_MOST_FINDINGS = 50


def statuses(database: Database, jobs: Sequence[str]) -> dict[str, JobStatus]:
    """How far each of `jobs` is, by id; those that there are not are left out."""
    query = text(f"{_JOBS} WHERE job.id = ANY (:jobs)").columns(claims=_CLAIMS)
    with database.begin() as connection:
        rows = connection.execute(query, {"jobs": list(jobs)}).all()
    books = {f"book {row.book}" for row in rows if row.book}
    held = database.locked(books) if books else set()
    return {row.id: _status(row, held=f"book {row.book}" in held) for row in rows}


def _status(row: Row[Any], *, held: bool) -> JobStatus:
    state, reason, action = _state(row, held=held)
    progress = _progress(row) if state is JobState.PROCESSING else None
    return JobStatus(
        id=row.id,
        account=row.account,
        claims=Claims.model_validate(row.claims),
        actor=row.actor,
        at=row.at,
        state=state,
        reason=reason,
        next_action=action,
        percent=_percent(state, row, progress),
        file=_file(row),
        book=row.book,
        edition=row.edition,
        progress=progress,
        queue_place=row.queue_place if state is JobState.RECEIVED else None,
        findings=_findings(row),
        is_repeated=bool(row.is_repeated),
    )


Answer = tuple[JobState, str, str]
"""The state, its reason, and what to do next."""


def _state(row: Row[Any], *, held: bool) -> Answer:
    if row.cancelled_at is not None:
        return JobState.CANCELLED, "The job was given up.", "Begin another job."
    if row.upload is None or row.upload_state in ("terminated", "expired"):
        return _without_file(row)
    match row.upload_state:
        case "refused":
            finding = Finding.model_validate(row.finding)
            return JobState.REFUSED, finding.message, finding.remedy
        case "open":
            told = f"{row.received:,} of {row.length:,} bytes have come."
            return JobState.UPLOADING, told, "Send the rest."
        case "whole":
            return JobState.RECEIVED, "The file is whole and is being filed.", "Wait."
    return _of_submission(row, held=held)


def _without_file(row: Row[Any]) -> Answer:
    ended = {"expired": "The upload was not finished in time.", "terminated": "The upload ended."}
    reason = ended.get(row.upload_state, "No file has come.")
    return JobState.WAITING_FOR_FILE, reason, "Upload the file."


def _of_submission(row: Row[Any], *, held: bool) -> Answer:
    if row.book is None:
        return JobState.RECEIVED, "The file waits to be submitted.", "Wait."
    if row.submission_state == "open":
        if _in_vain(row):
            return _failed()
        if held:
            return JobState.PROCESSING, "The file is being read.", "Wait."
        return JobState.RECEIVED, "The book waits for its turn.", "Wait."
    if row.submission_state == "superseded":
        return JobState.REPLACED, "Another file came before this one was read.", "Nothing."
    return _of_edition(row, held=held)


def _of_edition(row: Row[Any], *, held: bool) -> Answer:
    if row.live_edition == row.edition and row.catalog_state is not None:
        if row.catalog_state == "live":
            return JobState.ON_SALE, _repeated(row, "The book is on sale."), "Nothing."
        return JobState.WITHDRAWN, "The book is off sale.", "Release it again, if you want it sold."
    if row.newest != row.edition:
        told = f"Edition {row.newest} came after this one, edition {row.edition}."
        return JobState.REPLACED, told, "Look at the book."
    if held:
        return JobState.PROCESSING, "The book is worked on.", "Wait."
    return _of_outcome(row)


def _of_outcome(row: Row[Any]) -> Answer:
    told = str((row.detail or {}).get("reason", ""))
    match Outcome(row.outcome) if row.outcome else None:
        case Outcome.REJECTED:
            action = "Mend what the findings say, and submit the book anew."
            return JobState.REFUSED, told or "A check refused the book.", action
        case Outcome.WAITING if row.is_asked:
            told = told or "A person has to look at the book."
            return JobState.NEEDS_REVIEW, told, "Wait for the reviewer's answer."
        case Outcome.WAITING:
            return JobState.PROCESSING, "A reviewer has answered: the book goes on.", "Wait."
        case Outcome.FAILED:
            return _failed()
        case _:
            told = f"The run ended after {row.stage}." if row.stage else "The run ended at once."
            return JobState.FAILED, told, "Ask an operator to have the book tried again."


def _failed() -> Answer:
    told = "A fault of ours, not of the book, stopped it."
    return JobState.FAILED, told, "Ask an operator to have the book tried again."


def _in_vain(row: Row[Any]) -> bool:
    """A run had the submission and could not even take its bytes."""
    return bool(row.stage_edition == 0 and row.stage_at > row.submitted_at)


def _repeated(row: Row[Any], told: str) -> str:
    if not row.is_repeated:
        return told
    return f"{told} You had sent this very file before: what this job says of it was not taken."


def _progress(row: Row[Any]) -> JobProgress:
    """The stage after the last that ended."""
    done = STAGES.index(row.stage) + 1 if row.stage in STAGES and row.stage_edition else 0
    number = min(done + 1, len(STAGES))
    return JobProgress(stage=STAGES[number - 1], number=number)


def _percent(state: JobState, row: Row[Any], progress: JobProgress | None) -> int:
    if state is JobState.UPLOADING:
        return int(100 * row.received // row.length)
    if progress is not None:
        return 100 * (progress.number - 1) // progress.of
    return 100 if state in (JobState.ON_SALE, JobState.WITHDRAWN) else 0


def _file(row: Row[Any]) -> JobFile | None:
    if row.upload is None:
        return None
    return JobFile(
        upload=row.upload,
        name=row.name,
        length=row.length,
        received=row.received,
        sha256=row.sha256,
        state=row.upload_state,
        expires_at=row.expires_at,
    )


def _findings(row: Row[Any]) -> tuple[Finding, ...]:
    if row.finding is not None:
        return (Finding.model_validate(row.finding),)
    detail: Mapping[str, Any] = row.detail or {}
    own = [detail["finding"]] if "finding" in detail else []
    return tuple(map(Finding.model_validate, detail.get("findings", own)[:_MOST_FINDINGS]))
