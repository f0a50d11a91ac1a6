"""``ebooks migrate``: both databases, made where they are missing, with all their tables.

On one's own servers keys and buckets too, which Amazon's templates make elsewhere.
"""

import click
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from ebook_pipeline.cli.terminal import console
from ebook_pipeline.foundation.errors import Denied, ServiceError, Unavailable
from ebook_pipeline.resources import Resources, lcp_issuer
from ebook_pipeline.resources.aws import make_bucket
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.origin import signer
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.settings import Settings

_DUPLICATE = "42P04"


@click.command()
def migrate() -> None:
    """Bring the Postgres of EBOOK_DATABASE_URL and Dagster's up to date.

    For services that start on their own: `up` and all commands do it too. On servers of one's own
    it makes the master key, the edge's key and the buckets where they are missing.
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
    if settings.env == "server":
        prepare_servers(Resources(settings))
    _database(settings, urls[0]).migrate()


def prepare_servers(resources: Resources) -> None:
    """Make what several machines share, unless it is there: keys, buckets."""
    settings = resources.settings
    LocalKeyVault(settings.vault).make_first()
    signer(resources.edge_secret)
    if not settings.lcp_certificate:
        lcp_issuer.issuer_from(settings)
    for name in ("landing_bucket", "objects_bucket", "release_bucket"):
        bucket = getattr(settings, name)
        made = make_bucket(resources.aws.s3(), bucket)
        console().print(f"{bucket}: {'made' if made else 'is there'}")


def _database(settings: Settings, url: str) -> Database:
    """With several machines' vault: an earlier release's rows are sealed before they are read.

    On one machine without it: this process may stand on another than the vault.
    """
    return Database(url) if settings.env == "local" else Resources(settings).database


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
