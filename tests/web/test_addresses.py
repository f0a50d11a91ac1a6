"""Which hosts are the web UI's own, and which origin its pages have there."""

import pytest
from pydantic import ValidationError

from ebook_pipeline.settings import Settings
from ebook_pipeline.web.addresses import Addresses, base_url

OWN = Addresses.of(Settings())


@pytest.mark.parametrize(
    "host", ["127.0.0.1:3000", "127.0.0.1", "localhost:8000", "[::1]:3000", "LocalHost"]
)
def test_loopback_is_ours_on_any_port(host: str) -> None:
    assert OWN.origin(host) == f"http://{host.lower()}"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:3000",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "localhost.",
        "localhost:3000:80",
        "localhost:123456",
        "localhost:",
        "me@localhost",
        "localhost/",
        "localhost:3000, evil.example",
        "0.0.0.0:3000",
        "[::]:3000",
        "::1",
        "127.1",
        "0x7f.0.0.1",
        "lоcalhost",
        "localhost\t",
        "localhost:３０００",
    ],
)
def test_no_other_name_is(host: str) -> None:
    assert OWN.origin(host) is None


def test_the_address_that_is_listened_on_is_ours() -> None:
    lan = Addresses.of(Settings(host="192.168.1.5"))
    assert lan.origin("192.168.1.5:3000") == "http://192.168.1.5:3000"
    assert lan.origin("192.168.1.6:3000") is None


def test_a_proxy_s_address_is_ours_with_its_scheme_and_port_alone() -> None:
    proxied = Addresses.of(Settings(web_origins="https://ui.example.org http://inner:81"))
    assert proxied.origin("ui.example.org") == "https://ui.example.org"
    assert proxied.origin("UI.example.org") == "https://ui.example.org"
    assert proxied.origin("ui.example.org:8443") is None
    assert proxied.origin("inner:81") == "http://inner:81"
    assert proxied.origin("inner") is None


@pytest.mark.parametrize(
    "wrong", ["ui.example.org", "https://a.example/", "ftp://a.example", "https://*", "https://A"]
)
def test_what_is_no_origin_is_no_setting(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Settings(web_origins=wrong)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:3000"),
        ("0.0.0.0", "http://127.0.0.1:3000"),
        ("::", "http://127.0.0.1:3000"),
        ("::1", "http://[::1]:3000"),
        ("books.lan", "http://books.lan:3000"),
    ],
)
def test_the_printed_address_is_one_that_a_browser_can_open(host: str, url: str) -> None:
    assert base_url(Settings(host=host)) == url
