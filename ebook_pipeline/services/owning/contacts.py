"""Contacts of an account's submissions: one is written to once its owner has confirmed it."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.notifying.addresses import masked
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.services.audit_and_outbox import audit

_TABLE = account_tables.contact
_CONTACT = _TABLE.c
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 12
_TODAY = func.date_trunc("day", func.now(), "UTC")


class Contact(Record):
    """An address that an account's submissions gave, and since when it may be written to."""

    account: str
    address: str
    asked_at: datetime
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None


def may_write(connection: Connection, account: str, address: str) -> bool:
    """Whether the owner of `address` wants to hear of this account's books."""
    here = (_CONTACT.account == account) & (_CONTACT.address == address)
    query = select(_CONTACT.confirmed_at).where(here)
    return connection.execute(query).scalar_one_or_none() is not None


def new_code(connection: Connection, account: str, address: str, most: int) -> str | None:
    """The code that `address` is to be sent, the first time that an account gives it; else None.

    None too where the account gave `most` new ones today: another day asks.
    """
    asked = select(func.count()).where(_CONTACT.account == account, _CONTACT.asked_at >= _TODAY)
    if connection.execute(asked).scalar_one() >= most:
        return None
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    row = {"account": account, "address": address, "code": _digest(code)}
    statement = insert(_TABLE).values(row).on_conflict_do_nothing().returning(_CONTACT.account)
    return code if connection.execute(statement).first() is not None else None


def confirm(connection: Connection, address: str, code: str, *, actor: str) -> tuple[str, ...]:
    """Let those accounts write to `address` whose question to it held `code`; which they are.

    Raises `NotFound` for an unknown address, and `Denied` for a wrong code.
    """
    rows = connection.execute(select(_TABLE).where(_CONTACT.address == address)).all()
    if not rows:
        raise NotFound(f"nobody gave {masked(address)} as a contact")
    digest = _digest(code.strip().upper())
    found = tuple(row.account for row in rows if hmac.compare_digest(row.code, digest))
    if not found:
        raise Denied(f"that is not the code that {masked(address)} was sent")
    for account in found:
        _confirm(connection, account, address, actor)
    return found


def vouch(connection: Connection, account: str, address: str, *, actor: str) -> None:
    """Let the account write to `address` because `actor` knows that its owner wants it."""
    row = {"account": account, "address": address, "code": ""}
    connection.execute(insert(_TABLE).values(row).on_conflict_do_nothing())
    _confirm(connection, account, address, actor)


def list_contacts(database: Database, account: str | None = None) -> tuple[Contact, ...]:
    """Every contact, or an account's, the newest first."""
    columns = [_CONTACT[name] for name in Contact.model_fields]
    query = select(*columns).order_by(_CONTACT.asked_at.desc(), _CONTACT.address)
    if account is not None:
        query = query.where(_CONTACT.account == account)
    with database.begin() as connection:
        rows = connection.execute(query).mappings()
        return tuple(Contact.model_validate(dict(row)) for row in rows)


def _confirm(connection: Connection, account: str, address: str, actor: str) -> None:
    here = (_CONTACT.account == account) & (_CONTACT.address == address)
    fresh = update(_TABLE).where(here, _CONTACT.confirmed_at.is_(None))
    connection.execute(fresh.values(confirmed_at=func.now(), confirmed_by=actor))
    detail = {"account": account, "contact": masked(address)}
    audit(connection, actor, "contact.confirm", "", detail)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
