"""The web UI in its operator's real browser: it works, and foreign pages change nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import dumps
from typing import Any

import dagster as dg
import httpx
import pytest

from tests.support.demo_chain.stages import DEMO_CHAIN
from tests.support.servers.dagster_server import (
    Dagster,
    GuardedUi,
    daemon_of,
    dagster,
    guarded_ui,
    wait_for,
)
from tests.support.servers.web_browser import (
    CHROMIUM,
    Tab,
    WebBrowser,
    foreign_page,
    web_browser,
)

pytestmark = [
    pytest.mark.prove,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium or Chrome: install one"),
]
PLANT = (
    'mutation {addDynamicPartition(partitionsDefName: "apples", partitionKey: "KEY", '
    'repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "demo"}) '
    "{__typename}}"
)
WAYS = ("image", "form", "text", "blind", "query")
FOREIGN_PAGE = """<!doctype html><title>cats</title><body>
<iframe name="hidden"></iframe>
<script>
const target = "TARGET", plant = way => `PLANT`.replace("KEY", "NAME-" + way);
const inUrl = way => target + "/graphql?query=" + encodeURIComponent(plant(way));
const body = way => JSON.stringify({query: plant(way)});
const settled = {};
const done = (way, how) => { settled[way] = how; };

const image = new Image();
image.onload = image.onerror = () => done("image", "over");
image.src = inUrl("image");

const form = document.createElement("form");
Object.assign(form, {method: "post", action: inUrl("form"), target: "hidden"});
form.enctype = "text/plain";
document.body.append(form);
document.querySelector("[name=hidden]").onload = () => done("form", "over");
form.submit();

const send = (way, how) => fetch(how.method ? target + "/graphql" : inUrl(way), how).then(
    answer => done(way, answer.type), error => done(way, String(error)));
const carried = {credentials: "include"};
const text = {method: "POST", headers: {"Content-Type": "text/plain; application/json"}};
send("text", {...carried, ...text, mode: "no-cors", body: body("text")});
send("blind", {...carried, ...text, mode: "cors", body: body("blind")});
send("query", {...carried, mode: "no-cors"});

const socket = new WebSocket(target.replace("http", "ws") + "/graphql", "graphql-ws");
socket.onopen = () => done("socket", "opened");
socket.onerror = () => done("socket", "refused");
</script>
"""


@dataclass(frozen=True)
class Operator:
    """A Dagster with both of its web servers, and the browser in which its operator signed in."""

    server: Dagster
    ui: GuardedUi
    browser: WebBrowser
    tab: Tab

    @property
    def in_page(self) -> Dagster:
        """The same Dagster, asked by scripts of the UI's own page, as its buttons do it."""
        return Dagster(self.server.folder, PageClient(self.tab))  # type: ignore[arg-type]

    def planted(self, name: str) -> set[str]:
        with dg.DagsterInstance.from_config(str(self.server.folder / "home")) as instance:
            keys = instance.get_dynamic_partitions("apples")
        return {key.removeprefix(f"{name}-") for key in keys if key.startswith(f"{name}-")}


class PageClient:
    """Sends GraphQL from a page, with what the browser itself adds."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    def post(self, path: str, json: object) -> httpx.Response:
        how = {
            "method": "POST",
            "headers": {"Content-Type": "application/json"},
            "body": dumps(json),
        }
        sent = f"fetch({dumps(path)}, {dumps(how)})"
        script = f"{sent}.then(async answer => [answer.status, await answer.text()])"
        status, text = self._tab.run(script)
        return httpx.Response(status, text=text)


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Signed in by the printed link, while the daemon runs what is launched."""
    with (
        dagster(tmp_path_factory.mktemp("operator")) as server,
        guarded_ui(server) as ui,
        web_browser() as browser,
    ):
        tab = Tab(browser)
        tab.open(ui.link)
        yield Operator(server, ui, browser, tab)


def attacked(operator: Operator, host: str, target: str, name: str) -> dict[str, Any]:
    """What a page of `host`, opened in another tab, says of its attempts when all have ended."""
    page = FOREIGN_PAGE.replace("TARGET", target).replace("PLANT", PLANT).replace("NAME", name)
    with foreign_page(page) as port:
        tab = Tab(operator.browser)
        tab.open(f"http://{host}:{port}/")
        tab.wait_for(f"Object.keys(settled).length == {len(WAYS) + 1}")
        return dict(tab.run("settled"))


def test_the_link_opens_the_ui_and_leaves_the_address(operator: Operator) -> None:
    operator.tab.open(operator.ui.link)
    operator.tab.wait_for('document.body.innerText.includes("Deployment")')
    assert operator.ui.token not in operator.tab.address
    assert operator.tab.run("document.cookie") == ""


def test_the_ui_loads_all_that_it_asks_for(operator: Operator) -> None:
    answers = operator.tab.events("Network.responseReceived")
    refused = [a["response"]["url"] for a in answers if a["response"]["status"] >= 400]
    assert answers
    assert refused == []
    assert operator.tab.events("Log.entryAdded") == []


def test_a_run_is_launched_and_watched_live_and_a_backfill_starts(operator: Operator) -> None:
    """The UI's page tells the run's end by itself: its events come over the WebSocket."""
    page = operator.in_page
    page.add_keys(["fine-1", "fine-2", "fine-3"])
    run = page.launch("scattered", ops={"scattered_batch": {"config": {"keys": ["fine-1"]}}})
    backfill = page.backfill(["fine-2", "fine-3"], DEMO_CHAIN.names)
    operator.tab.open(f"{operator.ui.url}/runs/{run}")
    with daemon_of(operator.server):
        operator.tab.wait_for('document.body.innerText.includes("RUN_SUCCESS")')
        frames = operator.tab.events("Network.webSocketFrameReceived")
        told = [f["response"]["payloadData"] for f in frames]
        assert any("RunSuccessEvent" in one for one in told)
        assert wait_for(lambda: page.first_run(backfill), bool)


@pytest.mark.parametrize("host", ["cats.test", "127.0.0.1", "localhost"])
def test_a_foreign_page_in_another_tab_changes_nothing(operator: Operator, host: str) -> None:
    """Pages of 127.0.0.1 on another port are of the same site: their requests carry the cookie."""
    name = f"guarded-{host.replace('.', '-')}"
    settled = attacked(operator, host, operator.ui.url, name)
    assert operator.planted(name) == set()
    assert settled["socket"] == "refused"


def test_without_the_guard_it_changes_all_that_it_likes(operator: Operator) -> None:
    bare = f"http://127.0.0.1:{operator.server.port}"
    settled = attacked(operator, "cats.test", bare, "bare")
    assert operator.planted("bare") == set(WAYS)
    assert settled["socket"] == "opened"


def test_a_name_that_was_bound_to_this_machine_opens_nothing(operator: Operator) -> None:
    tab = Tab(operator.browser)
    tab.open(f"http://cats.test:{operator.ui.port}/?token={operator.ui.token}")
    assert "Misdirected Request" in tab.text
    bare = Tab(operator.browser)
    bare.open(f"http://cats.test:{operator.server.port}/")
    bare.wait_for('document.body.innerText.includes("Deployment")')


def test_the_ui_is_in_no_foreign_page_s_frame(operator: Operator) -> None:
    with foreign_page(f'<iframe src="{operator.ui.url}/runs"></iframe>') as port:
        tab = Tab(operator.browser)
        tab.open(f"http://127.0.0.1:{port}/")
        assert tab.run("frames[0].length") == 0
        answers = tab.events("Network.responseReceived")
        assert [
            a["response"]["status"] for a in answers if operator.ui.url in a["response"]["url"]
        ] == [403]
