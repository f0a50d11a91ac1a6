"""A desk for tests: the app over a real database, and browsers that are signed in at it."""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.desk.addresses import DeskAddresses
from ebook_pipeline.desk.app import create_app
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.routes import ROUTES, Routes
from ebook_pipeline.desk.server import config
from ebook_pipeline.desk.session_cookie import form_token
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.rate_limits import MemoryRateLimiter
from ebook_pipeline.services.owning import accounts, people
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import SessionLimits
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.http_server import QuietServer

ORIGIN = "http://127.0.0.1:8080"
HOST = "127.0.0.1"
COOKIE = "ebooks-session-8080"


@dataclass
class Desk:
    """The app and its context; `clients` are closed with it."""

    context: DeskContext
    app: FastAPI
    clients: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def database(self) -> Database:
        return self.context.database

    def nobody(self, **headers: str) -> TestClient:
        """A program that has not signed in."""
        client = TestClient(self.app, ORIGIN, raise_server_exceptions=False, headers=headers)
        return self.clients.enter_context(client)

    def browser(self, login: str) -> TestClient:
        """A browser in which `login`, a known person, has signed in, on a page of the desk."""
        with self.database.begin() as connection:
            token = sessions.begin(connection, login, "test", SessionLimits())
        client = self.nobody(**{"Origin": ORIGIN, "X-CSRF-Token": form_token(token)})
        client.cookies.set(COOKIE, token, HOST)
        return client

    def person(self, login: str, role: Role, account: str = HOUSE) -> TestClient:
        """A browser of somebody who is this, and nothing else; who are made if need be."""
        if account not in accounts.ids(self.database):
            accounts.add(self.database, account, actor="eve")
        people.add(self.database, login, Membership(account=account, role=role), actor="eve")
        return self.browser(login)


@contextlib.contextmanager
def open_desk(
    database: Database, routes: Sequence[Routes] = ROUTES, **settings: Any
) -> Iterator[Desk]:
    """A desk over this database; limits are counted in memory."""
    with desk_over(Resources(Settings(**settings), database=database), routes) as desk:
        yield desk


@contextlib.contextmanager
def desk_over(resources: Resources, routes: Sequence[Routes] = ROUTES) -> Iterator[Desk]:
    """A desk over what there is, be it Amazon's."""
    addresses = DeskAddresses.of(resources.settings)
    context = DeskContext(resources, MemoryRateLimiter(), addresses)
    desk = Desk(context, create_app(context, routes))
    with desk.clients, contextlib.closing(context.background):
        yield desk


@contextlib.contextmanager
def served(database: Database, port: int, **given: Any) -> Iterator[DeskContext]:
    """The desk over real connections, answering in a thread of this process."""
    settings = Settings(desk_port=port, **given)
    resources = Resources(settings, database=database)
    context = DeskContext(resources, MemoryRateLimiter(), DeskAddresses.of(settings))
    server = QuietServer(config(settings, context))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield context
    finally:
        server.should_exit = True
        thread.join()
        context.background.close()
