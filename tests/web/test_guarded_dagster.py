"""A real Dagster behind the guard: what foreign pages, names and users send changes nothing.

Every attack is also made on the same Dagster without the guard, where it does its harm.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import dagster as dg
import httpx
import pytest

from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.web.request_source import OPERATOR
from tests.support.demo_chain.stages import DEMO_CHAIN
from tests.support.servers.dagster_server import Dagster, GuardedUi, dagster, guarded_ui
from tests.support.servers.raw_http import RawRequest, as_json, handshake

Headers = tuple[tuple[str, str], ...]

MUTATION = (
    'mutation {{addDynamicPartition(partitionsDefName: "apples", partitionKey: "{key}", '
    'repositorySelector: {{repositoryName: "__repository__", repositoryLocationName: "demo"}}) '
    "{{__typename}}}}"
)
JSON: Headers = (("Content-Type", "application/json"),)


@dataclass(frozen=True)
class Target:
    """A web server under attack, and what an attack may use of it."""

    port: int
    token: str = "unknown"
    old_token: str = "unknown"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def own(self) -> Headers:
        """What the operator's browser sends with a request of the UI's own page."""
        return (*self.carried, ("Origin", f"http://{self.host}"))

    @property
    def carried(self) -> Headers:
        """What a browser would carry into the request of any page, had the cookie no SameSite."""
        return (("Host", self.host), self.cookie(self.token))

    def cookie(self, value: str) -> tuple[str, str]:
        return ("Cookie", f"ebooks-{self.port}={value}")


@dataclass(frozen=True)
class Guarded:
    """The folder of a Dagster, its two web servers, and what was planted in it."""

    folder: Path
    bare: Target
    guarded: Target
    ui: GuardedUi
    server: Dagster

    def planted(self, key: str) -> bool:
        """Whether a partition or a materialization of that name came into Dagster's records."""
        with dg.DagsterInstance.from_config(str(self.folder / "home")) as instance:
            return instance.has_dynamic_partition("apples", key) or instance.has_asset_key(
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
            yield Guarded(folder, Target(server.port), target, ui, server)


# --- what may change something: each plants a key where nothing guards Dagster


def post(headers: Headers, key: str, target: str = "/graphql", version: str = "1.1") -> RawRequest:
    """The mutation as a JSON document."""
    body = as_json({"query": MUTATION.format(key=key)})
    return RawRequest("POST", target, headers, body, version)


def in_url(key: str, path: str = "/graphql", **more: str) -> str:
    """The mutation as a query, which any link, image or form can hold."""
    return f"{path}?{urlencode({'query': MUTATION.format(key=key), **more})}"


def no_token(to: Target, key: str) -> RawRequest:
    return post((("Host", to.host), *JSON), key)


def wrong_bearer(to: Target, key: str) -> RawRequest:
    return post((("Host", to.host), ("Authorization", "Bearer wrong"), *JSON), key)


def empty_bearer(to: Target, key: str) -> RawRequest:
    return post((("Host", to.host), ("Authorization", "Bearer "), *JSON), key)


def token_by_another_scheme(to: Target, key: str) -> RawRequest:
    return post((("Host", to.host), ("Authorization", f"Basic {to.token}"), *JSON), key)


def bearer_of_the_start_before(to: Target, key: str) -> RawRequest:
    return post((("Host", to.host), ("Authorization", f"Bearer {to.old_token}"), *JSON), key)


def cookie_of_the_start_before(to: Target, key: str) -> RawRequest:
    origin = ("Origin", f"http://{to.host}")
    return post((("Host", to.host), origin, to.cookie(to.old_token), *JSON), key)


def empty_cookie(to: Target, key: str) -> RawRequest:
    return post((("Host", to.host), ("Origin", f"http://{to.host}"), to.cookie(""), *JSON), key)


def cookie_of_another_port(to: Target, key: str) -> RawRequest:
    cookie = ("Cookie", f"ebooks-1={to.token}")
    return post((("Host", to.host), ("Origin", f"http://{to.host}"), cookie, *JSON), key)


def token_in_the_address_of_a_post(to: Target, key: str) -> RawRequest:
    return post((("Host", to.host), *JSON), key, f"/graphql?token={to.token}")


def image(to: Target, key: str) -> RawRequest:
    modern = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"))
    return RawRequest("GET", in_url(key), (*to.carried, *modern, ("Sec-Fetch-Dest", "image")))


def image_of_an_old_browser(to: Target, key: str) -> RawRequest:
    return RawRequest("GET", in_url(key), to.carried)


def link_in_a_mail(to: Target, key: str) -> RawRequest:
    typed = (("Sec-Fetch-Site", "none"), ("Sec-Fetch-Mode", "navigate"))
    return RawRequest("GET", in_url(key), (*to.carried, *typed))


def link_with_the_token(to: Target, key: str) -> RawRequest:
    """Even the operator's own link asks no GraphQL: it is redirected, then refused."""
    return RawRequest("GET", in_url(key, token=to.token), (("Host", to.host),))


def percent_encoded_path(to: Target, key: str) -> RawRequest:
    return RawRequest("GET", in_url(key, "/%67raphql"), to.carried)


def form(to: Target, key: str) -> RawRequest:
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    foreign = ("Origin", "https://evil.example")
    return RawRequest("POST", in_url(key), (*to.carried, foreign, kind), b"a=b")


def form_without_origin(to: Target, key: str) -> RawRequest:
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    return RawRequest("POST", in_url(key), (*to.carried, kind), b"a=b")


def form_of_our_page(to: Target, key: str) -> RawRequest:
    kind = ("Content-Type", "multipart/form-data; boundary=x")
    return RawRequest("POST", in_url(key), (*to.own, kind), b"--x--")


def text_that_dagster_takes_for_json(to: Target, key: str) -> RawRequest:
    """A page may send this type anywhere without asking, and Dagster looks for a part of it."""
    kind = ("Content-Type", "text/plain; application/json")
    return post((*to.carried, ("Origin", "https://evil.example"), kind), key)


def text_of_our_page(to: Target, key: str) -> RawRequest:
    return post((*to.own, ("Content-Type", "text/plain; application/json")), key)


def graphql_as_its_own_type(to: Target, key: str) -> RawRequest:
    kind = ("Content-Type", "application/graphql")
    return RawRequest("POST", "/graphql", (*to.own, kind), MUTATION.format(key=key).encode())


def no_type(to: Target, key: str) -> RawRequest:
    return RawRequest("POST", in_url(key), to.own, b"{}")


def foreign_origin(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Origin", "https://evil.example"), *JSON), key)


def foreign_origin_with_bearer(to: Target, key: str) -> RawRequest:
    bearer = ("Authorization", f"Bearer {to.token}")
    return post((("Host", to.host), bearer, ("Origin", "https://evil.example"), *JSON), key)


def origin_of_a_sandboxed_frame(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Origin", "null"), *JSON), key)


def origin_of_another_port(to: Target, key: str) -> RawRequest:
    """The edge shows books' pages on a port of the same host: no browser calls that cross-site."""
    return post((*to.carried, ("Origin", "http://127.0.0.1:8081"), *JSON), key)


def origin_of_another_scheme(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Origin", f"https://{to.host}"), *JSON), key)


def origin_of_another_name_of_ours(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Origin", f"http://localhost:{to.port}"), *JSON), key)


def origin_that_begins_as_ours(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Origin", f"http://{to.host}.evil.example"), *JSON), key)


def cross_site_without_origin(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Sec-Fetch-Site", "cross-site"), *JSON), key)


def same_site_without_origin(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Sec-Fetch-Site", "same-site"), *JSON), key)


def cross_site_with_our_origin(to: Target, key: str) -> RawRequest:
    return post((*to.own, ("Sec-Fetch-Site", "cross-site"), *JSON), key)


def change_typed_into_the_address_bar(to: Target, key: str) -> RawRequest:
    return post((*to.carried, ("Sec-Fetch-Site", "none"), *JSON), key)


def neither_origin_nor_site(to: Target, key: str) -> RawRequest:
    return post((*to.carried, *JSON), key)


def rebound_name(to: Target, key: str) -> RawRequest:
    """evil.example was bound to 127.0.0.1 after its page had come: all is of one origin."""
    host = f"evil.example:{to.port}"
    mine = (("Host", host), ("Origin", f"http://{host}"), ("Sec-Fetch-Site", "same-origin"))
    return post((*mine, to.cookie(to.token), *JSON), key)


def name_that_begins_as_ours(to: Target, key: str) -> RawRequest:
    return post((("Host", f"{to.host}.evil.example"), to.cookie(to.token), *JSON), key)


def name_of_every_interface(to: Target, key: str) -> RawRequest:
    return post((("Host", f"0.0.0.0:{to.port}"), to.cookie(to.token), *JSON), key)


def address_as_one_number(to: Target, key: str) -> RawRequest:
    return post((("Host", f"2130706433:{to.port}"), to.cookie(to.token), *JSON), key)


def forwarded_host(to: Target, key: str) -> RawRequest:
    foreign = (("Host", "evil.example"), ("X-Forwarded-Host", to.host))
    more = (("X-Forwarded-For", "127.0.0.1"), ("Forwarded", f"host={to.host}"))
    return post((*foreign, *more, ("Authorization", f"Bearer {to.token}"), *JSON), key)


def no_host(to: Target, key: str) -> RawRequest:
    headers = (("Authorization", f"Bearer {to.token}"), *JSON)
    return post(headers, key, version="1.0")


def two_hosts(to: Target, key: str) -> RawRequest:
    return post((("Host", "evil.example"), *to.own, *JSON), key)


def two_origins(to: Target, key: str) -> RawRequest:
    return post((*to.own, ("Origin", "https://evil.example"), *JSON), key)


def two_types(to: Target, key: str) -> RawRequest:
    return post((*to.own, *JSON, ("Content-Type", "text/plain")), key)


def two_authorizations(to: Target, key: str) -> RawRequest:
    twice = (("Authorization", f"Bearer {to.token}"), ("Authorization", "Bearer wrong"))
    return post((("Host", to.host), *twice, *JSON), key)


def address_of_another_server(to: Target, key: str) -> RawRequest:
    return post((*to.own, *JSON), key, "http://evil.example/graphql")


def whole_address_of_ours(to: Target, key: str) -> RawRequest:
    return post((*to.own, *JSON), key, f"http://{to.host}/graphql")


def reported_materialization(to: Target, key: str) -> RawRequest:
    return RawRequest("POST", f"/report_asset_materialization/{key}", to.carried, b"")


def reported_materialization_of_our_page(to: Target, key: str) -> RawRequest:
    path = f"/report_asset_materialization/{key}?{urlencode({'data_version': 'forged'})}"
    return RawRequest("POST", path, to.own, b"")


def reported_materialization_in_a_query(to: Target, key: str) -> RawRequest:
    query = urlencode({"asset_key": json.dumps([key])})
    return RawRequest("POST", f"/report_asset_materialization/?{query}", to.carried, b"")


def reported_observation(to: Target, key: str) -> RawRequest:
    path = f"/report_asset_observation/{key}"
    return RawRequest("POST", path, (*to.carried, ("Origin", "https://evil.example")), b"")


CHANGES = {
    no_token: 401,
    wrong_bearer: 401,
    empty_bearer: 401,
    token_by_another_scheme: 401,
    bearer_of_the_start_before: 401,
    cookie_of_the_start_before: 401,
    empty_cookie: 401,
    cookie_of_another_port: 401,
    token_in_the_address_of_a_post: 401,
    image: 403,
    image_of_an_old_browser: 405,
    link_in_a_mail: 405,
    link_with_the_token: 303,
    percent_encoded_path: 405,
    form: 403,
    form_without_origin: 403,
    form_of_our_page: 415,
    text_that_dagster_takes_for_json: 403,
    text_of_our_page: 415,
    graphql_as_its_own_type: 415,
    no_type: 415,
    foreign_origin: 403,
    foreign_origin_with_bearer: 403,
    origin_of_a_sandboxed_frame: 403,
    origin_of_another_port: 403,
    origin_of_another_scheme: 403,
    origin_of_another_name_of_ours: 403,
    origin_that_begins_as_ours: 403,
    cross_site_without_origin: 403,
    same_site_without_origin: 403,
    cross_site_with_our_origin: 403,
    change_typed_into_the_address_bar: 403,
    neither_origin_nor_site: 403,
    rebound_name: 421,
    name_that_begins_as_ours: 421,
    name_of_every_interface: 421,
    address_as_one_number: 421,
    forwarded_host: 421,
    no_host: 421,
    two_hosts: 400,
    two_origins: 400,
    two_types: 400,
    two_authorizations: 400,
    address_of_another_server: 400,
    whole_address_of_ours: 400,
    reported_materialization: 403,
    reported_materialization_of_our_page: 415,
    reported_materialization_in_a_query: 403,
    reported_observation: 403,
}
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


# --- WebSockets: browsers ask nobody before they open one to another origin


def ws_of_a_foreign_page(to: Target) -> RawRequest:
    return handshake((*to.carried, ("Origin", "https://evil.example")))


def ws_of_another_port(to: Target) -> RawRequest:
    return handshake((*to.carried, ("Origin", "http://127.0.0.1:8081")))


def ws_of_a_sandboxed_frame(to: Target) -> RawRequest:
    return handshake((*to.carried, ("Origin", "null")))


def ws_without_origin(to: Target) -> RawRequest:
    return handshake(to.carried)


def ws_cross_site(to: Target) -> RawRequest:
    return handshake((*to.own, ("Sec-Fetch-Site", "cross-site")))


def ws_without_token(to: Target) -> RawRequest:
    return handshake((("Host", to.host), ("Origin", f"http://{to.host}")))


def ws_with_the_token_before(to: Target) -> RawRequest:
    origin = ("Origin", f"http://{to.host}")
    return handshake((("Host", to.host), origin, to.cookie(to.old_token)))


def ws_with_the_token_in_its_address(to: Target) -> RawRequest:
    own = (("Host", to.host), ("Origin", f"http://{to.host}"))
    return handshake(own, f"/graphql?token={to.token}")


def ws_of_a_rebound_name(to: Target) -> RawRequest:
    host = f"evil.example:{to.port}"
    return handshake((("Host", host), ("Origin", f"http://{host}"), to.cookie(to.token)))


def ws_of_a_program_for_a_foreign_page(to: Target) -> RawRequest:
    bearer = ("Authorization", f"Bearer {to.token}")
    return handshake((("Host", to.host), bearer, ("Origin", "https://evil.example")))


WEBSOCKETS = {
    ws_of_a_foreign_page: 403,
    ws_of_another_port: 403,
    ws_of_a_sandboxed_frame: 403,
    ws_without_origin: 403,
    ws_cross_site: 403,
    ws_without_token: 401,
    ws_with_the_token_before: 401,
    ws_with_the_token_in_its_address: 401,
    ws_of_a_rebound_name: 421,
    ws_of_a_program_for_a_foreign_page: 403,
}
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
