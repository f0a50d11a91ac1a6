"""What somebody wants to be told, by which channel, in which language, and when not."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from ebook_pipeline.books.notifying.addresses import Channel, channel_of
from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind, Urgency
from ebook_pipeline.books.notifying.rendering import languages
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.record import Record


class Preferences(Record):
    """Of a person or a role; what is left out is as the role has it, or as the settings say.

    `channels` are for every kind that `by_kind` doesn't name. Quiet hours are of `zone`'s clock
    and may span midnight.
    """

    mail: str = ""
    phone: str = ""
    channels: tuple[Channel, ...] = ()
    by_kind: Mapping[NoticeKind, tuple[Channel, ...]] = Field(default_factory=dict)
    language: str = ""
    zone: str = ""
    quiet_from: time | None = None
    quiet_to: time | None = None
    unsubscribed: tuple[NoticeKind, ...] = ()

    @field_validator("mail", "phone")
    @classmethod
    def _is_an_address(cls, value: str, info: object) -> str:
        wanted = Channel.MAIL if getattr(info, "field_name", "") == "mail" else Channel.SMS
        if value and channel_of(value) is not wanted:
            form = "name@example.org" if wanted is Channel.MAIL else "+4930123456"
            raise ValueError(f"this is no address such as {form}")
        return value

    @field_validator("language")
    @classmethod
    def _is_a_language_of_ours(cls, value: str) -> str:
        if value and value not in languages():
            raise ValueError(f"notices are written in {', '.join(languages())}")
        return value

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("a time zone is named such as Europe/Berlin") from error
        return value

    @model_validator(mode="after")
    def _quiet_hours_begin_and_end(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("quiet hours have a beginning and an end")
        return self

    def over(self, default: "Preferences") -> "Preferences":
        """These, completed by those of a role."""
        own = {name: getattr(self, name) for name in Preferences.model_fields}
        whole = {name: value or getattr(default, name) for name, value in own.items()}
        if self.quiet_from is not None:  # midnight is a time like others
            whole |= {"quiet_from": self.quiet_from, "quiet_to": self.quiet_to}
        return Preferences.model_validate(whole)

    def refuses(self, kind: NoticeKind) -> bool:
        """Whether they have unsubscribed; nobody can from what is essential."""
        return kind in self.unsubscribed and not NOTICE_KINDS[kind].essential

    def channels_for(self, kind: NoticeKind) -> tuple[Channel, ...]:
        """The channels wished for, each once; empty where nothing was said."""
        return tuple(dict.fromkeys(self.by_kind.get(kind, self.channels)))

    def due(self, kind: NoticeKind, now: datetime) -> datetime:
        """When a notice of this kind should leave.

        An urgent one leaves at once, another after the quiet hours if it is quiet now, and one
        of low urgency always at the end of the next ones, with all others.
        """
        urgency = NOTICE_KINDS[kind].urgency
        if urgency is Urgency.URGENT or self.quiet_from is None or self.quiet_to is None:
            return now
        if self.quiet_from == self.quiet_to:
            return now
        if urgency is Urgency.NORMAL and not self._is_quiet(now):
            return now
        return self._end_of_quiet(now)

    def _is_quiet(self, now: datetime) -> bool:
        assert self.quiet_from is not None
        assert self.quiet_to is not None
        clock = now.astimezone(self._zone).time()
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to

    def _end_of_quiet(self, now: datetime) -> datetime:
        assert self.quiet_to is not None
        today = now.astimezone(self._zone).date()
        ends = (
            datetime.combine(today + timedelta(days=days), self.quiet_to, self._zone)
            for days in (0, 1)
        )
        return next(end for end in (moment.astimezone(UTC) for moment in ends) if end > now)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone or "UTC")


def quiet_hours(text: str) -> tuple[time, time]:
    """``22:00-07:00`` as its two times. Raises ServiceError for anything else."""
    begin, _, end = text.partition("-")
    try:
        return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError as error:
        raise ServiceError(f"quiet hours are written 22:00-07:00, not {text[:40]!r}") from error
