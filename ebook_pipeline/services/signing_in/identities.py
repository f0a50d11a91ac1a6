"""Persons by what another provider calls them: a subject is one person for ever.

A provider tells who somebody is, and gives no right: whom nobody has added as a user is refused,
for operators alone let people in. The first time a person comes they are known by the address that
both sides have confirmed; from then on by the subject alone. An address may go to somebody else.

https://openid.net/specs/openid-connect-core-1_0.html#ClaimStability
"""

from sqlalchemy import Connection, exists, insert, select

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.resources.database.token_tables import identity as table
from ebook_pipeline.services.audit_and_outbox import audit

_IDENTITY = table.c
_PERSON = account_tables.person.c
_LONGEST_SUBJECT = 255


class UnknownPerson(Denied):
    """Somebody whom the provider knows, and we don't."""


class Identity(Record):
    """Who signed in at a provider; `email` only where the provider has verified it."""

    issuer: str
    subject: str
    email: str | None = None


def login_of(database: Database, identity: Identity) -> str:
    """Whose login it is. Raises `UnknownPerson` where it is nobody's who is here."""
    if not 0 < len(identity.subject) <= _LONGEST_SUBJECT:
        raise UnknownPerson("the provider does not say who that is")
    with database.begin() as connection:
        linked = _linked(connection, identity)
        login = linked or _first_time(connection, identity)
        if login is None or not _is_here(connection, login):
            raise UnknownPerson("nobody here is known as this: an operator adds users")
    return login


def _linked(connection: Connection, identity: Identity) -> str | None:
    mine = (_IDENTITY.issuer == identity.issuer) & (_IDENTITY.subject == identity.subject)
    found: str | None = connection.execute(select(_IDENTITY.person).where(mine)).scalar()
    return found


def _first_time(connection: Connection, identity: Identity) -> str | None:
    """The person with that address, whom nobody at this provider is yet; linked from now on."""
    if not identity.email:
        return None
    theirs = (_PERSON.email == identity.email.strip().lower()) & _PERSON.left_at.is_(None)
    query = select(_PERSON.login).where(theirs, _PERSON.email_confirmed_at.is_not(None))
    login: str | None = connection.execute(query.with_for_update()).scalar()
    if login is None:
        return None
    taken = (_IDENTITY.issuer == identity.issuer) & (_IDENTITY.person == login)
    if connection.execute(select(exists().where(taken))).scalar_one():
        return _linked(connection, identity)  # who came at the same moment was the same person
    row = {"issuer": identity.issuer, "subject": identity.subject, "person": login}
    connection.execute(insert(table).values(row))
    facts = {"issuer": identity.issuer, "person": login}
    audit(connection, f"desk:{login}", "identity.link", "", facts)
    return login


def _is_here(connection: Connection, login: str) -> bool:
    here = (_PERSON.login == login) & _PERSON.left_at.is_(None)
    return bool(connection.execute(select(exists().where(here))).scalar_one())
