"""A written manuscript becomes a submission: its chapters as one file, taken as an upload is."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from ebook_pipeline.books.editing.life import TRANSITIONS, Transition
from ebook_pipeline.books.owning.rights import RightsState
from ebook_pipeline.books.writing.manuscript_file import (
    NAME,
    manuscript_file,
)
from ebook_pipeline.foundation.errors import Denied, ServiceError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.upload_store import UploadStore
from ebook_pipeline.services.audit_and_outbox import audit, emit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.intake import jobs, uploads
from ebook_pipeline.services.intake.jobs import Job
from ebook_pipeline.services.intake.landing_uploads import LandingUploads
from ebook_pipeline.services.intake.uploads import Upload, UploadLimits, UploadRequest
from ebook_pipeline.services.reporting import job_states
from ebook_pipeline.services.writing import chapters, covers, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

_MEDIA_TYPE = "text/markdown"
PUBLISH = next(one for one in TRANSITIONS if one.name == "publish")


class NothingWritten(ServiceError):
    """The manuscript lacks what a book can't do without."""


class NeedsEditors(Denied):
    """It is not this step's turn: the manuscript's editors have a say first."""


@dataclass(frozen=True)
class ManuscriptSubmitter:
    """Where written manuscripts go; `sender` of each counts for their quota as an upload's does."""

    database: Database
    store: UploadStore
    landing: LandingUploads
    limits: UploadLimits

    def submit(
        self,
        manuscript: str,
        *,
        sender: str,
        actor: str,
        accepted: bool = False,
        precondition: Precondition[Manuscript] = unconditionally,
    ) -> Job:
        """Hand the manuscript to the chain as it stands; the next time it is its book's next
        edition. `accepted`: by its editors, whose word it otherwise must not need.

        Raises `NotFound`, `NothingWritten`, `NeedsEditors`, what `precondition` raises, and what an
        upload may. A kill leaves a job without a file, or one whose file the next process lands: to
        submit again is always right.
        """
        with self.database.begin() as connection:
            seen = manuscripts.lock(connection, manuscript)
            precondition(seen)
            _require_turn(seen, accepted)
            require_written(seen)
            content = _file(connection, seen)
        job = self._job(seen, actor)
        self._send(job, content, sender, actor)
        with self.database.begin() as connection:
            if accepted:
                manuscripts.submitted(connection, manuscript, job.id, state="sent")
                tell_step(connection, seen, PUBLISH, actor)
            else:
                manuscripts.submitted(connection, manuscript, job.id)
            audit(connection, actor, "manuscript.submit", "", {"job": job.id})
        return job

    def _job(self, manuscript: Manuscript, actor: str) -> Job:
        """Of the book that the last submission became, where there was one."""
        claims = manuscript.claims
        before = manuscript.job or ""
        last = job_states.statuses(self.database, [before]).get(before)
        if last is not None and last.book is not None:
            claims = claims.model_copy(update={"book": last.book})
        return jobs.create(self.database, manuscript.account, claims, actor=actor)

    def _send(self, job: Job, content: bytes, sender: str, actor: str) -> None:
        asked = UploadRequest(job=job.id, name=NAME, length=len(content), media_type=_MEDIA_TYPE)
        upload = uploads.begin(
            self.database, self.store, asked, self.limits, sender=sender, actor=actor
        )
        self._write(upload, content)
        uploads.advance(self.database, upload, len(content), self.limits.kept)
        self.landing.land(upload.id, hashlib.sha256(content).hexdigest())

    def _write(self, upload: Upload, content: bytes) -> None:
        with self.store.writer(upload.ref) as writer:
            for begin in range(0, len(content), writer.block):
                writer.write(memoryview(content)[begin : begin + writer.block])
                writer.persist()


def file_of(database: Database, manuscript: str) -> bytes:
    """What would be submitted now: Markdown in UTF-8. Raises `NotFound`."""
    with database.begin() as connection:
        return _file(connection, manuscripts.manuscript_of(connection, manuscript))


def _file(connection: Connection, manuscript: Manuscript) -> bytes:
    cover = covers.cover_of(connection, manuscript.id)
    return manuscript_file(manuscript.claims, chapters.standing(connection, manuscript.id), cover)


def tell_step(
    connection: Connection, seen: Manuscript, taken: Transition, actor: str, reason: str = ""
) -> None:
    """The event and the audit's row of a step that the manuscript took."""
    facts = {
        "manuscript": seen.id,
        "step": taken.name,
        "from": seen.phase.value,
        "to": taken.after.value,
        "by": actor,
        "reason": reason,
    }
    audit(connection, actor, f"manuscript.{taken.name}", "", facts)
    emit(connection, taken.event, f"manuscript:{seen.id}", facts)


def _require_turn(manuscript: Manuscript, accepted: bool) -> None:
    if accepted and manuscript.phase is not RightsState.READY:
        raise NeedsEditors("Its editors have not accepted it.")
    if accepted:
        return
    if manuscript.phase is not RightsState.DRAFT:
        raise NeedsEditors("It is no draft: take it back first.")
    if manuscript.editors:
        raise NeedsEditors("It has editors: submit it to them.")


def require_written(manuscript: Manuscript) -> None:
    if not manuscript.claims.title:
        raise NothingWritten("Give the book a title first.")
    if not manuscript.words:
        raise NothingWritten("Write a chapter first: the manuscript has no words yet.")
