"""Links that work once: to a first password, a new one, a confirmed address. Kept as digests."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import desk_tables
from ebook_pipeline.services.signing_in.tokens import digest, is_token, new_token

_TABLE = desk_tables.one_time_link
_LINK = _TABLE.c


class Purpose(StrEnum):
    """What a link is for."""

    WELCOME = "welcome"
    RESET = "reset"
    CONFIRM = "confirm"


LIFETIME = {
    Purpose.WELCOME: timedelta(days=3),
    Purpose.RESET: timedelta(hours=1),
    Purpose.CONFIRM: timedelta(days=1),
}
_KEPT = timedelta(days=30)


class DeadLink(Denied):
    """A link that is no link of ours, was used, or is too old: nobody is told which."""


class OneTimeLink(Record):
    """Whose link it is; `address`: which one is confirmed by it."""

    person: str
    address: str | None = None


def offer(
    connection: Connection, login: str, purpose: Purpose, *, actor: str, address: str | None = None
) -> str:
    """The token of a new link for `login`, told once; older ones for the same work no more.

    But for a forgotten password, which anybody may ask for: nobody's mail is made worthless so.
    """
    if purpose is not Purpose.RESET:
        end_all(connection, login, purpose)
    connection.execute(delete(_TABLE).where(_LINK.ends_at < func.now() - _KEPT))
    token = new_token()
    row = {"digest": digest(token), "person": login, "purpose": purpose.value, "actor": actor}
    ends = {"address": address, "ends_at": func.now() + LIFETIME[purpose]}
    connection.execute(insert(_TABLE).values(row | ends))
    return token


def end_all(connection: Connection, login: str, *purposes: Purpose) -> None:
    """Let no link of `login` for any of these work any more."""
    theirs = (_LINK.person == login) & _LINK.purpose.in_(purposes) & _LINK.used_at.is_(None)
    connection.execute(update(_TABLE).where(theirs).values(used_at=func.now()))


def look(connection: Connection, token: str, purpose: Purpose) -> OneTimeLink:
    """Whose link it is, which stays good. Raises `DeadLink`."""
    query = select(_LINK.person, _LINK.address).where(_is_good(token, purpose))
    return _link(connection.execute(query).mappings().first())


def use(connection: Connection, token: str, purpose: Purpose) -> OneTimeLink:
    """Whose link it was: of two who use it at once, one does. Raises `DeadLink`."""
    this = update(_TABLE).where(_is_good(token, purpose)).values(used_at=func.now())
    return _link(connection.execute(this.returning(_LINK.person, _LINK.address)).mappings().first())


def _is_good(token: str, purpose: Purpose) -> ColumnElement[bool]:
    here = (_LINK.digest == digest(token if is_token(token) else "")) & _LINK.used_at.is_(None)
    return here & (_LINK.purpose == purpose.value) & (_LINK.ends_at > func.now())


def _link(row: RowMapping | None) -> OneTimeLink:
    if row is None:
        raise DeadLink("this link was used, or is too old: ask for another one")
    return OneTimeLink.model_validate(dict(row))
