"""Who is told: authors by their submission's contact, the team, reviewers; and what they prefer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.notifying.addresses import Channel, channel_of, masked
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.preferences import Preferences
from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, notice_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.owning import accounts, contacts

if TYPE_CHECKING:
    from ebook_pipeline.settings import Settings

AUTHORS, TEAM, REVIEWERS = "authors", "team", "reviewers"
ROLES = (AUTHORS, TEAM, REVIEWERS)
_TABLE = notice_tables.recipient
_SUBMISSION = tables.submission.c


class NotifyingSettings(Record):
    """What the settings say of who sends and who is told.

    `topic` is the ARN of an SNS topic; `slack` says whether there is a webhook for the team;
    `desk_url` is where links lead without which a notice makes no sense; `reached_at` is empty
    where nobody said by which address the desk is reached.
    """

    name: str = "ebook-pipeline"
    team: str = "team@localhost"
    reviewers: str = ""
    topic: str = ""
    slack: bool = False
    language: str = "en"
    shop_url: str = ""
    desk_url: str = "http://127.0.0.1:8080"
    reached_at: str = ""
    texts_per_day: int = 20
    confirmations_per_day: int = 50


class Recipient(Record):
    """Somebody to be told; `usual` are the channels where no wish is known, best first.

    An author is told on behalf of an `account`: by its `contact`, once that is `confirmed`, and by
    so many text messages a day.
    """

    who: str
    preferences: Preferences
    usual: tuple[Channel, ...]
    topic: str = ""
    account: str = ""
    contact: str = ""
    confirmed: bool = True
    texts_per_day: int = 0

    def ways(
        self, kind: NoticeKind, available: Iterable[Channel], *, not_by: Channel | None = None
    ) -> tuple[tuple[Channel, str], ...]:
        """The channels with their addresses by which this kind should go; none: nobody is reached.

        `not_by` is a channel that is out of order: it is taken only where there is no other.
        """
        open_ = set(available)
        everything = (*self.preferences.channels_for(kind), *self.usual, *Channel)
        for wanted in (self.preferences.channels_for(kind), self.usual):
            usable = [
                channel for channel in wanted if channel in open_ and self._reached_by(channel)
            ]
            if not_by in usable and not_by is not None:
                others = (
                    channel for channel in everything if channel in open_ and channel is not not_by
                )
                usable = [channel for channel in usable if channel is not not_by] or [
                    next((channel for channel in others if self._reached_by(channel)), not_by)
                ]
            if usable:
                return tuple((channel, self._address(channel)) for channel in usable)
        return ()

    def _reached_by(self, channel: Channel) -> bool:
        return channel is Channel.SLACK or bool(self._address(channel))

    def _address(self, channel: Channel) -> str:
        return {
            Channel.MAIL: self.preferences.mail,
            Channel.SMS: self.preferences.phone,
            Channel.TOPIC: self.topic,
        }.get(channel, "")


class RecipientDirectory:
    """Finds recipients; a person's own wishes stand over those of their role."""

    def __init__(self, database: Database, settings: NotifyingSettings) -> None:
        self._database, self._settings = database, settings

    def author(self, book: str) -> Recipient:
        """Who submitted the book, by the newest contact that a submission of it gave."""
        contact = self._contact(book)
        way = channel_of(contact) if contact else None
        reached = way in (Channel.MAIL, Channel.SMS)
        own = Preferences(
            mail=contact if way is Channel.MAIL else "",
            phone=contact if way is Channel.SMS else "",
        )
        who = name_of(contact) if reached else f"author of {book}"
        # A role's address is never an author's.
        role = self._stored(AUTHORS).model_copy(update={"mail": "", "phone": ""})
        usual = (way,) if reached and way is not None else ()
        author = self._recipient(who, (self._stored(who), own, role), usual)
        return author.model_copy(update=self._account(book, who, contact if reached else ""))

    def _account(self, book: str, who: str, contact: str) -> dict[str, Any]:
        """On whose behalf an author is told, and how far."""
        with self._database.begin() as connection:
            account = accounts.known(connection, accounts.owner(connection, book) or HOUSE)
            confirmed = not contact or contacts.may_write(connection, account.id, who)
        texts = account.texts_per_day
        return {
            "account": account.id,
            "contact": contact,
            "confirmed": confirmed,
            "texts_per_day": self._settings.texts_per_day if texts is None else texts,
        }

    def team(self) -> Recipient:
        """Who looks after the pipeline; Slack hears of everything where it is set up."""
        first = Channel.TOPIC if self._settings.topic else Channel.MAIL
        usual = (first, Channel.SLACK) if self._settings.slack else (first,)
        own = Preferences(mail=self._settings.team)
        return self._recipient(TEAM, (self._stored(TEAM), own), usual)

    def reviewers(self) -> Recipient:
        """Everybody who reviews, together."""
        own = Preferences(mail=self._settings.reviewers or self._settings.team)
        return self._recipient(REVIEWERS, (self._stored(REVIEWERS), own), (Channel.MAIL,))

    def reviewer(self, name: str) -> Recipient:
        """One of them, by address or by the name under which they chose what they prefer.

        Whose address nobody knows is told through the address of all reviewers.
        """
        address = name.strip() if channel_of(name.strip()) is Channel.MAIL else ""
        who = name_of(name)
        mine = (self._stored(who), Preferences(mail=address))
        return self._recipient(who, (*mine, self.reviewers().preferences), (Channel.MAIL,))

    def person(self, login: str, address: str) -> Recipient:
        """Somebody who signs in, at this mail address and by no other way; in their language."""
        own = Preferences(mail=address, language=self._stored(login).language)
        return self._recipient(f"user {login}", (own,), (Channel.MAIL,))

    def reader(self, login: str, address: str) -> Recipient:
        """Somebody who signs in, as they wish it: at the address that they have confirmed."""
        wishes = self._stored(login).model_copy(update={"mail": "", "phone": "", "channels": ()})
        return self._recipient(login, (wishes, Preferences(mail=address)), (Channel.MAIL,))

    def member(self, login: str, address: str) -> Recipient:
        """Somebody who works at the desk, by the ways that they chose, else by this address."""
        own = Preferences(mail=address)
        return self._recipient(login, (self._stored(login), own), (Channel.MAIL,))

    def _recipient(
        self, who: str, choices: Iterable[Preferences], usual: tuple[Channel, ...]
    ) -> Recipient:
        whole = Preferences()
        for choice in choices:
            whole = whole.over(choice)
        known = whole.over(Preferences(language=self._settings.language))
        return Recipient(who=who, preferences=known, usual=usual, topic=self._settings.topic)

    def _stored(self, who: str) -> Preferences:
        return preferences_of(self._database, who) or Preferences()

    def _contact(self, book: str) -> str:
        contact = tables.SUBMITTED_CONTACT
        query = select(contact).where(_SUBMISSION.book == book, func.coalesce(contact, "") != "")
        with self._database.begin() as connection:
            result = connection.execute(query.order_by(_SUBMISSION.id.desc()).limit(1))
            return str(result.scalar_one_or_none() or "").strip()


def name_of(who: str) -> str:
    """Under which name a person's wishes are kept: the address or name in small letters."""
    return " ".join(who.split()).casefold()


def preferences_of(database: Database, who: str) -> Preferences | None:
    """What a person or a role has chosen, or None."""
    with database.begin() as connection:
        return preferences_in(connection, who)


def preferences_in(connection: Connection, who: str) -> Preferences | None:
    """As `preferences_of`, in a transaction of the caller's."""
    query = select(_TABLE.c.preferences).where(_TABLE.c.who == name_of(who))
    document = connection.execute(query).scalar_one_or_none()
    return None if document is None else Preferences.model_validate(document)


def all_preferences(database: Database) -> dict[str, Preferences]:
    """Everybody who has chosen something, by name."""
    query = select(_TABLE.c.who, _TABLE.c.preferences)
    with database.begin() as connection:
        rows = connection.execute(query)
        known = {row.who: Preferences.model_validate(row.preferences) for row in rows}
    return dict(sorted(known.items()))


def prefer(database: Database, who: str, changes: dict[str, Any], *, actor: str) -> Preferences:
    """Change what `who` prefers: only the fields in `changes`. ServiceError where one can't be."""
    name = name_of(who)
    if not name:
        raise ServiceError("preferences are somebody's: an address, a name, or a role")
    with database.begin() as connection:
        after = write_preferences(connection, name, changes)
        shown = {"who": _shown(name), "changed": sorted(changes)}
        audit(connection, actor, "prefer", "", shown)
    return after


def write_preferences(connection: Connection, who: str, changes: dict[str, Any]) -> Preferences:
    """As `prefer`, in a transaction of the caller's, which says who did it."""
    before = preferences_in(connection, who) or Preferences()
    try:
        after = Preferences.model_validate(before.model_dump() | changes)
    except ValidationError as error:
        problems = "; ".join(f"{_where(wrong['loc'])}{wrong['msg']}" for wrong in error.errors())
        raise ServiceError(f"that can't be preferred: {problems}") from error
    row = {"preferences": after.model_dump(mode="json"), "changed_at": func.now()}
    statement = insert(_TABLE).values(who=name_of(who), **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["who"], set_=row))
    return after


def forget(database: Database, who: str, *, actor: str) -> None:
    """Let `who` be told as the role is. Raises `NotFound` where nothing was chosen."""
    with database.begin() as connection:
        gone = connection.execute(delete(_TABLE).where(_TABLE.c.who == name_of(who)))
        if not gone.rowcount:
            raise NotFound(f"{_shown(who)} has chosen nothing")
        audit(connection, actor, "forget_preferences", "", {"who": _shown(name_of(who))})


def notifying_settings(settings: "Settings") -> NotifyingSettings:
    """What the settings say; on one machine the team's mail is written to the outbox folder."""
    public = next(iter(settings.desk_origins.split()), "").rstrip("/")
    return NotifyingSettings(
        name=settings.trade_name,
        team=settings.mail_team or ("team@localhost" if settings.env == "local" else ""),
        reviewers=settings.mail_reviewers or "",
        topic=settings.alarm_topic_arn or "",
        slack=settings.slack_webhook_url is not None,
        language=settings.notice_language,
        shop_url=settings.shop_url or "",
        desk_url=public or f"http://127.0.0.1:{settings.desk_port}",
        reached_at=public,
        texts_per_day=settings.texts_per_day,
        confirmations_per_day=settings.confirmations_per_day,
    )


def _where(place: tuple[Any, ...]) -> str:
    return f"{place[0]}: " if place else ""


def _shown(who: str) -> str:
    return masked(who) if channel_of(who) else who
