"""The tables' revision: which one this program needs, and how a database gets there.

Alembic is imported where there is something to bring up to date, which is once in a database's
life and release: every command asks, and it takes longer to import than most of them last.
"""

import re
import threading
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

MIGRATIONS = Path(__file__).parent / "migrations"
_LINK = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)
_HAS_REVISION = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_REVISION = text("SELECT version_num FROM alembic_version")
_alembic = threading.Lock()  # its context is global


@cache
def newest() -> str:
    """The revision that this program's tables have: the one that no other follows."""
    followed = {revision for name, revision in _links() if name == "down_revision"}
    (last,) = revisions() - followed
    return last


def revisions() -> set[str]:
    """Every revision that this program knows."""
    return {revision for name, revision in _links() if name == "revision"}


def _links() -> list[tuple[str, str]]:
    files = [path.read_text() for path in (MIGRATIONS / "versions").glob("*_*.py")]
    return [link for file in files for link in _LINK.findall(file)]


def is_current(connection: Connection) -> bool:
    """Whether the database has the newest revision, and no other beside it."""
    if not connection.execute(_HAS_REVISION).scalar_one():
        return False
    return connection.execute(_REVISION).scalars().all() == [newest()]


def upgrade(connection: Connection) -> None:
    """Run the migrations that the database hasn't had, in the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    with _alembic:
        command.upgrade(config, "head")
