"""A Postgres by URL gets its databases and tables by one command, which may be repeated."""

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from ebook_pipeline.cli.migrate import migrate
from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from tests.support.servers.postgres import rows


@pytest.fixture
def urls(postgres_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of two databases that are not there; the settings name them."""
    there = make_url(postgres_server.url("postgres"))
    urls = [
        there.set(database=name).render_as_string(hide_password=False)
        for name in ("books-of-ours", "dagster-of-ours")
    ]
    monkeypatch.setenv("EBOOK_DATABASE_URL", urls[0])
    monkeypatch.setenv("EBOOK_DAGSTER_DATABASE_URL", urls[1])
    return urls


def ask() -> str:
    return str(CliRunner().invoke(migrate, catch_exceptions=False).output)


def test_missing_databases_are_made_and_found_the_next_time(urls: list[str]) -> None:
    assert ask().split() == ["books-of-ours:", "made", "dagster-of-ours:", "made"]
    assert ask().count("is there") == 2
    database = Database(urls[0])
    assert rows(database, "SELECT count(*) FROM book") == [(0,)]
    database.close()


def test_a_server_that_is_away_or_unnamed_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EBOOK_DATABASE_URL", "postgresql://u:secret@127.0.0.1:9/ebooks")
    monkeypatch.delenv("EBOOK_DAGSTER_DATABASE_URL", raising=False)
    with pytest.raises(ServiceError, match="EBOOK_DAGSTER_DATABASE_URL"):
        ask()
    monkeypatch.setenv("EBOOK_DAGSTER_DATABASE_URL", "postgresql://u:secret@127.0.0.1:9/dagster")
    with pytest.raises(Unavailable) as caught:
        ask()
    assert "secret" not in str(caught.value)
