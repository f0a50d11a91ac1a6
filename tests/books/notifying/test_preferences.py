"""When a notice leaves, by the recipient's clock, and what nobody can unsubscribe from."""

from datetime import UTC, datetime, time

import pytest
from pydantic import ValidationError

from ebook_pipeline.books.notifying.addresses import Channel, channel_of, mail_address, masked
from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind, ToldAs, Urgency
from ebook_pipeline.books.notifying.preferences import Preferences, quiet_hours
from ebook_pipeline.foundation.errors import ServiceError

BERLIN = Preferences(zone="Europe/Berlin", quiet_from=time(22), quiet_to=time(7))
LOW, NORMAL, URGENT = NoticeKind.BOOK_RECEIVED, NoticeKind.BOOK_REJECTED, NoticeKind.RUN_FAILED


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "now", "due"),
    [
        (NORMAL, "2026-11-21 12:00", "2026-11-21 12:00"),
        (NORMAL, "2026-11-21 21:00", "2026-11-22 06:00"),
        (NORMAL, "2026-11-22 05:59", "2026-11-22 06:00"),
        (NORMAL, "2026-11-22 06:00", "2026-11-22 06:00"),
        (NORMAL, "2026-07-21 20:30", "2026-07-22 05:00"),
        (LOW, "2026-11-21 12:00", "2026-11-22 06:00"),
        (LOW, "2026-11-22 06:00", "2026-11-23 06:00"),
        (URGENT, "2026-11-21 23:00", "2026-11-21 23:00"),
        # the clocks go back on 25 October and forward on 29 March
        (NORMAL, "2026-10-24 22:00", "2026-10-25 06:00"),
        (NORMAL, "2026-03-28 22:00", "2026-03-29 05:00"),
    ],
)
def test_it_leaves_after_the_quiet_hours_of_the_recipients_clock(
    kind: NoticeKind, now: str, due: str
) -> None:
    assert BERLIN.due(kind, at(now)) == at(due)


@pytest.mark.parametrize(
    ("now", "due"),
    [("13:30", "15:00"), ("12:59", "12:59"), ("15:00", "15:00"), ("13:00", "15:00")],
)
def test_quiet_hours_may_lie_within_a_day(now: str, due: str) -> None:
    siesta = Preferences(quiet_from=time(13), quiet_to=time(15))
    assert siesta.due(NORMAL, at(f"2026-11-21 {now}")) == at(f"2026-11-21 {due}")


def test_who_has_no_quiet_hours_is_told_at_once() -> None:
    now = at("2026-11-21 03:00")
    assert [Preferences().due(kind, now) for kind in NoticeKind] == [now] * len(NoticeKind)


def test_a_persons_wishes_stand_over_those_of_the_role() -> None:
    role = Preferences(mail="all@example.org", channels=(Channel.MAIL,), language="de")
    mine = Preferences(language="en", quiet_from=time(0), quiet_to=time(6)).over(role)
    assert (mine.mail, mine.language, mine.channels) == ("all@example.org", "en", (Channel.MAIL,))
    assert (mine.quiet_from, mine.quiet_to) == (time(0), time(6))


def test_a_kind_may_come_by_another_channel() -> None:
    mine = Preferences(
        channels=(Channel.MAIL, Channel.MAIL), by_kind={NoticeKind.REVIEW_ASKED: (Channel.SLACK,)}
    )
    assert mine.channels_for(NoticeKind.REVIEW_ASKED) == (Channel.SLACK,)
    assert mine.channels_for(NoticeKind.BOOK_WAITING) == (Channel.MAIL,)


def test_nobody_unsubscribes_from_what_is_essential() -> None:
    mine = Preferences(unsubscribed=tuple(NoticeKind))
    refused = {kind for kind in NoticeKind if mine.refuses(kind)}
    assert refused == {kind for kind, nature in NOTICE_KINDS.items() if not nature.essential}
    assert NoticeKind.BOOK_REJECTED not in refused


def test_only_the_team_is_woken_up() -> None:
    urgent = {nature.to for nature in NOTICE_KINDS.values() if nature.urgency is Urgency.URGENT}
    assert urgent == {ToldAs.TEAM}


@pytest.mark.parametrize(
    "wrong",
    [
        {"mail": "not an address"},
        {"mail": "+4930123456"},
        {"phone": "ann@example.org"},
        {"language": "tlh"},
        {"zone": "Middle-earth/Shire"},
        {"zone": "../../etc/passwd"},
        {"quiet_from": "22:00"},
        {"unsubscribed": ["spam"]},
        {"channels": ["pigeon"]},
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(wrong: dict[str, str] | dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        Preferences.model_validate(wrong)


def test_quiet_hours_are_read_as_people_write_them() -> None:
    assert quiet_hours("22:00-07:30") == (time(22), time(7, 30))
    for wrong in ("22", "", "25:00-07:00", "22:00–07:00"):
        with pytest.raises(ServiceError):
            quiet_hours(wrong)


@pytest.mark.parametrize(
    ("address", "channel"),
    [
        ("ann@example.org", Channel.MAIL),
        ("+4930123456", Channel.SMS),
        ("arn:aws:sns:eu-central-1:123456789012:alarms", Channel.TOPIC),
        ("030 123456", None),
        ("ann", None),
        ("", None),
        ("ann@example.org, bob@example.org", None),
        ("ann@example.org\r\nBcc: bob@example.org", None),
        ("ann@example.org\x00", None),
        ('"a@b"@example.org', None),
        (f"{'a' * 300}@example.org", None),
    ],
)
def test_an_address_says_which_channel_it_is_of(address: str, channel: Channel | None) -> None:
    assert channel_of(address) is channel


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("emma.woodhouse@example.org", "e…@example.org"),
        ("+4930123456", "+49…56"),
        ("arn:aws:sns:eu-central-1:123456789012:alarms", "topic alarms"),
        ("ann", "a…"),
        ("", ""),
    ],
)
def test_an_address_is_shown_so_that_nobody_can_write_to_it(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_a_refused_address_is_not_told_in_full() -> None:
    with pytest.raises(ServiceError) as caught:
        mail_address("emma woodhouse@example.org")
    assert "woodhouse" not in str(caught.value)
