"""A contact is asked once whether it is theirs, and told nothing else before it has answered."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake.submissions import submit, take_edition
from ebook_pipeline.services.notifying import confirming, recipients
from ebook_pipeline.services.owning import accounts, contacts
from ebook_pipeline.services.recording.journal import Journal
from tests.support.servers.postgres import rows
from tests.support.services.notices import REJECTED, NoticeFlow
from tests.support.services.submissions import fetched, offer

VICTIM, NUMBER = "victim@example.org", "+4915112345678"


def submits(database: Database, name: str, contact: str, account: str = "house") -> str:
    key = name if account == "house" else f"{account}/{name}"
    asked = offer(f"{key}.epub", claims=Claims(title=name, contact=contact))
    made = submit(database, asked.model_copy(update={"account": account}), actor="eve")
    take_edition(database, made.book, fetched(name))
    return made.book


def sent(flow: NoticeFlow) -> list[tuple[str, str]]:
    """What has left the house, by address and beginning of its subject."""
    flow.hear()
    flow.send()
    return [(notice.to, notice.subject.split(" ")[0]) for notice in flow.notifier.taken]


def code(flow: NoticeFlow, at: int = -1) -> str:
    (found,) = re.findall(r"\b[A-Z2-9]{12}\b", flow.notifier.taken[at].short)
    return str(found)


def test_only_the_question_is_sent_and_the_rest_after_its_answer(
    database: Database, notice_flow: NoticeFlow
) -> None:
    submits(database, "emma", VICTIM)
    assert sent(notice_flow) == [(VICTIM, "Is")]
    submits(database, "persuasion", VICTIM)
    assert len(sent(notice_flow)) == 1
    assert confirming.confirm(database, VICTIM.upper(), code(notice_flow), 20, actor="eve") == (
        "house",
    )
    assert len(sent(notice_flow)) == 2  # both are of low urgency: one digest
    submits(database, "sanditon", VICTIM)
    assert len(sent(notice_flow)) == 3


def test_the_question_holds_nothing_that_the_submitter_wrote(
    database: Database, notice_flow: NoticeFlow
) -> None:
    submits(database, "buy-pills-now", VICTIM)
    sent(notice_flow)
    (question,) = notice_flow.notifier.taken
    assert "pills" not in f"{question.subject} {question.short} {question.text} {question.html}"


def test_a_confirmation_is_for_one_account(database: Database, notice_flow: NoticeFlow) -> None:
    for account in ("ann", "bob"):
        accounts.add(database, account, actor="eve")
    submits(database, "emma", VICTIM, "ann")
    sent(notice_flow)
    confirming.confirm(database, VICTIM, code(notice_flow), 20, actor="eve")
    before = len(sent(notice_flow))
    submits(database, "spam", VICTIM, "bob")
    assert len(sent(notice_flow)) == before + 1
    assert notice_flow.notifier.taken[-1].subject.startswith("Is this address yours?")
    assert rows(database, "SELECT book FROM notice WHERE state = 'held'") == [("bob-spam",)]


@pytest.mark.parametrize("wrong", ["", "AAAAAAAAAAAA", "' OR 1=1"])
def test_a_wrong_code_opens_nothing(
    database: Database, notice_flow: NoticeFlow, wrong: str
) -> None:
    submits(database, "emma", VICTIM)
    sent(notice_flow)
    with pytest.raises(Denied):
        confirming.confirm(database, VICTIM, wrong, 20, actor="eve")
    assert len(sent(notice_flow)) == 1
    with pytest.raises(NotFound):
        confirming.confirm(database, "other@example.org", wrong, 20, actor="eve")


def test_a_contact_that_was_vouched_for_is_not_opened_by_an_empty_code(
    database: Database,
) -> None:
    with database.begin() as connection:
        contacts.vouch(connection, "house", VICTIM, actor="eve")
    with pytest.raises(Denied):
        confirming.confirm(database, VICTIM, "", 20, actor="eve")


def test_what_was_said_of_the_roles_channels_reaches_no_unconfirmed_contact(
    database: Database, notice_flow: NoticeFlow
) -> None:
    recipients.prefer(database, "authors", {"channels": ["slack", "mail"]}, actor="eve")
    recipients.prefer(database, VICTIM, {"phone": NUMBER}, actor="eve")
    submits(database, "emma", VICTIM)
    assert [to for to, _ in sent(notice_flow)] == [VICTIM]


def test_an_account_asks_so_many_new_contacts_a_day(
    database: Database, notice_flow: NoticeFlow
) -> None:
    with database.begin() as connection:
        asked = [contacts.new_code(connection, "house", f"{one}@x.org", 5) for one in range(9)]
    assert [made is not None for made in asked] == [True] * 3 + [False] * 6  # two were asked before
    assert not notice_flow.hear()


def test_text_messages_are_so_many_an_account_and_day(
    database: Database, notice_flow: NoticeFlow
) -> None:
    accounts.add(database, "bob", actor="eve", limits={"texts_per_day": 3})
    confirming.vouch(database, "bob", NUMBER, 20, actor="eve")
    for number in range(5):
        submits(database, f"book-{number}", NUMBER, "bob")
    notice_flow.hear()
    states = "SELECT state, why FROM notice ORDER BY at, id"
    found = rows(database, states)
    assert [state for state, _ in found].count("queued") == 3
    assert {why for state, why in found if state == "suppressed"} == {
        "the account's text messages of this day are used up"
    }


def test_held_texts_count_when_they_are_let_go(database: Database, notice_flow: NoticeFlow) -> None:
    accounts.add(database, "bob", actor="eve", limits={"texts_per_day": 3})
    for number in range(5):
        submits(database, f"book-{number}", NUMBER, "bob")
    sent(notice_flow)
    confirming.confirm(database, NUMBER, code(notice_flow), 20, actor="eve")
    counted = rows(database, "SELECT state, count(*) FROM notice GROUP BY state ORDER BY state")
    assert counted == [("queued", 2), ("sent", 1), ("suppressed", 3)]


def test_what_is_old_is_told_no_more(database: Database, notice_flow: NoticeFlow) -> None:
    submits(database, "emma", VICTIM)
    sent(notice_flow)
    rows(database, "UPDATE notice SET at = now() - interval '40 days' RETURNING 1")
    confirming.confirm(database, VICTIM, code(notice_flow), 20, actor="eve")
    assert len(sent(notice_flow)) == 1


def test_a_rejection_waits_as_well(database: Database, notice_flow: NoticeFlow) -> None:

    submits(database, "emma", VICTIM)
    Journal(database).record("r", "emma", 1, "validated_book", Outcome.REJECTED, 0, detail=REJECTED)
    assert [what for _, what in sent(notice_flow)] == ["Is"]
    notice_flow.sender.send_due(datetime.now(UTC) + timedelta(days=400))
    assert len(notice_flow.notifier.taken) == 1


def test_a_question_that_no_text_is_left_for_is_asked_another_day(
    database: Database, notice_flow: NoticeFlow
) -> None:
    accounts.add(database, "bob", actor="eve", limits={"texts_per_day": 0})
    submits(database, "emma", NUMBER, "bob")
    assert sent(notice_flow) == []
    accounts.change(database, "bob", {"texts_per_day": None}, actor="eve")
    submits(database, "persuasion", NUMBER, "bob")
    assert [to for to, _ in sent(notice_flow)] == [NUMBER]
