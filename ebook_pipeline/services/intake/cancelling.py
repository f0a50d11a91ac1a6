"""A job given up before its file was taken."""

from sqlalchemy import exists, func, select, update

from ebook_pipeline.resources.database import Database, upload_tables
from ebook_pipeline.resources.upload_store import UploadStore
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.intake import jobs, uploads
from ebook_pipeline.services.intake.jobs import TooLate

_JOB = upload_tables.job.c
_UPLOAD = upload_tables.upload.c


def cancel(database: Database, store: UploadStore, job: str, *, actor: str) -> None:
    """Give the job up: no file is taken for it any more. Again, it changes nothing.

    Raises `NotFound`, and `TooLate` where its file is whole: then it is a book's.
    """
    taken = exists().where(_UPLOAD.job == job, _UPLOAD.state.in_(("whole", "landed")))
    fresh = update(upload_tables.job).where(_JOB.id == job, _JOB.cancelled_at.is_(None))
    with database.begin() as connection:
        jobs.lock(connection, job)
        ended = uploads.end_open(connection, job)
        if connection.execute(select(taken)).scalar_one():
            raise TooLate("its file was taken already: what is to be given up is its book")
        if connection.execute(fresh.values(cancelled_at=func.now())).rowcount:
            audit(connection, actor, "job.cancel", "", {"job": job})
    for upload in ended:
        store.discard(upload)
