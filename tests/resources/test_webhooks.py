"""Signed so that the library of receivers believes it, and bounded whatever a server answers."""

import base64
import logging
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks.webhooks import WebhookVerificationError

from ebook_pipeline.foundation.errors import Busy, Denied, Gone, NotFound, ServiceError, Unavailable
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.webhooks import Endpoint, Webhook, load_webhooks
from tests.support.servers.webhook_receiver import SECRET, WRITTEN, Receiver, receiving

EVENT = Event(
    id="8f6b0a3e-9d5b-4a3f-8a35-0d5b7f0f2a11",
    type="release.live",
    book="emma",
    at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    correlation="run-1",
    data={"edition": 1, "release": "0001"},
)
OLD = b"the secret that it had before, long"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def webhook(url: str, *secrets: bytes, types: tuple[str, ...] = ("*",), **options: Any) -> Webhook:
    endpoint = Endpoint(name="shop", url=url, types=types, secret_env="X")
    return Webhook(endpoint, [Secret(one) for one in secrets or (SECRET,)], **options)


def test_the_library_of_receivers_verifies_what_it_gets(receiver: Receiver) -> None:
    webhook(receiver.url).deliver(EVENT)
    (one,) = receiver.received
    assert one.id == EVENT.id
    assert one.verified() == EVENT.as_cloudevent()
    assert one.headers["content-type"].startswith("application/cloudevents+json")


def test_the_old_and_the_new_secret_both_sign(receiver: Receiver) -> None:
    webhook(receiver.url, SECRET, OLD).deliver(EVENT)
    (one,) = receiver.received
    assert one.verified(SECRET) == one.verified(OLD)


def test_a_body_that_was_tampered_with_is_refused(receiver: Receiver) -> None:
    webhook(receiver.url).deliver(EVENT)
    (one,) = receiver.received
    one.body = one.body.replace(b"emma", b"anna")
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        one.verified()


def test_another_secret_is_refused(receiver: Receiver) -> None:
    webhook(receiver.url, OLD).deliver(EVENT)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        receiver.received[0].verified()


@pytest.mark.parametrize(("seconds", "why"), [(-400, "too old"), (400, "too new")])
def test_a_clock_that_is_minutes_off_is_told_by_the_receiver(
    receiver: Receiver, seconds: int, why: str
) -> None:
    webhook(receiver.url, clock=lambda: time.time() + seconds).deliver(EVENT)
    with pytest.raises(WebhookVerificationError, match=why):
        receiver.received[0].verified()


def test_a_clock_that_is_a_minute_off_does_no_harm(receiver: Receiver) -> None:
    webhook(receiver.url, clock=lambda: time.time() - 60).deliver(EVENT)
    assert receiver.received[0].verified()["id"] == EVENT.id


@pytest.mark.parametrize(
    ("types", "count"),
    [
        (("*",), 1),
        (("release.*",), 1),
        (("review.decided", "release.live"), 1),
        (("release.withdrawn",), 0),
        (("review.*",), 0),
    ],
)
def test_a_server_gets_the_types_it_wants(
    receiver: Receiver, types: tuple[str, ...], count: int
) -> None:
    webhook(receiver.url, types=types).deliver(EVENT)
    assert len(receiver.received) == count


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, Unavailable),
        (429, Unavailable),
        (403, Denied),
        (404, NotFound),
        (410, Gone),
        (400, ServiceError),
        (302, ServiceError),
    ],
)
def test_any_other_answer_than_yes_is_an_error_that_says_so(
    receiver: Receiver, status: int, kind: type[ServiceError]
) -> None:
    receiver.status = status
    with pytest.raises(kind, match=f"webhook:shop answered {status}") as caught:
        webhook(receiver.url).deliver(EVENT)
    assert type(caught.value) is kind


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_says_when_to_come_again(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"Retry-After": "120"}
    with pytest.raises(Busy) as caught:
        webhook(receiver.url).deliver(EVENT)
    assert caught.value.seconds == 120


def test_when_to_come_again_may_be_a_date(receiver: Receiver) -> None:
    at = datetime.now(UTC) + timedelta(minutes=10)
    receiver.status, receiver.headers = 429, {"Retry-After": format_datetime(at, usegmt=True)}
    with pytest.raises(Busy) as caught:
        webhook(receiver.url).deliver(EVENT)
    assert 500 < caught.value.seconds <= 600


@pytest.mark.parametrize("after", ["soon", "-1", "", "²"])
def test_a_senseless_time_is_none(receiver: Receiver, after: str) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": after.encode().decode("latin-1")}
    with pytest.raises(Unavailable) as caught:
        webhook(receiver.url).deliver(EVENT)
    assert type(caught.value) is Unavailable


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
        with pytest.raises(ServiceError, match="redirects are not followed"):
            webhook(receiver.url).deliver(EVENT)
        assert elsewhere.received == []


@pytest.mark.parametrize("manner", ["hanging", "byte by byte", "cut off"])
def test_a_server_that_does_not_come_to_an_answer_is_unavailable(
    receiver: Receiver, manner: str
) -> None:
    receiver.manner = manner
    with pytest.raises(Unavailable, match="webhook:shop: no answer"):
        webhook(receiver.url, seconds=0.5).deliver(EVENT)


def test_an_answer_without_end_is_cut_off_and_was_a_yes(receiver: Receiver) -> None:
    receiver.manner = "without end"
    webhook(receiver.url).deliver(EVENT)
    assert receiver.ids == [EVENT.id]


def test_a_server_whose_certificate_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    with receiving(_self_signed(tmp_path)) as receiver:
        with pytest.raises(Unavailable, match="no answer: ConnectError"):
            webhook(receiver.url).deliver(EVENT)
        assert receiver.received == []


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + made.public_bytes(pem))
    return folder / "server.pem"


def test_nobody_there_is_unavailable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable, match="no answer: ConnectError"):
        webhook(f"http://127.0.0.1:{port}/").deliver(EVENT)


def test_neither_secret_nor_url_stands_in_errors_or_logs(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.status = 500
    hook = webhook(f"{receiver.url}?token=s3cret")
    with pytest.raises(Unavailable) as caught:
        hook.deliver(EVENT)
    said = caplog.text + repr(caught.value) + repr(vars(hook))
    assert SECRET.decode() not in said
    assert base64.b64encode(SECRET).decode() not in said
    assert "s3cret" not in caplog.text + repr(caught.value)


GOOD = """
[[webhook]]
name = "shop"
url = "https://shop.example/hooks"
types = ["release.*", "review.decided"]
secret_env = ["SHOP_NEW", "SHOP_OLD"]

[[webhook]]
name = "library"
url = "https://library.example/hooks"
types = "*"
secret_file = "library.secret"
"""


def load(
    tmp_path: Path, text: str, scheme: Literal["http", "https"] = "https", **variables: str
) -> list[Webhook]:
    file = tmp_path / "webhooks.toml"
    file.write_text(text)
    return load_webhooks(file, {"SHOP_NEW": WRITTEN, "SHOP_OLD": WRITTEN, **variables}.get, scheme)


def test_the_file_names_servers_and_where_their_secrets_are(tmp_path: Path) -> None:
    (tmp_path / "library.secret").write_text(f"{WRITTEN}\n")
    loaded = load(tmp_path, GOOD)
    assert [one.name for one in loaded] == ["webhook:shop", "webhook:library"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('name = "shop"', 'name = "library"'), "two webhooks have the same name"),
        (("https://shop", "http://shop"), "must begin with https"),
        (("https://shop", "ftp://shop"), "an http or https address"),
        (("https://shop", "https://me:pw@shop"), "without a user"),
        (("release.*", "release.lvie"), "no event is called 'release.lvie'"),
        (('secret_file = "library.secret"', f'secret = "{WRITTEN}"'), "Extra inputs"),
        (('secret_file = "library.secret"', ""), "where the secret is"),
        (('"SHOP_OLD"', '"SHOP_UNSET"'), r"\$SHOP_UNSET: there is no secret"),
        (('"SHOP_OLD"', '"SHORT"'), "a secret has 24 to 64 bytes"),
        (('"SHOP_OLD"', '"ODD"'), "the secret is no Base64"),
        (("library.secret", "nowhere.secret"), "No such file"),
        (("[[webhook]]", "[[webhook"), "no TOML"),
        (('types = "*"', ""), "types: Field required"),
    ],
)
def test_a_wrong_file_is_refused_without_a_word_of_a_secret(
    tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    (tmp_path / "library.secret").write_text(WRITTEN)
    odd = f"{uuid.uuid4()}!"
    with pytest.raises(ServiceError, match=why) as caught:
        load(tmp_path, GOOD.replace(*change), SHORT="whsec_c2hvcnQ=", ODD=odd)
    told = repr(caught.value) + str(caught.value.__cause__)
    assert WRITTEN not in told
    assert odd not in told


def test_one_machine_may_use_http(tmp_path: Path) -> None:
    (tmp_path / "library.secret").write_text(WRITTEN)
    assert len(load(tmp_path, GOOD.replace("https", "http"), scheme="http")) == 2
