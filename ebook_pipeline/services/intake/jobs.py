"""Ingestion jobs: what somebody wants to submit, described before there is a file."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from ebook_pipeline.books.records import Claims, Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.identifiers import is_random_id, random_id
from ebook_pipeline.resources.database import Database, upload_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.owning import accounts, ownership

_TABLE = upload_tables.job
_JOB = _TABLE.c


class Job(Record):
    """A job as it was asked for; how far it is, `services/reporting/job_states.py` says."""

    id: str
    account: str
    claims: Claims
    actor: str
    at: datetime
    cancelled_at: datetime | None = None


class TooLate(ServiceError):
    """The job has gone too far for this."""


def create(database: Database, account: str, claims: Claims, *, actor: str) -> Job:
    """Note that `account` wants to submit what `claims` describe.

    Raises `SubmissionRefused` where they name another account's book, ISBN or imprint, and
    `NotFound` for an unknown account: what is refused for its words is refused before its bytes.
    """
    row = {
        "id": random_id(),
        "account": account,
        "claims": claims.model_dump(mode="json", exclude_defaults=True),
        "actor": actor,
    }
    with database.begin() as connection:
        accounts.known(connection, account)
        ownership.require_own_claims(connection, account, "", claims)
        connection.execute(insert(_TABLE), row)
        audit(connection, actor, "job.create", "", {"job": row["id"], "account": account})
        return job_of(connection, str(row["id"]))


def lock(connection: Connection, job: str) -> Job:
    """The job, which nobody else changes before the transaction ends. Raises `NotFound`."""
    query = select(_JOB.id).where(_JOB.id == job).with_for_update()
    connection.execute(query)
    return job_of(connection, job)


def job_of(connection: Connection, job: str) -> Job:
    """The job. Raises `NotFound` where there is none."""
    row = None
    if is_random_id(job):
        row = connection.execute(select(_TABLE).where(_JOB.id == job)).mappings().first()
    if row is None:
        raise NotFound("there is no such job")
    return Job.model_validate(dict(row))
