"""Dagster's web UI through the desk in a real browser: launch, watch live, backfill; and others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
import httpx
import pytest

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.signing_in.passwords import set_password
from tests.support.demo_chain.stages import DEMO_CHAIN
from tests.support.desk import open_desk
from tests.support.servers.asgi import served
from tests.support.servers.dagster_server import Dagster, daemon_of, dagster, guarded_ui
from tests.support.servers.postgres import empty_database
from tests.support.servers.web_browser import CHROMIUM, Tab, web_browser
from tests.web.test_operators_browser import PageClient

pytestmark = [
    pytest.mark.browser,
    pytest.mark.prove,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
]
PASSWORD = "correct horse battery staple"


SOCKET = """new Promise(done => {
    const socket = new WebSocket(location.origin.replace("http", "ws") + "/dagster/graphql",
                                 "graphql-ws");
    socket.onopen = () => done("opened");
    socket.onerror = () => done("refused");
})"""


@dataclass(frozen=True)
class Setting:
    """A whole Dagster behind its guard, and the desk before it at `port`."""

    server: Dagster
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def signed_in(self, login: str, path: str = "/dagster/") -> Iterator[Tab]:
        """The tab of a browser whose `login` has signed in by the form, on the way to `path`."""
        with web_browser() as browser:
            tab = Tab(browser)
            tab.open(f"{self.url}{path}")
            assert tab.address == f"{self.url}/sign-in?next={path}"
            tab.run(
                f"document.querySelector('[name=name]').value = {dumps(login)};"
                f"document.querySelector('[name=password]').value = {dumps(PASSWORD)};"
                "document.querySelector('form').submit()"
            )
            tab.wait_for('location.pathname != "/sign-in" && document.readyState == "complete"')
            yield tab


class PrefixedClient(PageClient):
    """The page's own requests, below the prefix."""

    def post(self, path: str, json: object) -> httpx.Response:
        return super().post(f"/dagster{path}", json)


@pytest.fixture(scope="module")
def setting(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: EmbeddedPostgres
) -> Iterator[Setting]:
    folder = tmp_path_factory.mktemp("through-the-desk")
    with (
        dagster(folder) as server,
        guarded_ui(server, prefix="/dagster") as ui,
        empty_database(postgres_server) as database,
        open_desk(database, home=folder, web_url=ui.url, web_token=ui.token) as desk,
        served(desk.app) as port,
    ):
        desk.person("udo", Role.AUTHOR)
        desk.person("rita", Role.READER)
        with database.begin() as connection:
            for login in ("ann", "udo", "rita"):
                set_password(connection, login, PASSWORD)
        yield Setting(server, port)


def statuses(tab: Tab, path: str) -> set[int]:
    """How what lies below `path` was answered, whatever the page asked for."""
    answers = [event["response"] for event in tab.events("Network.responseReceived")]
    return {one["status"] for one in answers if urlsplit(one["url"]).path.startswith(path)}


def test_an_operator_launches_watches_live_and_starts_a_backfill(setting: Setting) -> None:
    """All of it names her, whatever the page's request says; the run's end comes by WebSocket."""
    with setting.signed_in("ann") as tab:
        tab.wait_for('document.body?.innerText.includes("Deployment")')
        page = Dagster(setting.server.folder, PrefixedClient(tab))  # type: ignore[arg-type]
        page.add_keys(["fine-1", "fine-2", "fine-3"])
        config: dict[str, Any] = {"ops": {"scattered_batch": {"config": {"keys": ["fine-1"]}}}}
        run = page.launch("scattered", {LAUNCHED_BY: "mallory"}, **config)
        backfill = page.backfill(["fine-2", "fine-3"], DEMO_CHAIN.names)
        tab.open(f"{setting.url}/dagster/runs/{run}")
        with daemon_of(setting.server):
            tab.wait_for('document.body?.innerText.includes("RUN_SUCCESS")')
            begun = page.first_run(backfill)
        frames = tab.events("Network.webSocketFrameReceived")
        assert any("RunSuccessEvent" in one["response"]["payloadData"] for one in frames)
        assert statuses(tab, "/dagster") <= {200, 304}
    with dg.DagsterInstance.from_config(str(setting.server.folder / "home")) as instance:
        launched = [instance.get_run_by_id(one) for one in (run, begun)]
    assert [one and one.tags[LAUNCHED_BY] for one in launched] == ["ann", "ann"]


@pytest.mark.parametrize("login", ["udo", "rita"])
def test_an_author_and_a_reader_are_refused(setting: Setting, login: str) -> None:
    with setting.signed_in(login) as tab:
        assert statuses(tab, "/dagster") == {403}
        assert tab.run(SOCKET) == "refused"


def test_nobody_is_taken_to_the_sign_in_page(setting: Setting) -> None:
    with web_browser() as browser:
        tab = Tab(browser)
        tab.open(f"{setting.url}/dagster/runs")
        assert tab.address == f"{setting.url}/sign-in?next=/dagster/runs"
        assert tab.run(SOCKET) == "refused"
