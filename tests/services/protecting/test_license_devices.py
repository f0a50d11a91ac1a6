"""Licences that readers' devices register, renew and return by themselves at their server."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from ebook_pipeline.books.protecting.lcp.license import passphrase_hash
from ebook_pipeline.books.protecting.lcp.status import Device, LicenseFailure, LicenseRefused
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.protecting.license_records import (
    DevicePolicy,
    LicenseProvider,
    LicenseRequest,
    LicenseSale,
)
from ebook_pipeline.services.protecting.licenses import Licenses, RequestReused
from tests.support.servers.postgres import rows
from tests.support.services.licenses import (
    HASHED,
    ISSUER,
    LATER,
    SOON,
    Clock,
    clock,
    issued,
    sealed_database,
    served,
    shop,
    vault,
)

__all__ = ["clock", "sealed_database", "served", "shop", "vault"]


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
