"""Licences from issue to revocation: rows, documents at the edge, audit, events; no secret in any.

Readium's own code asks for their status over HTTP.
"""

import base64
import json
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.protecting.lcp.license import LicenseRights, passphrase_hash, unlock
from ebook_pipeline.books.protecting.lcp.status import Device, LicenseState
from ebook_pipeline.books.records import Protection
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.protecting.license_records import (
    LicenseProvider,
    LicenseRequest,
    license_path,
    status_path,
)
from ebook_pipeline.services.protecting.licenses import Licenses
from ebook_pipeline.services.protecting.rewrapping import rewrap
from ebook_pipeline.services.selling import availability
from tests.support.paths import JUDGES
from tests.support.servers.postgres import rows
from tests.support.services.licenses import (
    HASHED,
    ISSUER,
    LATER,
    PASSPHRASE,
    START,
    Clock,
    clock,
    issued,
    on_sale,
    pointer,
    sealed_database,
    served,
    shop,
    vault,
)
from tests.support.services.submissions import blob

__all__ = ["clock", "sealed_database", "served", "shop", "vault"]

NODE = shutil.which("node")


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
