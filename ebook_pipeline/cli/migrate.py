"""``ebooks migrate``: both databases, made where they are missing, with all their tables."""

import click
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from ebook_pipeline.cli.terminal import console
from ebook_pipeline.foundation.errors import Denied, ServiceError, Unavailable
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.settings import Settings

_DUPLICATE = "42P04"


@click.command()
def migrate() -> None:
    """Bring the Postgres of EBOOK_DATABASE_URL and Dagster's up to date.

    For services that start on their own: `up` and all commands do it too.
    """
    settings = Settings()
    if settings.database_url is None or settings.dagster_database_url is None:
        raise ServiceError(
            "set EBOOK_DATABASE_URL and EBOOK_DAGSTER_DATABASE_URL: "
            "the embedded server's tables are brought up to date by every command"
        )
    urls = [settings.database_url.get_secret_value()]
    urls.append(settings.dagster_database_url.get_secret_value())
    for url in urls:
        console().print(f"{make_url(url).database}: {'made' if _make(url) else 'is there'}")
    _database(settings, urls[0]).migrate()


def _database(settings: Settings, url: str) -> Database:
    """On AWS with its vault, so that rows of an earlier release are sealed before they are read.

    Elsewhere without one: this process may stand on another machine than the vault.
    """
    return Resources(settings).database if settings.env == "aws" else Database(url)


def _make(url: str) -> bool:
    """Make the database where it is missing; its name is ours, not a stranger's."""
    wanted = make_url(url)
    plain = wanted.set(drivername="postgresql+psycopg2", database="postgres")
    engine = create_engine(plain, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    quoted = engine.dialect.identifier_preparer.quote_identifier(wanted.database or "")
    try:
        with engine.connect() as connection:
            query = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(query, {"name": wanted.database}).first():
                return False
            connection.execute(text(f"CREATE DATABASE {quoted}"))
    except OperationalError as error:
        raise Unavailable(f"the database: {str(error.orig).strip()}") from error
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", "") == _DUPLICATE:
            return False  # another process was faster
        raise Denied(f"the database: {str(error.orig).strip()}") from error
    return True
