"""A person who has signed in, with the roles that hold now: read anew for each request."""

from sqlalchemy import Connection, func, select

from ebook_pipeline.books.owning.accounts import Membership
from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.resources.database import account_tables
from ebook_pipeline.resources.database.clean import clean_text

_PERSON = account_tables.person.c
_MEMBERSHIP = account_tables.membership.c


def actor_of(connection: Connection, login: str, *, door: str) -> Actor | None:
    """The actor `login` is; None where nobody is known by it, or they have left."""
    here = (_PERSON.login == login) & _PERSON.left_at.is_(None)
    columns = (_PERSON.email, _PERSON.email_confirmed_at)
    row = connection.execute(select(*columns).where(here)).first()
    if row is None:
        return None
    roles = select(_MEMBERSHIP.account, _MEMBERSHIP.role).where(_MEMBERSHIP.person == login)
    names = {login} | ({row.email} if row.email and row.email_confirmed_at else set())
    return Actor(
        login=login,
        memberships=tuple(
            Membership(account=row.account, role=row.role) for row in connection.execute(roles)
        ),
        names=frozenset(names),
        door=door,
    )


def login_for(connection: Connection, name: str) -> str | None:
    """Whose login or confirmed mail address `name` is, among those who have not left."""
    folded = clean_text(name.strip().lower())
    by_mail = (_PERSON.email == folded) & _PERSON.email_confirmed_at.is_not(None)
    query = select(_PERSON.login).where((_PERSON.login == folded) | by_mail)
    here = query.where(_PERSON.left_at.is_(None)).order_by(func.length(_PERSON.login)).limit(1)
    login: str | None = connection.execute(here).scalar_one_or_none()
    return login
