"""What foreign pages, names and users send to a web server that drives Dagster.

Each is a function of the server under attack; those that would change something plant a key.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

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


def line_s_end_behind_the_path(to: Target, key: str) -> RawRequest:
    """A route's pattern ends before it; nothing else takes this path for GraphQL's."""
    return RawRequest("GET", in_url(key, "/graphql%0A"), to.carried)


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
    line_s_end_behind_the_path: 400,
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
