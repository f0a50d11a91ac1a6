"""The newest ingestion jobs of those that somebody may see, with how far each is."""

from sqlalchemy import ColumnElement, select

from ebook_pipeline.resources.database import Database, upload_tables
from ebook_pipeline.services.reporting import job_states
from ebook_pipeline.services.reporting.job_states import JobStatus

_JOB = upload_tables.job.c


def newest_jobs(
    database: Database, visible: ColumnElement[bool], most: int
) -> tuple[JobStatus, ...]:
    """At most `most` jobs of the `visible` ones (a condition on `job`), the newest first."""
    query = select(_JOB.id).where(visible).order_by(_JOB.at.desc(), _JOB.id.desc()).limit(most)
    with database.begin() as connection:
        ids = connection.execute(query).scalars().all()
    states = job_states.statuses(database, ids)
    return tuple(states[job] for job in ids if job in states)
