"""What is known of a licence: as a shop asks for it, as it stands, and as its rows hold it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field
from sqlalchemy import Connection, Row, exists, select

from ebook_pipeline.books.protecting.lcp.license import Issuer, LicenseMoment, LicenseRights
from ebook_pipeline.books.protecting.lcp.status import (
    Device,
    LicenseEvent,
    LicenseFailure,
    LicenseRefused,
    LicenseState,
)
from ebook_pipeline.books.records import Distribution, Record, ReleaseFile, canonical_json
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import account_tables
from ebook_pipeline.resources.database import license_tables as tables
from ebook_pipeline.resources.database.tables import release

_LICENSE = tables.license.c
_RELEASE = release.c


class LicenseRequest(Record):
    """What a shop asks for. `reader` is the shop's own id: nobody should learn a name from it."""

    book: str
    reader: str
    hint: str = "Your passphrase at the bookshop"
    form: str = "publication"
    rights: LicenseRights = LicenseRights()
    may_end: LicenseMoment | None = None


class LicenseSale(Record):
    """Through whom a licence is sold: the program `client`, whose own name `request` of it makes
    asking again harmless; and the person `holder` on whose shelf it is."""

    client: str = ""
    request: str = Field(default="", max_length=200)
    holder: str = ""


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
    client: str | None = None
    holder: str | None = None


@dataclass(frozen=True)
class DevicePolicy:
    """What readers' devices may do by themselves: how many hold a licence, how often it is
    renewed, and by how many days where the device names no end."""

    devices: int = 6
    renewals: int = 20
    renewal_days: int = 14


@dataclass(frozen=True)
class LicenseProvider:
    """Who issues: its signature, its page about passphrases, its server for devices (or None)."""

    issuer: Issuer
    hint_url: str
    server: str | None = None
    policy: DevicePolicy = DevicePolicy()


def license_path(id: str) -> str:
    """Where the edge has the Licence Document; who knows the id may fetch it (LSD §2.5)."""
    return f"public/licenses/{id}/license.lcpl"


def status_path(id: str) -> str:
    """Where the edge has the Status Document, which needs no authentication (LSD §2.1)."""
    return f"public/licenses/{id}/status.json"


def license_context(id: str) -> dict[str, str]:
    """What binds a sealed user key to its licence."""
    return {"license": id}


def row_of(request: LicenseRequest, sale: LicenseSale) -> dict[str, Any]:
    """The columns that say what was asked for, and by whom."""
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
        "client": sale.client or None,
        "request": sale.request or None,
        "holder": sale.holder or None,
        "request_digest": request_digest(request, sale),
    }


def request_digest(request: LicenseRequest, sale: LicenseSale) -> str:
    """What tells whether the same name of a request asks for the same licence."""
    facts = [request.model_dump(mode="json"), sale.model_dump(mode="json")]
    return hashlib.sha256(canonical_json(facts)).hexdigest()


def license_of(row: Row[Any], now: datetime) -> License:
    """The licence as it stands `now`."""
    state = LicenseState(row.state)
    if state.usable and row.ends is not None and row.ends <= now:
        state = LicenseState.EXPIRED
    rights = LicenseRights(
        pages=row.pages, characters=row.characters, start=row.starts, end=row.ends
    )
    same = {name: getattr(row, name) for name in License.model_fields.keys() & _LICENSE.keys()}
    return License(**same | {"state": state, "rights": rights})


def locked_row(connection: Connection, id: str) -> Row[Any]:
    """The licence's row, held until the transaction ends. Raises `NotFound`."""
    query = select(tables.license).where(_LICENSE.id == id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no licence has this id")
    return row


def event_of(row: Row[Any]) -> LicenseEvent:
    """What happened, as the Status Document tells it."""
    device = None if row.device is None else Device(id=row.device, name=row.device_name or "")
    return LicenseEvent(type=row.type, at=row.at, device=device)


def check_end(before: License, now_ends: datetime, end: datetime) -> None:
    """Raise `LicenseRefused` where a renewal ends too early or too late."""
    if end <= now_ends or (before.may_end is not None and end > before.may_end):
        last = f" and not after {before.may_end}" if before.may_end else ""
        message = f"a renewal must end after {now_ends}{last}"
        raise LicenseRefused(LicenseFailure.RENEWAL_DATE, message)


def require_person(connection: Connection, login: str | None) -> None:
    """Raise `NotFound` where a licence is to be on the shelf of somebody we do not know."""
    person = account_tables.person.c
    known = select(exists().where(person.login == login, person.left_at.is_(None)))
    if login is not None and not connection.execute(known).scalar_one():
        raise NotFound(f"nobody is called {login[:80]!r}")


def file_of(distribution: Distribution, form: str) -> ReleaseFile:
    """The release's file of this form. Raises `NotFound`."""
    named = next((file for file in distribution.files if file.rel == form), None)
    if named is None:
        raise NotFound(f"{distribution.release} has no file called {form!r}")
    return named


def released_file(connection: Connection, issued: License) -> ReleaseFile:
    """The file of a licence, in the newest release of its edition. Raises `NotFound`."""
    of_edition = (_RELEASE.book == issued.book) & (_RELEASE.edition == issued.edition)
    query = select(_RELEASE.distribution).where(of_edition).order_by(_RELEASE.id.desc())
    saved = connection.execute(query).scalars().first()
    if saved is None:
        raise NotFound(f"{issued.book}, edition {issued.edition}, was never released")
    return file_of(Distribution.model_validate(saved), issued.form)
