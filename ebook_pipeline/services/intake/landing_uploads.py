"""A whole upload becomes a submission: its bytes are judged, landed with a sidecar, submitted.

Every step may be repeated, and is: whoever was killed between two of them is followed by the next
`land_all`. The sidecar lies there before the file, so that the sensor which looks into the landing
store meanwhile submits the very same.
"""

import hashlib
import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text, update

from ebook_pipeline.books.records import Claims, canonical_json
from ebook_pipeline.foundation.errors import BookError, Damaged, NotFound, PipelineError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.resources.database import Database, upload_tables
from ebook_pipeline.resources.landing import LandingStore
from ebook_pipeline.resources.upload_parts import UploadRef
from ebook_pipeline.resources.upload_store import UploadStore
from ebook_pipeline.services.actors import UnknownActor
from ebook_pipeline.services.intake import arrivals, jobs, uploads
from ebook_pipeline.services.intake.jobs import Job
from ebook_pipeline.services.intake.uploads import Upload

_LOG = logging.getLogger(__name__)
_TABLE = upload_tables.upload
_UPLOAD = _TABLE.c
_CHUNK = 1 << 20
_TWIN = text(
    """
    SELECT key FROM (
        SELECT landing_key AS key, upload.at FROM upload JOIN job ON job.id = job
        WHERE sha256 = :sha256 AND state = 'landed' AND account = :account AND upload.id <> :upload
        UNION ALL
        SELECT landing_key, source.at FROM edition JOIN source USING (book)
        JOIN book ON book.id = book WHERE sha256 = :sha256 AND account = :account
    ) AS twin ORDER BY at LIMIT 1
    """
)


class LandingUploads:
    """Takes whole uploads on; safe for many threads and processes at once."""

    def __init__(self, database: Database, store: UploadStore, landing: LandingStore) -> None:
        self._database, self._store, self._landing = database, store, landing

    def land(self, upload: str, sha256: str | None = None) -> Upload:
        """Take one whole upload on; `sha256` of its bytes in hex, where they were just counted.

        Nothing is done with one that is not whole. Raises ServiceErrors: then it is to be asked
        for again. A file that can't be taken is refused, with its finding.
        """
        with self._database.lock(f"upload {upload}"):
            found = uploads.read(self._database, upload)
            if found.state != "whole":
                return found
            try:
                return self._land(found, sha256)
            except BookError as error:
                return self._refuse(found, error.finding)
            except UnknownActor as error:
                return self._refuse(found, _refusal("upload.nobody", str(error)))

    def land_all(self, older: timedelta) -> int:
        """Take on what others left whole for `older` and nobody works on; how many were."""
        late = (_UPLOAD.state == "whole") & (_UPLOAD.moved_at < func.now() - older)
        with self._database.begin() as connection:
            left = connection.execute(select(_UPLOAD.id).where(late)).scalars().all()
        free = set(left) - self._held(left)
        for upload in left:
            if upload in free:
                self._trying(upload)
        return len(free)

    def _trying(self, upload: str) -> None:
        try:
            self.land(upload)
        except PipelineError:
            _LOG.exception("upload %s can't be landed just now", upload)

    def _held(self, found: Any) -> set[str]:
        held = self._database.locked(f"upload {upload}" for upload in found)
        return {name.removeprefix("upload ") for name in held}

    def _land(self, upload: Upload, sha256: str | None) -> Upload:
        digest = upload.sha256 or self._judge(upload, sha256)
        with self._database.begin() as connection:
            job = jobs.job_of(connection, upload.job)
        with self._database.lock(f"bytes {job.account} {digest}"):
            twin = None if job.claims.book else self._twin(job, upload, digest)
            if twin is None:
                self._submit(job, upload)
            return self._landed(upload, digest, twin or upload.landing_key)

    def _judge(self, upload: Upload, sha256: str | None) -> str:
        """The SHA-256 of a file that nothing is written to any more, noted before it is landed."""
        try:
            self._store.complete(upload.ref)
        except (Damaged, NotFound) as error:
            raise BookError.of(_refusal("upload.lost", str(error))) from error
        digest = sha256 or self._digest(upload.ref)
        if upload.promised not in (None, digest):
            raise _other_bytes(upload, digest)
        self._note(upload, {"sha256": digest})
        return digest

    def _submit(self, job: Job, upload: Upload) -> None:
        self._store.land(upload.ref, upload.landing_key, sidecar(job.claims))
        arrivals.submit_landed(
            self._database, self._landing, upload.landing_key, job.account, actor=job.actor
        )

    def _digest(self, upload: UploadRef) -> str:
        digest = hashlib.sha256()
        with self._store.open(upload) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def _twin(self, job: Job, upload: Upload, digest: str) -> str | None:
        """Where the account has these bytes already: they are that book, and no other one."""
        asked = {"sha256": digest, "account": job.account, "upload": upload.id}
        with self._database.begin() as connection:
            return connection.execute(_TWIN, asked).scalar_one_or_none()

    def _landed(self, upload: Upload, digest: str, key: str) -> Upload:
        values = {"state": "landed", "sha256": digest, "landing_key": key, "holder": None}
        landed = self._note(upload, values)
        if key != upload.landing_key:
            self._store.discard(upload.ref)
        return landed

    def _refuse(self, upload: Upload, finding: Finding) -> Upload:
        document = finding.model_dump(mode="json")
        refused = self._note(upload, {"state": "refused", "finding": document, "holder": None})
        self._store.discard(upload.ref)
        return refused

    def _note(self, upload: Upload, values: dict[str, Any]) -> Upload:
        with self._database.begin() as connection:
            this = update(_TABLE).where(_UPLOAD.id == upload.id)
            connection.execute(this.values(values | {"moved_at": func.now()}))
            return uploads.upload_of(connection, upload.id)


def sidecar(claims: Claims) -> bytes:
    """What a job says of its book, as a submitter writes it beside a file."""
    return canonical_json(claims.model_dump(mode="json", exclude_defaults=True))


def clean(
    database: Database, store: UploadStore, older: timedelta, *, leftovers: bool = True
) -> int:
    """Discard what has expired, and `leftovers` of nobody's that lie there since before `older`."""
    late = (_UPLOAD.state == "open") & (_UPLOAD.expires_at <= func.now())
    with database.begin() as connection:
        ended = update(_TABLE).where(late).values(state="expired", holder=None).returning(_TABLE)
        expired = [
            Upload.model_validate(dict(row)).ref for row in connection.execute(ended).mappings()
        ]
        before = connection.execute(select(func.now() - older)).scalar_one()
    lying = store.leftovers(before) if leftovers else ()
    left = [*expired, *(ref for ref in lying if not _is_wanted(database, ref.id))]
    for upload in left:
        store.discard(upload)
    return len(left)


def _is_wanted(database: Database, upload: str) -> bool:
    wanted = (_UPLOAD.id == upload) & _UPLOAD.state.in_(("open", "whole"))
    with database.begin() as connection:
        return connection.execute(select(_UPLOAD.id).where(wanted)).first() is not None


def _other_bytes(upload: Upload, digest: str) -> BookError:
    return BookError(
        "upload.other-bytes",
        f"The file that came has the SHA-256 {digest}, {upload.promised} was named.",
        place=upload.name,
        remedy="Send the file again: it changed on its way, or while it was sent.",
    )


def _refusal(rule: str, message: str) -> Finding:
    remedy = "Begin another job, and send the file again."
    return Finding(rule=rule, severity=Severity.FATAL, message=message, remedy=remedy)
