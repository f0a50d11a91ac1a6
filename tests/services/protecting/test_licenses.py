"""Licences from issue to revocation: rows, documents at the edge, audit, events; no secret in any.

Readium's own code asks for their status over HTTP.
"""

import base64
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.protecting.lcp.license import (
    LicenseRights,
    issuer_for_tests,
    passphrase_hash,
    unlock,
)
from ebook_pipeline.books.protecting.lcp.status import (
    Device,
    LicenseFailure,
    LicenseRefused,
    LicenseState,
)
from ebook_pipeline.books.records import (
    CatalogEntry,
    Distribution,
    Product,
    Protection,
    ReleaseFile,
)
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.protecting.license_records import (
    DevicePolicy,
    License,
    LicenseProvider,
    LicenseRequest,
    LicenseSale,
    license_path,
    status_path,
)
from ebook_pipeline.services.protecting.licenses import Licenses, RequestReused
from ebook_pipeline.services.protecting.rewrapping import rewrap
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.selling import availability
from tests.support.paths import JUDGES
from tests.support.servers.postgres import rows, sealed_by
from tests.support.services.submissions import arrive, blob

NODE = shutil.which("node")
ISSUER = issuer_for_tests("https://example.org")
PASSPHRASE = "correct horse, battery staple"
HASHED = passphrase_hash(PASSPHRASE)
START = datetime.now(UTC).replace(microsecond=0)
SOON, LATER = START + timedelta(days=21), START + timedelta(days=42)


class Clock:
    """Goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LocalEdge]:
    """An edge whose pointers are delivered over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pointer(edge, self.path.lstrip("/"))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        edge = LocalEdge(tmp_path / "released", tmp_path / "edge.secret", address)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield edge
        server.shutdown()
        thread.join()
        edge.close()


def pointer(edge: LocalEdge, path: str) -> bytes:
    """What the edge has at `path`."""
    return base64.b64decode(edge._origin.entry(path).body or "")


@pytest.fixture
def vault(tmp_path: Path) -> LocalKeyVault:
    return LocalKeyVault(tmp_path / "vault")


@pytest.fixture(name="database")
def sealed_database(database: Database, vault: LocalKeyVault) -> Iterator[Database]:
    with sealed_by(database, vault) as ours:
        yield ours


@pytest.fixture
def shop(database: Database, vault: LocalKeyVault, served: LocalEdge, clock: Clock) -> Licenses:
    arrive(database)
    on_sale(database)
    return Licenses(
        database, vault, served, LicenseProvider(ISSUER, "https://example.org/hint"), clock
    )


def on_sale(database: Database, protection: Protection = Protection.LCP) -> None:
    entry = CatalogEntry(book="emma", edition=1, release=f"r-{protection}", title="Emma")
    file = ReleaseFile(rel="publication", path="books/emma/r1.epub", blob=blob("r1"))
    distribution = Distribution(release=entry.release, files=(file,), protection=protection)
    releases.go_live(
        database, entry, Product(title="Emma"), distribution=distribution, actor="pipeline"
    )


def issued(shop: Licenses, **wish: Any) -> License:
    wished = {"rights": LicenseRights(pages=10, end=SOON), "may_end": LATER} | wish
    return shop.issue(LicenseRequest(book="emma", reader="r-17", **wished), HASHED, actor="ann")


def test_a_licence_opens_the_edition_and_says_where_its_status_is(
    shop: Licenses, database: Database, vault: LocalKeyVault, served: LocalEdge
) -> None:
    made = issued(shop)
    document = pointer(served, license_path(made.id))
    assert unlock(document, HASHED) == ContentKeys(database, vault).for_edition("emma", 1).key
    said = json.loads(document)
    links = {link["rel"]: link for link in said["links"]}
    assert (said["id"], said["user"], said["rights"]["print"]) == (made.id, {"id": "r-17"}, 10)
    assert links["status"]["href"].endswith(status_path(made.id))
    assert links["publication"]["hash"] == blob("r1").sha256
    assert json.loads(pointer(served, status_path(made.id)))["status"] == "active"
    with pytest.raises(Denied):
        unlock(document, passphrase_hash("another"))


def test_a_renewed_licence_has_the_same_id_and_a_later_end(shop: Licenses, clock: Clock) -> None:
    made = issued(shop)
    clock.passes(days=20)
    renewed = shop.renew(made.id, LATER, actor="ann")
    assert (renewed.id, renewed.rights.end, renewed.updated) == (made.id, LATER, clock.now)
    said = json.loads(shop.document(made.id))
    assert (said["id"], said["issued"]) == (made.id, START.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert said["updated"] > said["issued"]
    assert unlock(shop.document(made.id), HASHED)


@pytest.mark.parametrize("days", [20, 21, 43])
def test_a_renewal_ends_later_and_not_too_late(shop: Licenses, days: int) -> None:
    made = issued(shop)
    with pytest.raises(Denied, match="must end after"):
        shop.renew(made.id, START + timedelta(days=days), actor="ann")


def test_a_licence_without_an_end_is_not_renewed(shop: Licenses) -> None:
    made = issued(shop, rights=LicenseRights())
    with pytest.raises(Denied, match="never ends"):
        shop.renew(made.id, LATER, actor="ann")


def test_what_is_over_stays_over(shop: Licenses, clock: Clock) -> None:
    revoked, returned, expired = issued(shop), issued(shop), issued(shop)
    assert shop.revoke(revoked.id, actor="ann").state is LicenseState.REVOKED
    assert shop.return_(returned.id, actor="ann").state is LicenseState.RETURNED
    clock.passes(days=22)
    assert shop.find(expired.id).state is LicenseState.EXPIRED
    for one in (revoked, returned, expired):
        with pytest.raises(Denied, match=r"is (revoked|returned|expired)"):
            shop.renew(one.id, LATER, actor="ann")
        with pytest.raises(Denied):
            shop.return_(one.id, actor="ann")


def test_a_revoked_licence_ends_when_it_is_revoked(shop: Licenses, clock: Clock) -> None:
    made = issued(shop)
    clock.passes(hours=1)
    shop.revoke(made.id, actor="ann")
    said = json.loads(shop.document(made.id))
    assert said["rights"]["end"] == clock.now.strftime("%Y-%m-%dT%H:%M:%SZ") == said["updated"]


def test_with_a_server_a_licence_is_ready_until_a_device_registers(
    shop: Licenses, database: Database, vault: LocalKeyVault, served: LocalEdge
) -> None:
    server = LicenseProvider(ISSUER, "https://example.org/hint", "https://example.org/licenses")
    shop = Licenses(database, vault, served, server)
    made, unused = issued(shop), issued(shop)
    assert made.state is LicenseState.READY
    device = Device(id="d-1", name="eInk reader")
    for _ in range(2):
        assert shop.register(made.id, device, actor="device").state is LicenseState.ACTIVE
    assert [event.device for event in shop.status(made.id).events] == [device]
    assert shop.return_(unused.id, actor="ann").state is LicenseState.CANCELLED


def test_everything_is_audited_and_told_once(shop: Licenses, database: Database) -> None:
    made = issued(shop)
    shop.renew(made.id, LATER, actor="bob")
    shop.revoke(made.id, actor="eve")
    done = [("ann", "license.issued"), ("bob", "license.renewed"), ("eve", "license.revoked")]
    told = "SELECT actor, action FROM audit WHERE action LIKE 'license.%' ORDER BY id"
    assert rows(database, told) == done
    events = rows(database, "SELECT event FROM outbox WHERE event LIKE 'license.%' ORDER BY id")
    assert [event for (event,) in events] == [action for _, action in done]


def test_no_licence_is_issued_before_the_first_day_of_sale(
    shop: Licenses, database: Database
) -> None:
    book = issued(shop).book
    availability.sell_from(database, book, date(2099, 1, 1), actor="ann")
    with pytest.raises(Denied, match="sold from 2099-01-01 on"):
        issued(shop)
    availability.sell_from(database, book, None, actor="ann")
    assert issued(shop).book == book


def test_what_is_not_on_sale_or_not_under_lcp_is_not_licensed(
    shop: Licenses, database: Database
) -> None:
    with pytest.raises(Denied, match="not on sale"):
        shop.issue(LicenseRequest(book="nobody", reader="r"), HASHED, actor="ann")
    with pytest.raises(NotFound, match="publication-pdf"):
        issued(shop, form="publication-pdf")
    on_sale(database, Protection.SOCIAL)
    with pytest.raises(Denied, match="social"):
        issued(shop)
    with pytest.raises(NotFound, match="no licence"):
        shop.revoke("nothing", actor="ann")


def test_neither_passphrase_nor_key_is_in_any_row_or_document(
    shop: Licenses, database: Database, vault: LocalKeyVault, served: LocalEdge
) -> None:
    made = issued(shop)
    content_key = ContentKeys(database, vault).for_edition("emma", 1).key
    tables = ["license", "license_event", "audit", "outbox", "content_key", "house_key"]
    stored = repr([rows(database, f"SELECT t::text FROM {name} t") for name in tables])
    for path in (license_path(made.id), status_path(made.id)):
        stored += pointer(served, path).decode()
    assert made.id in stored
    assert not leaks(stored, PASSPHRASE.encode(), HASHED.reveal(), content_key.reveal())


def leaks(text: str, *secrets: bytes) -> list[str]:
    """The forms in which a secret stands in `text`."""
    forms = [
        form
        for secret in secrets
        for form in (secret.hex(), base64.b64encode(secret).decode(), secret.decode("latin-1"))
    ]
    return [form for form in forms if form in text]


def test_a_licence_is_renewed_after_the_master_key_was_replaced(
    shop: Licenses, database: Database, vault: LocalKeyVault, tmp_path: Path
) -> None:
    made = issued(shop)
    vault.rotate()
    assert rewrap(database, vault, actor="ann").user_keys == 1
    (tmp_path / "vault" / "0001.key").unlink()
    shop.renew(made.id, LATER, actor="ann")
    assert unlock(shop.document(made.id), HASHED)


def test_a_sealed_user_key_is_bound_to_its_licence(shop: Licenses, database: Database) -> None:
    mine, other = issued(shop), issued(shop)
    with database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE license SET user_key = (SELECT user_key FROM license WHERE id = %s) "
            "WHERE id = %s",
            (mine.id, other.id),
        )
    with pytest.raises(Denied):
        shop.document(other.id)


@pytest.mark.skipif(
    NODE is None or not (JUDGES / "node_modules" / "r2-lcp-js").is_dir(),
    reason="Readium's code is not here: npm ci --omit=dev --prefix tests/judges (needs node)",
)
def test_readiums_code_sees_that_a_licence_was_revoked(
    shop: Licenses, clock: Clock, tmp_path: Path
) -> None:
    made = issued(shop)
    licence = tmp_path / "mine.lcpl"
    licence.write_bytes(shop.document(made.id))
    assert judged(licence) == {
        "id": made.id, "status": "active", "may_open": True, "updated": False, "events": [],
    }  # fmt: skip
    clock.passes(hours=1)
    shop.revoke(made.id, actor="ann")
    said = judged(licence)
    assert (said["status"], said["may_open"], said["updated"]) == ("revoked", False, True)
    assert said["events"] == ["revoked"]


def judged(licence: Path) -> Any:
    argv = [str(NODE), str(JUDGES / "ask_status.js"), str(licence)]
    answer = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(answer.stdout)


def test_keys_of_the_wrong_length_are_refused(shop: Licenses) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        shop.issue(LicenseRequest(book="emma", reader="r"), Secret(b"short"), actor="ann")


@pytest.fixture
def library(
    database: Database, vault: LocalKeyVault, served: LocalEdge, clock: Clock, shop: Licenses
) -> Licenses:
    """A shop whose licences readers' devices register, renew and return by themselves."""
    policy = DevicePolicy(devices=2, renewals=3, renewal_days=7)
    server = LicenseProvider(ISSUER, "https://example.org/hint", "https://example.org/lcp", policy)
    return Licenses(database, vault, served, server, clock)


EINK = Device(id="d-1", name="eInk reader")


def failure_of(ask: Callable[[], object]) -> LicenseFailure:
    with pytest.raises(LicenseRefused) as refused:
        ask()
    return refused.value.failure


def test_a_licence_is_on_so_many_devices_and_no_more(library: Licenses) -> None:
    made = issued(library)
    for at in (1, 2, 1):
        library.register(made.id, Device(id=f"d-{at}", name="one"), actor="device")
    third = Device(id="d-3", name="one too many")
    failure = failure_of(lambda: library.register(made.id, third, actor="device"))
    assert (failure, failure.http_status) == (LicenseFailure.REGISTRATION, 400)
    assert len(library.status(made.id).events) == 2


def test_devices_that_register_at_once_are_no_more_than_may_be(library: Licenses) -> None:
    made = issued(library)

    def register(at: int) -> bool:
        try:
            library.register(made.id, Device(id=f"d-{at}", name="one"), actor="device")
        except LicenseRefused:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(register, range(6))) == 2
    assert len(library.status(made.id).events) == 2


def test_a_device_renews_by_the_policys_days_to_the_last_day_it_may(library: Licenses) -> None:
    made = issued(library)
    ends = [library.renew(made.id, None, actor="device", device=EINK).rights.end for _ in "123"]
    assert ends == [SOON + timedelta(days=days) for days in (7, 14, 21)]
    assert library.status(made.id).renewable is False
    assert library.renew(made.id, None, actor="device", device=EINK).rights.end == LATER


def test_the_same_renewal_again_is_the_same_and_a_later_one_is_refused(library: Licenses) -> None:
    made = issued(library)
    for _ in range(2):
        library.renew(made.id, SOON + timedelta(days=1), actor="device", device=EINK)
    assert len(library.status(made.id).events) == 1
    for end in (LATER + timedelta(seconds=1), SOON):
        ask = partial(library.renew, made.id, end, actor="device", device=EINK)
        assert failure_of(ask) is LicenseFailure.RENEWAL_DATE


def test_a_device_renews_so_often_and_only_what_has_a_last_day(library: Licenses) -> None:
    made, open_ended = issued(library), issued(library, may_end=None)
    for day in (1, 2, 3):
        library.renew(made.id, SOON + timedelta(days=day), actor="device", device=EINK)
    again = partial(library.renew, made.id, LATER, actor="device", device=EINK)
    assert failure_of(again) is LicenseFailure.RENEWAL
    assert library.renew(made.id, LATER, actor="ann").rights.end == LATER
    mine = partial(library.renew, open_ended.id, LATER, actor="device", device=EINK)
    assert failure_of(mine) is LicenseFailure.RENEWAL


def test_a_reading_system_is_told_why_a_book_can_not_be_returned(
    library: Licenses, clock: Clock
) -> None:
    returned, revoked, expired = issued(library), issued(library), issued(library)
    library.register(returned.id, EINK, actor="device")
    library.register(revoked.id, EINK, actor="device")
    library.return_(returned.id, actor="device", device=EINK)
    library.revoke(revoked.id, actor="ann")
    clock.passes(days=50)
    failures = [
        failure_of(partial(library.return_, one.id, actor="device", device=EINK))
        for one in (returned, revoked, expired)
    ]
    assert failures == [
        LicenseFailure.RETURNED_ALREADY,
        LicenseFailure.RETURN,
        LicenseFailure.EXPIRED,
    ]


def test_a_licence_with_a_server_leads_to_it(library: Licenses) -> None:
    made = issued(library)
    links = {link["rel"]: link["href"] for link in json.loads(library.document(made.id))["links"]}
    assert links["status"] == f"https://example.org/lcp/{made.id}/status"
    assert library.status(made.id).license_url.endswith(f"/lcp/{made.id}/license.lcpl")


def test_a_program_that_asks_again_gets_the_licence_of_then(
    library: Licenses, database: Database
) -> None:
    request = LicenseRequest(book="emma", reader="r-17")
    sale = LicenseSale(client="shop", request="order-1", holder="bob")

    def ask(_: int) -> str:
        return library.issue(request, HASHED, actor="ann", sale=sale).id

    with ThreadPoolExecutor(4) as threads:
        [made] = set(threads.map(ask, range(4)))
    assert rows(database, "SELECT count(*) FROM audit WHERE action = 'license.issued'") == [(1,)]
    assert (library.find(made).holder, library.find(made).client) == ("bob", "shop")
    other = LicenseSale(client="other shop", request="order-1")
    assert library.issue(request, HASHED, actor="ann", sale=other).id != made
    for changed in (request.model_copy(update={"reader": "r-18"}), request):
        word = HASHED if changed is not request else passphrase_hash("another")
        with pytest.raises(RequestReused):
            library.issue(changed, word, actor="ann", sale=sale)


def test_a_licence_is_on_nobodys_shelf_whom_we_do_not_know(library: Licenses) -> None:
    with pytest.raises(NotFound, match="nobody is called 'zoe'"):
        library.issue(
            LicenseRequest(book="emma", reader="r"),
            HASHED,
            actor="ann",
            sale=LicenseSale(holder="zoe"),
        )
