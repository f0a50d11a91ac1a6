"""How people come by a password, and the desk by an address of theirs: links in mails, used once.

Whoever asks for a link is told the same, whether or not anybody is known by that name.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from ebook_pipeline.books.notifying.addresses import Channel, mail_address
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.rendering import Link
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.notifying.notices import NoticeRequest
from ebook_pipeline.services.notifying.recipients import (
    NotifyingSettings,
    RecipientDirectory,
    notifying_settings,
)
from ebook_pipeline.services.signing_in import links, passwords, principals, sessions
from ebook_pipeline.services.signing_in.links import Purpose
from ebook_pipeline.services.signing_in.tokens import digest

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources

_PERSON = account_tables.person.c
_KINDS = {
    Purpose.RESET: NoticeKind.PASSWORD_RESET,
    Purpose.CONFIRM: NoticeKind.EMAIL_CONFIRM,
}
_BY_LINK = "desk:{}"


@dataclass(frozen=True)
class Recovery:
    """Offers links and takes them back; `origin` is what their addresses begin with."""

    database: Database
    settings: NotifyingSettings
    channels: frozenset[Channel]
    origin: str

    def welcome(self, login: str, *, actor: str) -> str:
        """The address at which `login` chooses a first password. `NotFound` for whom nobody knows.

        It is for whoever adds a person to hand on, by a way that they trust.
        """
        with self.database.begin() as connection:
            if principals.actor_of(connection, login, door="desk") is None:
                raise NotFound(f"no user is called {login[:80]!r} (`ebooks users list`)")
            audit(connection, actor, "user.welcome", "", {"user": login})
            token = links.offer(connection, login, Purpose.WELCOME, actor=actor)
        return self._address(Purpose.WELCOME, token)

    def ask_reset(self, name: str) -> None:
        """Mail a link to whoever is known by this login or address, if they have confirmed one."""
        with self.database.begin() as connection:
            login = principals.login_for(connection, name)
            here = (_PERSON.login == login) & _PERSON.email_confirmed_at.is_not(None)
            email = connection.execute(select(_PERSON.email).where(here)).scalar_one_or_none()
            if login is None or email is None:
                return
            token = links.offer(connection, login, Purpose.RESET, actor=_BY_LINK.format(login))
            self._mail(connection, Purpose.RESET, token, login, email)

    def choose_password(self, token: str, purpose: Purpose, password: str) -> str:
        """Let the link's holder sign in by `password` alone from now on; who that is.

        Every session of theirs ends. Raises `DeadLink`, and `WeakPassword`, which leaves the link
        as it was.
        """
        with self.database.begin() as connection:
            login = links.use(connection, token, purpose).person
            if principals.actor_of(connection, login, door="desk") is None:
                raise Denied("nobody signs in by this name any more")
            self._set(connection, login, password)
        return login

    def change_password(self, login: str, old: str, new: str) -> None:
        """Let `login` sign in by `new`. Raises `Denied` where `old` is wrong, or `WeakPassword`."""
        self._require_password(login, old)
        with self.database.begin() as connection:
            self._set(connection, login, new)

    def change_email(self, login: str, address: str, password: str) -> None:
        """Ask at `address` whether it is this person's. ServiceError where it can be nobody's.

        A password is chosen anew by this address, so that a session alone, which may have been
        stolen, does not change it: `Denied` where the person's `password` is another.
        """
        folded = address.strip().lower()
        mail_address(folded)
        if passwords.has_password(self.database, login):
            self._require_password(login, password)
        actor = _BY_LINK.format(login)
        with self.database.begin() as connection:
            audit(connection, actor, "user.email", "", {"user": login})
            token = links.offer(connection, login, Purpose.CONFIRM, actor=actor, address=folded)
            self._mail(connection, Purpose.CONFIRM, token, login, folded)

    def confirm_email(self, token: str) -> str:
        """The address is the person's who asked; who that is. Raises `DeadLink`, and ServiceError
        where somebody else has confirmed it first."""
        try:
            with self.database.begin() as connection:
                link = links.use(connection, token, Purpose.CONFIRM)
                values = {"email": link.address, "email_confirmed_at": func.now()}
                this = update(account_tables.person).where(_PERSON.login == link.person)
                connection.execute(this.values(values))
                actor = _BY_LINK.format(link.person)
                audit(connection, actor, "user.email_confirmed", "", {"user": link.person})
        except IntegrityError as error:
            raise ServiceError("this address is somebody else's already") from error
        return link.person

    def _require_password(self, login: str, password: str) -> None:
        if passwords.login_by(self.database, login, password) != login:
            raise Denied("that is not your password")

    def _set(self, connection: Connection, login: str, password: str) -> None:
        passwords.set_password(connection, login, password)
        sessions.end_all(connection, login)
        links.end_all(connection, login, Purpose.WELCOME, Purpose.RESET)
        audit(connection, _BY_LINK.format(login), "user.password", "", {"user": login})

    def _mail(
        self, connection: Connection, purpose: Purpose, token: str, login: str, address: str
    ) -> None:
        directory = RecipientDirectory(self.database, self.settings)
        request = NoticeRequest(
            kind=_KINDS[purpose],
            to=directory.person(login, address),
            cause=f"link {digest(token)[:32]}",
            values={
                "house": self.settings.name,
                "login": login,
                "link": Link(self._address(purpose, token)),
            },
        )
        notices.queue(connection, request, self.channels, datetime.now(UTC))

    def _address(self, purpose: Purpose, token: str) -> str:
        return f"{self.origin}/{purpose.value}/{token}"


def recovery_of(resources: "Resources", origin: str) -> Recovery:
    """As the settings of these resources say."""
    channels = resources.notifier.channels
    return Recovery(resources.database, notifying_settings(resources.settings), channels, origin)
