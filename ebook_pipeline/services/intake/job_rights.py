"""What rights to jobs and uploads hang on: the account whose they are."""

from sqlalchemy import ColumnElement, Connection

from ebook_pipeline.books.owning.rights import Actor, Resource
from ebook_pipeline.resources.database import upload_tables
from ebook_pipeline.services.intake import jobs, uploads
from ebook_pipeline.services.owning.thing_rights import account_condition

_JOB = upload_tables.job.c


def job_resource(connection: Connection, job: str, kind: str = "job") -> Resource:
    """The job as `may` asks about it. Raises `NotFound`."""
    return Resource(kind=kind, account=jobs.job_of(connection, job).account)


def upload_resource(connection: Connection, upload: str, kind: str = "job") -> Resource:
    """An upload is of its job's account. Raises `NotFound`."""
    return job_resource(connection, uploads.upload_of(connection, upload).job, kind)


def job_condition(actor: Actor, action: str = "read") -> ColumnElement[bool]:
    """Which rows of `upload_tables.job` the actor may do this to: `may`, for a list."""
    return account_condition(actor, action, "job", _JOB.account)
