"""What is told to a contact that nobody has confirmed: one question, and the rest afterwards."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from ebook_pipeline.books.notifying.addresses import Channel, channel_of
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.preferences import Preferences
from ebook_pipeline.resources.database import Database, notice_tables
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.notifying.notices import NoticeRequest
from ebook_pipeline.services.notifying.recipients import NotifyingSettings, Recipient, name_of
from ebook_pipeline.services.owning import accounts, contacts

_NOTICE = notice_tables.notice.c
_WORTH_TELLING = timedelta(days=30)


class Confirming:
    """Asks new contacts, and lets go what was held back for them."""

    def __init__(self, settings: NotifyingSettings, channels: frozenset[Channel]) -> None:
        self._settings, self._channels = settings, channels

    def ask(self, connection: Connection, to: Recipient, now: datetime) -> None:
        """Ask an author's contact whether it is theirs, once for each account."""
        owner = self._owner_of(to)
        if to.confirmed or not self._reaches(connection, owner):
            return
        most = self._settings.confirmations_per_day
        code = contacts.new_code(connection, to.account, to.who, most)
        if code is None:
            return
        values = {
            "house": self._settings.name,
            "account": accounts.known(connection, to.account).name,
            "code": code,
        }
        question = NoticeRequest(
            kind=NoticeKind.CONTACT_CONFIRM,
            to=owner,
            cause=f"contact {to.account} {secrets.token_hex(8)}",  # asked once, and it names nobody
            values=values,
        )
        notices.queue(connection, question, self._channels, now)

    def _reaches(self, connection: Connection, owner: Recipient) -> bool:
        """Whether the question would go out today: else it is asked another day."""
        ways = owner.ways(NoticeKind.CONTACT_CONFIRM, self._channels)
        texts = any(channel is Channel.SMS for channel, _ in ways)
        return bool(ways) and not (
            texts and not notices.texts_left(connection, owner.account, owner.texts_per_day)
        )

    def _owner_of(self, to: Recipient) -> Recipient:
        """Whoever has that address: what is known of the author is not theirs yet."""
        way = channel_of(to.contact) or Channel.MAIL
        own = Preferences(
            mail=to.contact if way is Channel.MAIL else "",
            phone=to.contact if way is Channel.SMS else "",
            language=self._settings.language,
        )
        return to.model_copy(update={"preferences": own, "usual": (way,), "confirmed": True})


def confirm(
    database: Database, address: str, code: str, texts_per_day: int, *, actor: str
) -> tuple[str, ...]:
    """The owner of `address` gave its code: what was held back goes out; for which accounts.

    Raises `NotFound` and `Denied` as `contacts.confirm` does.
    """
    who = name_of(address)
    with database.begin() as connection:
        confirmed = contacts.confirm(connection, who, code, actor=actor)
        for account in confirmed:
            _let_go(connection, account, who, texts_per_day)
    return confirmed


def vouch(
    database: Database, account: str, address: str, texts_per_day: int, *, actor: str
) -> None:
    """An operator knows whose `address` is: what was held back goes out."""
    who = name_of(address)
    with database.begin() as connection:
        accounts.known(connection, account)
        contacts.vouch(connection, account, who, actor=actor)
        _let_go(connection, account, who, texts_per_day)


def _let_go(connection: Connection, account: str, who: str, texts_per_day: int) -> None:
    """What is old is told no more; texts go out as the account's day allows, the newest first."""
    held = (_NOTICE.state == "held") & (_NOTICE.account == account) & (_NOTICE.who == who)
    table = notice_tables.notice
    old = update(table).where(held, _NOTICE.at < func.now() - _WORTH_TELLING)
    connection.execute(old.values(state="suppressed", why="the contact was confirmed too late"))
    texts = select(_NOTICE.id).where(held, _NOTICE.channel == Channel.SMS.value)
    own = accounts.known(connection, account).texts_per_day
    left = notices.texts_left(connection, account, texts_per_day if own is None else own)
    newest = texts.order_by(_NOTICE.at.desc()).offset(max(0, left))
    too_many = update(table).where(_NOTICE.id.in_(newest))
    connection.execute(too_many.values(state="suppressed", why=notices.NO_TEXTS_LEFT))
    connection.execute(update(table).where(held).values(state="queued", why="", due=func.now()))
