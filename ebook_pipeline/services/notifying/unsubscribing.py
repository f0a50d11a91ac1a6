"""Links that end one kind of notice for one person, by one click and without signing in.

A link holds the login and the kind, sealed with the house's key: nobody can make one, and no row
is kept for it. It ends notices and nothing else, so it never grows old.
"""

from sqlalchemy import select

from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import Damaged, NotFound
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.resources.database.personal import MARK
from ebook_pipeline.services.notifying.recipients import prefer, preferences_of

PATH = "/unsubscribe/"
LONGEST_TOKEN = 300
_DOMAIN = "unsubscribe"
_PERSON = account_tables.person.c


class Unsubscription(Record):
    """Who wants to hear of what no more."""

    login: str
    kind: NoticeKind


def unsubscribe_path(database: Database, login: str, kind: NoticeKind) -> str:
    """The path of the link, at the desk."""
    sealed = database.personal.seal(_DOMAIN, f"{kind.value} {login}")
    return PATH + sealed.removeprefix(MARK)


def read_token(database: Database, token: str) -> Unsubscription:
    """What a link says. Raises `NotFound` where it is none of ours."""
    try:
        text = database.personal.open(_DOMAIN, MARK + token[:LONGEST_TOKEN])
        kind, _, login = text.partition(" ")
        return Unsubscription(login=login, kind=NoticeKind(kind))
    except (Damaged, ValueError) as error:
        raise NotFound("this link is not one of ours") from error


def unsubscribe(database: Database, token: str) -> Unsubscription:
    """Tell them of this kind no more; again it changes nothing. Raises `NotFound`.

    Of who has left or was erased nothing is written: they are told nothing as it is.
    """
    wish = read_token(database, token)
    with database.begin() as connection:
        here = select(_PERSON.login).where(_PERSON.login == wish.login, _PERSON.left_at.is_(None))
        if connection.execute(here).first() is None:
            return wish
    before = preferences_of(database, wish.login)
    refused = set(before.unsubscribed if before else ())
    if wish.kind not in refused and not NOTICE_KINDS[wish.kind].essential:
        changes = {"unsubscribed": tuple(sorted(refused | {wish.kind}))}
        prefer(database, wish.login, changes, actor=f"desk:{wish.login}")
    return wish
