"""Word to authors and editors: a round begins, a decision is made, a comment is answered."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.resources.database import (
    Database,
    account_tables,
    editing_tables,
    writing_tables,
)
from ebook_pipeline.services.actors import login_behind
from ebook_pipeline.services.notifying.notices import NoticeRequest
from ebook_pipeline.services.notifying.recipients import NotifyingSettings, RecipientDirectory

_MANUSCRIPT = writing_tables.manuscript.c
_EDITOR = editing_tables.manuscript_editor.c
_ROUND, _COMMENT = editing_tables.edit_round.c, editing_tables.edit_comment.c
_PERSON = account_tables.person.c
_DECISIONS = frozenset({"ask-changes", "accept", "reopen"})


class EditingNotices:
    """What is told of the events of manuscripts; whoever did it is not told."""

    def __init__(
        self, database: Database, directory: RecipientDirectory, settings: NotifyingSettings
    ) -> None:
        self._database, self._directory, self._settings = database, directory, settings

    def of_step(self, event: Event) -> Iterator[NoticeRequest]:
        """Editors hear of what was submitted to them, its author of what they decided."""
        step = event.data["step"]
        if step == "submit":
            yield from self._tell(event, NoticeKind.EDITING_ASKED, self._editors(event))
        elif step in _DECISIONS:
            decided = {"step": step, "reason": event.data["reason"]}
            yield from self._tell(event, NoticeKind.EDITING_DECIDED, self._authors(event), decided)

    def of_answer(self, event: Event) -> Iterator[NoticeRequest]:
        """Who commented, and whoever answered before, hear of the answer."""
        asked, answer = event.data["comment"], event.data["answer"]
        these = (_COMMENT.id == asked) | (_COMMENT.parent == asked)
        query = select(_COMMENT.id, _COMMENT.actor, _COMMENT.exact, _COMMENT.text).where(these)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(_COMMENT.id)).all()
        said = next((row for row in rows if row.id == answer), None)
        if said is None:
            return
        facts = {"quote": rows[0].exact[:200], "text": said.text[:2000]}
        people = (row.actor for row in rows if row.id < answer)
        yield from self._tell(event, NoticeKind.EDITING_ANSWERED, people, facts)

    def _tell(
        self,
        event: Event,
        kind: NoticeKind,
        actors: Iterable[str],
        more: dict[str, Any] | None = None,
    ) -> Iterator[NoticeRequest]:
        logins = dict.fromkeys(map(login_behind, actors))
        by = login_behind(event.data["by"])
        logins.pop(by, None)
        with self._database.begin() as connection:
            title = self._title(connection, event)
            known = {login: _address(connection, login) for login in logins}
        if title is None:
            return  # it was discarded meanwhile
        values = {
            "house": self._settings.name,
            "title": title,
            "manuscript": event.data["manuscript"],
            "who": by,
            **(more or {}),
        }
        for login, address in known.items():
            to = self._directory.member(login, address)
            about = f"manuscript {event.data['manuscript']}"
            yield NoticeRequest(kind=kind, to=to, cause=event.id, values=values, about=about)

    def _title(self, connection: Connection, event: Event) -> str | None:
        query = select(_MANUSCRIPT.claims).where(_MANUSCRIPT.id == event.data["manuscript"])
        claims = connection.execute(query).scalar_one_or_none()
        return None if claims is None else Claims.model_validate(claims).title or "–"

    def _editors(self, event: Event) -> tuple[str, ...]:
        query = select(_EDITOR.person).where(_EDITOR.manuscript == event.data["manuscript"])
        with self._database.begin() as connection:
            return tuple(connection.execute(query.order_by(_EDITOR.person)).scalars())

    def _authors(self, event: Event) -> tuple[str, ...]:
        """Who began it, and who submitted it last."""
        begun = select(_MANUSCRIPT.actor).where(_MANUSCRIPT.id == event.data["manuscript"])
        last = select(_ROUND.actor).where(_ROUND.manuscript == event.data["manuscript"])
        newest = last.order_by(_ROUND.number.desc()).limit(1)
        with self._database.begin() as connection:
            people = (connection.execute(query).scalar_one_or_none() for query in (begun, newest))
            return tuple(person for person in people if person)


def _address(connection: Connection, login: str) -> str:
    """Where the desk writes to them, once they have confirmed it."""
    here = (_PERSON.login == login) & _PERSON.email_confirmed_at.is_not(None)
    query = select(_PERSON.email).where(here, _PERSON.left_at.is_(None))
    return str(connection.execute(query).scalar_one_or_none() or "")
