"""A database of the embedded server as one file, and back, by Postgres' own programs.

A dump is of one moment, whatever goes on beside it. Who reads one in runs what stands in it as the
server's superuser: it is for files that were authenticated.

https://www.postgresql.org/docs/current/app-pgdump.html
"""

import subprocess
from pathlib import Path
from typing import IO

from sqlalchemy import make_url

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres, program
from ebook_pipeline.resources.database.server_user import seen_from, server_side

_DUMP = ("--format=custom", "--no-owner", "--no-privileges")
_READ = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")


def dump(server: EmbeddedPostgres, database: str, target: Path) -> None:
    """Write `database` to the new file `target`. ServiceError where that fails."""
    with target.open("xb") as stream:
        _run(server, "pg_dump", database, _DUMP, stdin=subprocess.DEVNULL, stdout=stream)


def read_in(server: EmbeddedPostgres, database: str, source: Path) -> None:
    """Make `database`, which is empty yet, what `source` holds. ServiceError where that fails."""
    server.url(database)
    with source.open("rb") as stream:
        where = (*_READ, f"--dbname={database}")
        _run(server, "pg_restore", database, where, stdin=stream, stdout=subprocess.DEVNULL)


def _run(
    server: EmbeddedPostgres,
    name: str,
    database: str,
    options: tuple[str, ...],
    *,
    stdin: int | IO[bytes],
    stdout: int | IO[bytes],
) -> None:
    url = make_url(server.url(database))
    sockets = Path(str(url.query["host"]))
    process = server_side(sockets)
    process["env"] = process["env"] | {
        "PGHOST": seen_from(sockets, sockets),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password),
        "PGDATABASE": database,
    }
    command = [str(program(name)), *options]
    done = subprocess.run(
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        **process,
    )
    if done.returncode != 0:
        raise ServiceError(f"{name} failed: {done.stderr.decode(errors='replace').strip()[-500:]}")
