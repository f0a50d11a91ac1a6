"""Licences of readers: issued, renewed, returned and revoked; each by somebody, each told.

What readers fetch (Licence and Status Document) is written to the edge after every commit; the
rows are the truth, and `publish` repairs the copies. A passphrase never comes here: its hash does,
and is kept sealed, since a renewed licence is minted anew.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Connection, Row, insert, select, update

from ebook_pipeline.books.protecting.lcp import license, status
from ebook_pipeline.books.protecting.lcp.license import (
    Issuer,
    LicenseRights,
    LicenseTerms,
    PublicationLink,
)
from ebook_pipeline.books.protecting.lcp.status import (
    Device,
    LicenseEvent,
    LicenseEventType,
    LicenseState,
    LicenseStatus,
)
from ebook_pipeline.books.records import Distribution, Protection, Record, ReleaseFile
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database import license_tables as tables
from ebook_pipeline.resources.database.tables import release
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.protecting.sealing import seal, unseal
from ebook_pipeline.services.releasing import releases

_LICENSE = tables.license.c
_EVENT = tables.license_event.c
_RELEASE = release.c
_HASH_BYTES = 32
_DOWNLOADS_LAST = 10 * 365 * 86_400
"""Seconds that the link of a licence works: the file is of no use without the licence."""


class LicenseRequest(Record):
    """What a shop asks for. `reader` is the shop's own id: nobody should learn a name from it."""

    book: str
    reader: str
    hint: str = "Your passphrase at the bookshop"
    form: str = "publication"
    rights: LicenseRights = LicenseRights()
    may_end: AwareDatetime | None = None


class License(Record):
    """One licence as it stands; `state` is `expired` from the end of its rights on."""

    id: str
    book: str
    edition: int
    form: str
    reader: str
    provider: str
    hint: str
    rights: LicenseRights
    may_end: AwareDatetime | None
    issued: AwareDatetime
    updated: AwareDatetime
    status_updated: AwareDatetime
    state: LicenseState


@dataclass(frozen=True)
class LicenseProvider:
    """Who issues: its signature, its page about passphrases, its server for devices (or None)."""

    issuer: Issuer
    hint_url: str
    server: str | None = None


class Licenses:
    """Every change is one transaction with its audit row and its event.

    Raises `NotFound` for what is unknown, `Denied` for what may not be.
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

    def issue(self, request: LicenseRequest, hashed: Secret, *, actor: str) -> License:
        """A licence for the release that is on sale; `hashed` is the SHA-256 of the passphrase.

        `Denied` where the book is off sale, or not under LCP; ValueError for what is no SHA-256.
        """
        if len(hashed) != _HASH_BYTES:
            raise ValueError(f"the SHA-256 of a passphrase has {_HASH_BYTES} bytes")
        edition = self._on_sale(request)
        made, now = str(uuid.uuid4()), self._now()
        row = _row_of(request) | {
            "id": made,
            "edition": edition,
            "provider": self._provider.issuer.provider,
            "user_key": seal(self._vault, license_context(made), hashed),
            "issued": now,
            "updated": now,
            "status_updated": now,
            "state": LicenseState.READY if self._provider.server else LicenseState.ACTIVE,
        }
        with self._database.begin() as connection:
            lock_book_row(connection, request.book)
            connection.execute(insert(tables.license), row)
            facts = {"license": made, "reader": request.reader}
            _tell(connection, actor, "issued", request.book, facts)
        self.publish(made)
        return self.find(made)

    def find(self, id: str) -> License:
        """The licence as it stands now."""
        with self._database.begin() as connection:
            return self._license(_held(connection, id))

    def of_book(self, book: str) -> tuple[License, ...]:
        """Every licence of a book, the newest last."""
        query = select(tables.license).where(_LICENSE.book == book).order_by(_LICENSE.issued)
        with self._database.begin() as connection:
            return tuple(map(self._license, connection.execute(query)))

    def register(self, id: str, device: Device, *, actor: str) -> License:
        """Note a device (LSD §3.3); the same one again changes nothing."""
        with self._database.begin() as connection:
            before = self._usable(connection, id)
            known = select(_EVENT.id).where(
                _EVENT.license == id, _EVENT.type == "register", _EVENT.device == device.id
            )
            if connection.execute(known).first() is not None:
                return before
            self._change(connection, id, {"state": LicenseState.ACTIVE}, renewed=False)
            event = LicenseEvent(type=LicenseEventType.REGISTER, at=self._now(), device=device)
            self._note(connection, before, event, actor)
        return self._published(id)

    def renew(self, id: str, end: datetime, *, actor: str, device: Device | None = None) -> License:
        """Let the licence end later (LSD §3.5), at most at its `may_end`."""
        with self._database.begin() as connection:
            before = self._usable(connection, id)
            if before.rights.end is None:
                raise Denied("this licence never ends: there is nothing to renew")
            if end <= before.rights.end or (before.may_end is not None and end > before.may_end):
                last = f" and not after {before.may_end}" if before.may_end else ""
                raise Denied(f"a renewal must end after {before.rights.end}{last}")
            self._change(connection, id, {"ends": end})
            event = LicenseEvent(type=LicenseEventType.RENEW, at=self._now(), device=device)
            self._note(connection, before, event, actor)
        return self._published(id)

    def return_(self, id: str, *, actor: str, device: Device | None = None) -> License:
        """The reader gives the book back (LSD §3.4): cancelled, where no device ever had it."""
        return self._finish(id, LicenseState.RETURNED, LicenseEventType.RETURN, actor, device)

    def revoke(self, id: str, *, actor: str) -> License:
        """The shop takes the licence away: cancelled, where no device ever had it."""
        return self._finish(id, LicenseState.REVOKED, LicenseEventType.REVOKE, actor, None)

    def document(self, id: str) -> bytes:
        """The Licence Document, minted anew: the same id, and the rights as they are now."""
        with self._database.begin() as connection:
            row = _held(connection, id)
        issued, hashed = (
            self._license(row),
            unseal(self._vault, license_context(id), bytes(row.user_key)),
        )
        key = self._keys.for_edition(issued.book, issued.edition).key
        terms = LicenseTerms(
            id=id,
            reader=issued.reader,
            hint=issued.hint,
            hint_url=self._provider.hint_url,
            issued=issued.issued,
            updated=issued.updated,
            status_url=self._cdn.url(status_path(id)),
            rights=issued.rights,
        )
        return license.issue_license(
            self._provider.issuer, key, hashed, self._download(issued), terms
        )

    def status(self, id: str) -> LicenseStatus:
        """What is known of the licence, for its Status Document."""
        query = select(tables.license_event).where(_EVENT.license == id).order_by(_EVENT.id)
        with self._database.begin() as connection:
            issued = self._license(_held(connection, id))
            events = tuple(map(_event, connection.execute(query)))
        return LicenseStatus(
            id=id,
            state=issued.state,
            profile=self._provider.issuer.profile,
            license_updated=issued.updated,
            status_updated=issued.status_updated,
            license_url=self._cdn.url(license_path(id)),
            server=self._provider.server,
            renewable=issued.rights.end is not None,
            may_end=issued.may_end,
            events=events,
        )

    def publish(self, id: str) -> None:
        """Write both documents to the edge; after every commit, and to repair them."""
        self._cdn.point(license_path(id), self.document(id), license.MEDIA_TYPE)
        document = status.status_document(self.status(id))
        self._cdn.point(status_path(id), document, license.STATUS_MEDIA_TYPE)

    def _published(self, id: str) -> License:
        self.publish(id)
        return self.find(id)

    def _finish(
        self,
        id: str,
        state: LicenseState,
        type_: LicenseEventType,
        actor: str,
        device: Device | None,
    ) -> License:
        with self._database.begin() as connection:
            before = self._usable(connection, id)
            if before.state is LicenseState.READY:
                state, type_ = LicenseState.CANCELLED, LicenseEventType.CANCEL
            now = self._now()
            ends = min(now, before.rights.end or now)
            self._change(connection, id, {"state": state, "ends": ends})
            self._note(connection, before, LicenseEvent(type=type_, at=now, device=device), actor)
        return self._published(id)

    def _on_sale(self, request: LicenseRequest) -> int:
        """The edition that is on sale in this form."""
        live = releases.current(self._database, request.book)
        if live is None or live.state != "live":
            raise Denied(f"{request.book} is not on sale")
        if live.sold_from is not None and live.sold_from > self._now().date():
            raise Denied(f"{request.book} is sold from {live.sold_from} on")
        _file(live.distribution, request.form)
        if live.distribution.protection is not Protection.LCP:
            raise Denied(f"{request.book} is sold without LCP: {live.distribution.protection}")
        return live.entry.edition

    def _download(self, issued: License) -> PublicationLink:
        """The file in the newest release of the licence's edition."""
        of_edition = (_RELEASE.book == issued.book) & (_RELEASE.edition == issued.edition)
        query = select(_RELEASE.distribution).where(of_edition).order_by(_RELEASE.id.desc())
        with self._database.begin() as connection:
            saved = connection.execute(query).scalars().first()
        if saved is None:
            raise NotFound(f"{issued.book}, edition {issued.edition}, was never released")
        file = _file(Distribution.model_validate(saved), issued.form)
        return PublicationLink(href=self._cdn.url(file.path, _DOWNLOADS_LAST), blob=file.blob)

    def _license(self, row: Row[Any]) -> License:
        state = LicenseState(row.state)
        if state.usable and row.ends is not None and row.ends <= self._now():
            state = LicenseState.EXPIRED
        rights = LicenseRights(
            pages=row.pages, characters=row.characters, start=row.starts, end=row.ends
        )
        same = {name: getattr(row, name) for name in License.model_fields.keys() & _LICENSE.keys()}
        return License(**same | {"state": state, "rights": rights})

    def _usable(self, connection: Connection, id: str) -> License:
        issued = self._license(_held(connection, id))
        if not issued.state.usable:
            raise Denied(f"licence {id} is {issued.state}")
        return issued

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


_DONE = {
    LicenseEventType.REGISTER: "registered",
    LicenseEventType.RENEW: "renewed",
    LicenseEventType.RETURN: "returned",
    LicenseEventType.REVOKE: "revoked",
    LicenseEventType.CANCEL: "cancelled",
}


def license_path(id: str) -> str:
    """Where the edge has the Licence Document; who knows the id may fetch it (LSD §2.5)."""
    return f"public/licenses/{id}/license.lcpl"


def status_path(id: str) -> str:
    """Where the edge has the Status Document, which needs no authentication (LSD §2.1)."""
    return f"public/licenses/{id}/status.json"


def _row_of(request: LicenseRequest) -> dict[str, Any]:
    rights = request.rights
    return {
        "book": request.book,
        "reader": request.reader,
        "hint": request.hint,
        "form": request.form,
        "pages": rights.pages,
        "characters": rights.characters,
        "starts": rights.start,
        "ends": rights.end,
        "may_end": request.may_end,
    }


def _file(distribution: Distribution, form: str) -> ReleaseFile:
    named = next((file for file in distribution.files if file.rel == form), None)
    if named is None:
        raise NotFound(f"{distribution.release} has no file called {form!r}")
    return named


def license_context(id: str) -> dict[str, str]:
    """What binds a sealed user key to its licence."""
    return {"license": id}


def _held(connection: Connection, id: str) -> Row[Any]:
    """The licence's row, held until the transaction ends."""
    query = select(tables.license).where(_LICENSE.id == id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"no licence is called {id!r}")
    return row


def _event(row: Row[Any]) -> LicenseEvent:
    device = None if row.device is None else Device(id=row.device, name=row.device_name or "")
    return LicenseEvent(type=row.type, at=row.at, device=device)


def _tell(connection: Connection, actor: str, done: str, book: str, facts: dict[str, str]) -> None:
    audit(connection, actor, f"license.{done}", book, facts)
    emit(connection, f"license.{done}", book, facts)
