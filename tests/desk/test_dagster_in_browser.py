"""Dagster's web UI through the desk in a real browser: launch, watch live, backfill; and others."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.signing_in.passwords import set_password
from tests.support.demo_chain.stages import DEMO_CHAIN
from tests.support.desk import Desk, open_desk
from tests.support.servers.asgi import served
from tests.support.servers.dagster_server import (
    Dagster,
    daemon_of,
    dagster,
    guarded_ui,
    wait_for,
)
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


@dataclass(frozen=True)
class Setting:
    """A whole Dagster behind its guard, behind a desk at `port`."""

    server: Dagster
    desk: Desk
    port: int

    def signed_in(self, login: str) -> Iterator[Tab]:
        """The tab of a browser in which `login` has signed in by the form."""
        with web_browser() as browser:
            tab = Tab(browser)
            tab.open(f"http://127.0.0.1:{self.port}/sign-in?next=/dagster/")
            tab.run(
                f"document.querySelector('[name=name]').value = {dumps(login)};"
                f"document.querySelector('[name=password]').value = {dumps(PASSWORD)};"
                "document.querySelector('form').submit()"
            )
            yield tab


class PrefixedClient(PageClient):
    """The page's own requests, below the prefix."""

    def post(self, path: str, json: object) -> Any:
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
        open_desk(
            database, home=folder, web_url=f"http://127.0.0.1:{ui.port}", web_token=ui.token
        ) as desk,
        served(desk.app) as port,
    ):
        desk.person("udo", Role.AUTHOR)
        with database.begin() as connection:
            for login in ("ann", "udo"):
                set_password(connection, login, PASSWORD)
        yield Setting(server, desk, port)


@pytest.fixture
def operator(setting: Setting) -> Iterator[Tab]:
    yield from setting.signed_in("ann")


@pytest.fixture
def author(setting: Setting) -> Iterator[Tab]:
    yield from setting.signed_in("udo")


def test_an_operator_launches_watches_live_and_starts_a_backfill(
    setting: Setting, operator: Tab
) -> None:
    """All of it names her, whatever the page's request says; the run's end comes by WebSocket."""
    operator.wait_for('document.body.innerText.includes("Deployment")')
    page = Dagster(Path(setting.server.folder), PrefixedClient(operator))  # type: ignore[arg-type]
    page.add_keys(["fine-1", "fine-2", "fine-3"])
    config: dict[str, Any] = {"ops": {"scattered_batch": {"config": {"keys": ["fine-1"]}}}}
    run = page.launch("scattered", {LAUNCHED_BY: "mallory"}, **config)
    backfill = page.backfill(["fine-2", "fine-3"], DEMO_CHAIN.names)
    operator.open(f"http://127.0.0.1:{setting.port}/dagster/runs/{run}")
    with daemon_of(setting.server):
        operator.wait_for('document.body.innerText.includes("RUN_SUCCESS")')
        frames = operator.events("Network.webSocketFrameReceived")
        assert any("RunSuccessEvent" in one["response"]["payloadData"] for one in frames)
        begun = wait_for(lambda: page.first_run(backfill), bool)
    with dg.DagsterInstance.from_config(str(setting.server.folder / "home")) as instance:
        launched = [instance.get_run_by_id(one) for one in (run, begun)]
    assert [one and one.tags[LAUNCHED_BY] for one in launched] == ["ann", "ann"]
    answers = operator.events("Network.responseReceived")
    refused = [one["response"]["url"] for one in answers if one["response"]["status"] >= 400]
    assert refused == []


def test_an_author_sees_nothing_of_it(setting: Setting, author: Tab) -> None:
    author.wait_for('document.readyState == "complete" && location.pathname != "/sign-in"')
    answers = author.events("Network.responseReceived")
    status = [a["response"]["status"] for a in answers if "/dagster" in a["response"]["url"]]
    assert status == [403]
    sent = author.run(
        "new Promise(done => {const s = new WebSocket(location.origin.replace('http', 'ws') +"
        " '/dagster/graphql', 'graphql-ws'); s.onopen = () => done('opened');"
        " s.onerror = () => done('refused')})"
    )
    assert sent == "refused"


def test_nobody_is_asked_to_sign_in(setting: Setting) -> None:
    with web_browser() as browser:
        tab = Tab(browser)
        tab.open(f"http://127.0.0.1:{setting.port}/dagster/runs")
        assert tab.address.endswith("/sign-in?next=/dagster/runs")
