"""A real Dagster behind the guard: what foreign pages, names and users send changes nothing.

Every attack is also made on the same Dagster without the guard, where it does its harm.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dagster as dg
import httpx
import pytest

from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.web.request_source import OPERATOR
from tests.support.demo_chain.stages import DEMO_CHAIN
from tests.support.servers.dagster_server import Dagster, GuardedUi, dagster, guarded_ui
from tests.support.servers.foreign_requests import CHANGES, JSON, WEBSOCKETS, Target
from tests.support.servers.raw_http import RawRequest, as_json, handshake

pytestmark = pytest.mark.prove


@dataclass(frozen=True)
class Guarded:
    """The folder of a Dagster, its two web servers, and what was planted in its records."""

    folder: Path
    bare: Target
    guarded: Target
    ui: GuardedUi
    server: Dagster

    records: dg.DagsterInstance

    def planted(self, key: str) -> bool:
        """Whether a partition or a materialization of that name came into Dagster's records."""
        return self.records.has_dynamic_partition("apples", key) or self.records.has_asset_key(
            dg.AssetKey([key])
        )


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    with dagster(folder) as server:
        with guarded_ui(server) as before:
            pass
        with guarded_ui(server) as ui:
            target = Target(ui.port, ui.token, before.token)
            with dg.DagsterInstance.from_config(str(folder / "home")) as records:
                yield Guarded(folder, Target(server.port), target, ui, server, records)


# --- what may change something: each plants a key where nothing guards Dagster


changes = pytest.mark.parametrize("attack", CHANGES, ids=lambda attack: attack.__name__)


@changes
def test_what_is_foreign_is_refused_and_changes_nothing(
    here: Guarded, attack: Callable[..., RawRequest]
) -> None:
    key = f"guarded-{attack.__name__}"
    assert attack(here.guarded, key).sent_to(here.guarded.port) == CHANGES[attack]
    assert not here.planted(key)


@changes
def test_without_the_guard_it_does_its_harm(
    here: Guarded, attack: Callable[..., RawRequest]
) -> None:
    key = f"bare-{attack.__name__}"
    attack(here.bare, key).sent_to(here.bare.port)
    assert here.planted(key)


websockets = pytest.mark.parametrize("attack", WEBSOCKETS, ids=lambda attack: attack.__name__)


@websockets
def test_a_foreign_websocket_is_not_opened(
    here: Guarded, attack: Callable[..., RawRequest]
) -> None:
    assert attack(here.guarded).sent_to(here.guarded.port) == WEBSOCKETS[attack]


@websockets
def test_without_the_guard_any_page_opens_one(
    here: Guarded, attack: Callable[..., RawRequest]
) -> None:
    assert attack(here.bare).sent_to(here.bare.port) == 101


# --- what may be read


PAGES = [
    "/",
    "/runs",
    "/server_info",
    "/favicon.svg",
    "/robots.txt",
    "/vendor/graphiql/graphiql.min.css",
]


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_shown_without_the_token(here: Guarded, page: str) -> None:
    request = RawRequest("GET", page, (("Host", here.guarded.host),))
    assert request.sent_to(here.guarded.port) == 401
    assert request.sent_to(here.bare.port) == 200


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_shown_in_a_foreign_page(here: Guarded, page: str) -> None:
    request = RawRequest("GET", page, (*here.guarded.carried, ("Sec-Fetch-Site", "cross-site")))
    assert request.sent_to(here.guarded.port) == 403


def test_several_queries_at_once_are_refused(here: Guarded) -> None:
    request = RawRequest(
        "POST", "/graphql", (*here.guarded.own, *JSON), as_json([{"query": "{version}"}])
    )
    assert request.sent_to(here.guarded.port) == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused_so_no_foreign_page_is_promised_anything(
    here: Guarded, method: str
) -> None:
    request = RawRequest(method, "/graphql", here.guarded.own)
    assert request.sent_to(here.guarded.port) == 405


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_of_the_machine_is_refused_even_with_the_token(here: Guarded) -> None:
    script = (
        'exec 3<>/dev/tcp/127.0.0.1/$1; printf "GET /server_info HTTP/1.1\\r\\n'
        "Host: 127.0.0.1\\r\\nAuthorization: Bearer $2\\r\\nConnection: close\\r\\n\\r\\n"
        '" >&3; head -c 15 <&3'
    )

    def answered(port: int, user: int) -> str:
        done = subprocess.run(
            ["bash", "-c", script, "bash", str(port), here.guarded.token],
            user=user, group=user, extra_groups=[], capture_output=True, text=True, cwd="/",
        )  # fmt: skip
        return done.stdout

    assert answered(here.guarded.port, 65534) == ""
    assert answered(here.bare.port, 65534) == "HTTP/1.1 200 OK"
    assert answered(here.guarded.port, 0) == "HTTP/1.1 200 OK"


# --- who is let in


def graphql(here: Guarded, **how: Any) -> httpx.Response:
    how = {"json": {"query": "{version}"}} | how
    return httpx.post(f"{here.ui.url}/graphql", **how)


@pytest.fixture
def signed_in(here: Guarded) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=here.ui.url) as browser:
        assert browser.get(f"/?token={here.ui.token}").status_code == 303
        yield browser


def test_the_link_leaves_a_cookie_and_takes_the_token_out_of_the_address(here: Guarded) -> None:
    answer = httpx.get(f"{here.ui.url}/runs/1?tab=a%20b&token={here.ui.token}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/runs/1?tab=a+b")
    cookie = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")}
    assert cookie == {
        f"ebooks-{here.ui.port}={here.ui.token}".lower(),
        "httponly",
        "samesite=strict",
        "path=/",
    }
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example"])
def test_the_link_leads_to_no_other_site(here: Guarded, path: str) -> None:
    headers = (("Host", here.guarded.host),)
    request = RawRequest("GET", f"{path}?token={quote(here.ui.token)}", headers)
    assert "\r\nlocation: /\r\n" in request.answered_by(here.ui.port)


def test_who_has_the_cookie_reads_and_asks(here: Guarded, signed_in: httpx.Client) -> None:
    assert "Dagster" in signed_in.get("/").text
    asked = signed_in.post("/graphql", json={"query": "{version}"}, headers={"Origin": here.ui.url})
    assert asked.json() == {"data": {"version": dg.__version__}}


def test_who_has_the_token_asks_as_a_program(here: Guarded) -> None:
    bearer = {"Authorization": f"Bearer {here.ui.token}"}
    assert graphql(here, headers=bearer).json() == {"data": {"version": dg.__version__}}


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "[::1]", "127.0.0.1"])
def test_a_forwarded_port_is_an_address_of_ours(here: Guarded, name: str) -> None:
    bearer = {"Authorization": f"Bearer {here.ui.token}", "Host": f"{name}:8000"}
    assert graphql(here, headers=bearer).status_code == 200


def test_who_the_desk_names_has_launched_it_whatever_the_request_says(here: Guarded) -> None:
    """A run, one launched anew, and a backfill; only the holder of the token may name anybody."""
    own = {"Authorization": f"Bearer {here.ui.token}", OPERATOR: "ann"}
    lies = {LAUNCHED_BY: "mallory", "team": "red"}
    config: dict[str, Any] = {"ops": {"scattered_batch": {"config": {"keys": ["fine"]}}}}
    with httpx.Client(base_url=here.ui.url, headers=own, timeout=60) as client:
        desk = Dagster(here.folder, client)
        first = desk.run(desk.launch("scattered", lies, **config))
        assert _tags(first) >= {(LAUNCHED_BY, "ann"), ("team", "red")}
        desk.terminate(first["runId"])
        client.headers[OPERATOR] = "bob"
        again = desk.run(desk.repeat(first["runId"]))
        assert (LAUNCHED_BY, "bob") in _tags(again)
        desk.terminate(again["runId"])
        desk.add_keys(["fine-1"])
        number = desk.backfill(["fine-1"], DEMO_CHAIN.names)
        with dg.DagsterInstance.from_config(str(here.folder / "home")) as instance:
            backfill = instance.get_backfill(number)
        assert backfill is not None
        assert backfill.tags[LAUNCHED_BY] == "bob"


@pytest.mark.parametrize("name", ["", "Ann", "cli:ann", "ann bob", "a" * 64, "../ann"])
def test_what_is_no_login_launches_nothing(here: Guarded, name: str) -> None:
    headers = {"Authorization": f"Bearer {here.ui.token}", OPERATOR: name}
    assert graphql(here, headers=headers).status_code == 400


def test_who_opened_the_link_can_name_nobody(here: Guarded, signed_in: httpx.Client) -> None:
    headers = {"Origin": here.ui.url, OPERATOR: "mallory"}
    with httpx.Client(base_url=here.ui.url, headers=headers, timeout=60) as client:
        client.cookies = signed_in.cookies
        desk = Dagster(here.folder, client)
        config: dict[str, Any] = {"ops": {"scattered_batch": {"config": {"keys": ["fine"]}}}}
        launched = desk.run(desk.launch("scattered", **config))
        assert LAUNCHED_BY not in dict(_tags(launched))
        desk.terminate(launched["runId"])


def _tags(run: dict[str, Any]) -> set[tuple[str, str]]:
    return {(tag["key"], tag["value"]) for tag in run["tags"]}


def test_a_websocket_of_our_page_is_opened(here: Guarded) -> None:
    assert handshake(here.guarded.own).sent_to(here.guarded.port) == 101


def test_no_page_may_frame_the_ui_or_learn_its_addresses(signed_in: httpx.Client) -> None:
    headers = signed_in.get("/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'nonce-" in headers["Content-Security-Policy"]  # Dagster's own stays
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_who_is_not_let_in_is_told_where_the_link_is(here: Guarded) -> None:
    answer = httpx.get(here.ui.url, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "<code>ebooks up</code>" in answer.text
    assert here.ui.token not in answer.text


def test_the_token_is_its_owner_s_alone_and_not_in_the_process_list(here: Guarded) -> None:
    file = here.folder / "run" / "web-token"
    assert file.stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert here.ui.token not in listed.stdout


def test_each_start_has_a_token_of_its_own(here: Guarded) -> None:
    assert here.guarded.old_token != here.guarded.token
