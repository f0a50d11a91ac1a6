"""Licences of readers: issued, renewed, returned and revoked; each by somebody, each told.

What readers fetch (Licence and Status Document) is written to the edge after every commit; the
rows are the truth, and `publish` repairs the copies. A passphrase never comes here: its hash does,
and is kept sealed, since a renewed licence is minted anew.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from ebook_pipeline.books.protecting.lcp import license, status
from ebook_pipeline.books.protecting.lcp.license import LicenseTerms, PublicationLink
from ebook_pipeline.books.protecting.lcp.status import (
    Device,
    LicenseEvent,
    LicenseEventType,
    LicenseFailure,
    LicenseRefused,
    LicenseState,
    LicenseStatus,
)
from ebook_pipeline.books.records import Protection, ReleaseFile
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database import license_tables as tables
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.protecting.license_records import (
    License,
    LicenseProvider,
    LicenseRequest,
    LicenseSale,
    check_end,
    event_of,
    file_of,
    license_context,
    license_of,
    license_path,
    locked_row,
    released_file,
    require_person,
    row_of,
    status_path,
)
from ebook_pipeline.services.protecting.sealing import seal, unseal
from ebook_pipeline.services.releasing import releases

_LICENSE = tables.license.c
_EVENT = tables.license_event.c
_HASH_BYTES = 32
_DOWNLOADS_LAST = 10 * 365 * 86_400
"""Seconds that the link of a licence works: the file is of no use without the licence."""
_BY_SHOP = LicenseSale()


class RequestReused(Denied):
    """A program has asked for another licence by the same name of a request."""


class Licenses:
    """Every change is one transaction with its audit row and its event.

    Raises `NotFound` for what is unknown, `Denied` for what may not be; `LicenseRefused`, which is
    one, says which failure it is to a reading system.
    """

    def __init__(
        self,
        database: Database,
        vault: KeyVault,
        cdn: Cdn,
        provider: LicenseProvider,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._vault, self._cdn, self._provider = database, vault, cdn, provider
        self._now = now
        self._keys = ContentKeys(database, vault)

    def issue(
        self,
        request: LicenseRequest,
        hashed: Secret,
        *,
        actor: str,
        sale: LicenseSale = _BY_SHOP,
    ) -> License:
        """A licence for the release that is on sale; `hashed` is the SHA-256 of the passphrase.

        Asked again by a program, by the same name of its request, it is the licence of then.
        `Denied` where the book is off sale, or not under LCP; `RequestReused` where that name was
        another request's; ValueError for what is no SHA-256.
        """
        if len(hashed) != _HASH_BYTES:
            raise ValueError(f"the SHA-256 of a passphrase has {_HASH_BYTES} bytes")
        before = self._asked_before(request, hashed, sale)
        if before is not None:
            return self._published(before)
        edition = self._on_sale(request)
        made, now = str(uuid.uuid4()), self._now()
        row = row_of(request, sale) | {
            "id": made,
            "edition": edition,
            "provider": self._provider.issuer.provider,
            "user_key": seal(self._vault, license_context(made), hashed),
            "issued": now,
            "updated": now,
            "status_updated": now,
            "state": LicenseState.READY if self._provider.server else LicenseState.ACTIVE,
        }
        if not self._write(row, actor):
            return self.issue(request, hashed, actor=actor, sale=sale)
        return self._published(made)

    def find(self, id: str) -> License:
        """The licence as it stands now."""
        with self._database.begin() as connection:
            return license_of(locked_row(connection, id), self._now())

    def of_book(self, book: str) -> tuple[License, ...]:
        """Every licence of a book, the newest last."""
        return self._list(_LICENSE.book == book)

    def register(self, id: str, device: Device, *, actor: str) -> License:
        """Note a device (LSD §3.3), as long as the policy has room; the same again is no change."""
        failure = LicenseFailure.REGISTRATION
        with self._database.begin() as connection:
            before = self._usable(connection, id, failure)
            these = (_EVENT.license == id) & (_EVENT.type == LicenseEventType.REGISTER)
            known = select(_EVENT.device).where(these)
            devices = set(connection.execute(known).scalars())
            if device.id in devices:
                return before
            if len(devices) >= self._provider.policy.devices:
                raise LicenseRefused(failure, f"it is on {len(devices)} devices already")
            self._change(connection, id, {"state": LicenseState.ACTIVE}, renewed=False)
            event = LicenseEvent(type=LicenseEventType.REGISTER, at=self._now(), device=device)
            self._note(connection, before, event, actor)
        return self._published(id)

    def renew(
        self,
        id: str,
        end: datetime | None,
        *,
        actor: str,
        device: Device | None = None,
        precondition: Precondition[License] = unconditionally,
    ) -> License:
        """Let the licence end later (LSD §3.5), at most at its `may_end`.

        Without an `end` by the policy's days. A device's own renewal needs a `may_end`, and the
        same end again changes nothing: its first answer may have been lost.
        """
        with self._database.begin() as connection:
            before = self._usable(connection, id, LicenseFailure.RENEWAL)
            precondition(before)
            if before.rights.end is None:
                message = "this licence never ends: there is nothing to renew"
                raise LicenseRefused(LicenseFailure.RENEWAL, message)
            end = end or self._next_end(before, before.rights.end)
            if device is not None and end == before.rights.end:
                return before
            check_end(before, before.rights.end, end)
            if device is not None:
                self._check_renewals(connection, before)
            self._change(connection, id, {"ends": end})
            event = LicenseEvent(type=LicenseEventType.RENEW, at=self._now(), device=device)
            self._note(connection, before, event, actor)
        return self._published(id)

    def return_(
        self,
        id: str,
        *,
        actor: str,
        device: Device | None = None,
        precondition: Precondition[License] = unconditionally,
    ) -> License:
        """The reader gives the book back (LSD §3.4): cancelled, where no device ever had it."""
        return self._finish(id, LicenseEventType.RETURN, actor, device, precondition)

    def revoke(
        self, id: str, *, actor: str, precondition: Precondition[License] = unconditionally
    ) -> License:
        """The shop takes the licence away: cancelled, where no device ever had it."""
        return self._finish(id, LicenseEventType.REVOKE, actor, None, precondition)

    def document(self, id: str) -> bytes:
        """The Licence Document, minted anew: the same id, and the rights as they are now."""
        with self._database.begin() as connection:
            row = locked_row(connection, id)
        issued = license_of(row, self._now())
        hashed = unseal(self._vault, license_context(id), bytes(row.user_key))
        key = self._keys.for_edition(issued.book, issued.edition).key
        terms = LicenseTerms(
            id=id,
            reader=issued.reader,
            hint=issued.hint,
            hint_url=self._provider.hint_url,
            issued=issued.issued,
            updated=issued.updated,
            status_url=self._served(id, "status") or self._cdn.url(status_path(id)),
            rights=issued.rights,
        )
        download = self._download(issued)
        return license.issue_license(self._provider.issuer, key, hashed, download, terms)

    def publication(self, id: str) -> ReleaseFile:
        """The protected file that the licence opens: in the newest release of its edition."""
        return self._file(self.find(id))

    def status(self, id: str) -> LicenseStatus:
        """What is known of the licence, for its Status Document."""
        query = select(tables.license_event).where(_EVENT.license == id).order_by(_EVENT.id)
        with self._database.begin() as connection:
            issued = license_of(locked_row(connection, id), self._now())
            events = tuple(map(event_of, connection.execute(query)))
        end, last = issued.rights.end, issued.may_end
        return LicenseStatus(
            id=id,
            state=issued.state,
            profile=self._provider.issuer.profile,
            license_updated=issued.updated,
            status_updated=issued.status_updated,
            license_url=self._served(id, "license.lcpl") or self._cdn.url(license_path(id)),
            server=self._provider.server,
            renewable=end is not None and last is not None and end < last,
            may_end=issued.may_end,
            events=events,
        )

    def publish(self, id: str) -> None:
        """Write both documents to the edge; after every commit, and to repair them."""
        self._cdn.point(license_path(id), self.document(id), license.MEDIA_TYPE)
        document = status.status_document(self.status(id))
        self._cdn.point(status_path(id), document, license.STATUS_MEDIA_TYPE)

    def _served(self, id: str, name: str) -> str | None:
        """Where the provider's server has one of the documents, which is never a minute old."""
        server = self._provider.server
        return None if server is None else f"{server.rstrip('/')}/{id}/{name}"

    def _published(self, id: str) -> License:
        self.publish(id)
        return self.find(id)

    def _list(self, where: ColumnElement[bool]) -> tuple[License, ...]:
        query = select(tables.license).where(where).order_by(_LICENSE.issued, _LICENSE.id)
        with self._database.begin() as connection:
            return tuple(license_of(row, self._now()) for row in connection.execute(query))

    def _asked_before(
        self, request: LicenseRequest, hashed: Secret, sale: LicenseSale
    ) -> str | None:
        """The licence that was issued for this request, if there was one."""
        if not sale.request:
            return None
        same = (_LICENSE.client == sale.client) & (_LICENSE.request == sale.request)
        with self._database.begin() as connection:
            row = connection.execute(select(tables.license).where(same)).first()
        if row is None:
            return None
        kept = unseal(self._vault, license_context(row.id), bytes(row.user_key))
        if (row.request_digest, kept) != (row_of(request, sale)["request_digest"], hashed):
            raise RequestReused(f"the request {sale.request!r} was for another licence")
        return str(row.id)

    def _write(self, row: dict[str, Any], actor: str) -> bool:
        """Whether this is the first of its request: of two at once the other one is."""
        with self._database.begin() as connection:
            lock_book_row(connection, row["book"])
            require_person(connection, row["holder"])
            written = insert_once(tables.license).values(row).on_conflict_do_nothing()
            if not connection.execute(written).rowcount:
                return False
            facts = {"license": row["id"], "reader": row["reader"]}
            _tell(connection, actor, "issued", row["book"], facts)
        return True

    def _finish(
        self,
        id: str,
        type_: LicenseEventType,
        actor: str,
        device: Device | None,
        precondition: Precondition[License],
    ) -> License:
        with self._database.begin() as connection:
            before = self._usable(connection, id, LicenseFailure.RETURN)
            precondition(before)
            if before.state is LicenseState.READY:
                type_ = LicenseEventType.CANCEL
            now = self._now()
            ends = min(now, before.rights.end or now)
            self._change(connection, id, {"state": _OVER[type_], "ends": ends})
            self._note(connection, before, LicenseEvent(type=type_, at=now, device=device), actor)
        return self._published(id)

    def _on_sale(self, request: LicenseRequest) -> int:
        """The edition that is on sale in this form."""
        live = releases.current(self._database, request.book)
        if live is None or live.state != "live":
            raise Denied(f"{request.book} is not on sale")
        if live.sold_from is not None and live.sold_from > self._now().date():
            raise Denied(f"{request.book} is sold from {live.sold_from} on")
        file_of(live.distribution, request.form)
        if live.distribution.protection is not Protection.LCP:
            raise Denied(f"{request.book} is sold without LCP: {live.distribution.protection}")
        return live.entry.edition

    def _download(self, issued: License) -> PublicationLink:
        file = self._file(issued)
        return PublicationLink(href=self._cdn.url(file.path, _DOWNLOADS_LAST), blob=file.blob)

    def _file(self, issued: License) -> ReleaseFile:
        with self._database.begin() as connection:
            return released_file(connection, issued)

    def _usable(self, connection: Connection, id: str, failure: LicenseFailure) -> License:
        issued = license_of(locked_row(connection, id), self._now())
        if not issued.state.usable:
            raise LicenseRefused(failure.because(issued.state), f"licence {id} is {issued.state}")
        return issued

    def _next_end(self, before: License, end: datetime) -> datetime:
        """By the policy's days, as far as it may be."""
        later = end + timedelta(days=self._provider.policy.renewal_days)
        return later if before.may_end is None else max(end, min(later, before.may_end))

    def _check_renewals(self, connection: Connection, before: License) -> None:
        """What devices may not do by themselves, as the shop may."""
        renewed = (_EVENT.license == before.id) & (_EVENT.type == LicenseEventType.RENEW)
        query = select(func.count()).where(renewed, _EVENT.device.is_not(None))
        if before.may_end is None:
            message = "the bookshop alone renews this licence"
        elif connection.execute(query).scalar_one() >= self._provider.policy.renewals:
            message = "it was renewed as often as may be"
        else:
            return
        raise LicenseRefused(LicenseFailure.RENEWAL, message)

    def _change(
        self, connection: Connection, id: str, values: dict[str, Any], *, renewed: bool = True
    ) -> None:
        now = self._now()
        moments = {"status_updated": now} | ({"updated": now} if renewed else {})
        where = update(tables.license).where(_LICENSE.id == id)
        connection.execute(where.values(values | moments))

    def _note(
        self, connection: Connection, before: License, event: LicenseEvent, actor: str
    ) -> None:
        device = event.device
        row = {
            "license": before.id,
            "type": event.type,
            "device": device and device.id,
            "device_name": device and device.name,
            "actor": actor,
            "at": event.at,
        }
        connection.execute(insert(tables.license_event), row)
        _tell(connection, actor, _DONE[event.type], before.book, {"license": before.id})


_OVER = {
    LicenseEventType.RETURN: LicenseState.RETURNED,
    LicenseEventType.REVOKE: LicenseState.REVOKED,
    LicenseEventType.CANCEL: LicenseState.CANCELLED,
}
_DONE = {
    LicenseEventType.REGISTER: "registered",
    LicenseEventType.RENEW: "renewed",
    LicenseEventType.RETURN: "returned",
    LicenseEventType.REVOKE: "revoked",
    LicenseEventType.CANCEL: "cancelled",
}


def _tell(connection: Connection, actor: str, done: str, book: str, facts: dict[str, str]) -> None:
    audit(connection, actor, f"license.{done}", book, facts)
    emit(connection, f"license.{done}", book, facts)
