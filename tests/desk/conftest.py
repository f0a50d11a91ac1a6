"""A real Postgres and a desk over it, for the tests of this folder."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from argon2 import PasswordHasher

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.signing_in import passwords
from tests.support.desk import Desk, open_desk
from tests.support.desk_shop import DeskShop, open_shop
from tests.support.servers.postgres import database, empty_database, postgres_server

__all__ = ["database", "postgres_server"]


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password costs what it should in production, and nothing here."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(database, home=tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shop(
    postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeskShop]:
    """Two publishers' books and people of every role; the module's tests share them."""
    folder = tmp_path_factory.mktemp("desk-shop")
    with empty_database(postgres_server) as database, open_shop(database, folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def served(shop: DeskShop) -> Iterator[str]:
    """The desk over real HTTP."""
    config = uvicorn.Config(shop.desk.app, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
