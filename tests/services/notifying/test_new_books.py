"""Readers hear of new works by authors whom they follow: once, and no longer than they wish."""

from sqlalchemy import func, update

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.services.notifying import unsubscribing
from ebook_pipeline.services.notifying.new_books import of_followed
from ebook_pipeline.services.notifying.notices import LoggedNotice
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.shelving import following
from tests.support.services.notices import NoticeFlow
from tests.support.services.sales import sell

AUTHOR = "Élise Łuc"


def _reader(database: Database, login: str) -> str:
    people.add(database, login, Membership(account=HOUSE, role=Role.READER), actor="eve")
    person = account_tables.person
    values = {"email": f"{login}@example.org", "email_confirmed_at": func.now()}
    with database.begin() as connection:
        connection.execute(update(person).where(person.c.login == login).values(values))
    return login


def _told(flow: NoticeFlow, who: str) -> list[LoggedNotice]:
    kind = NoticeKind.AUTHOR_NEW_BOOK
    return [one for one in flow.hear() if one.who == who and one.kind is kind]


def test_a_new_work_is_told_once_to_who_follows_and_one_click_ends_it(
    database: Database, notice_flow: NoticeFlow
) -> None:
    rita, ray = (_reader(database, login) for login in ("rita", "ray"))
    sell(database, "emma", title="Emma")
    for spelling in (" élise  ŁUC", AUTHOR):
        following.follow(database, "emma", spelling, rita, actor=rita)
    assert [one.name for one in following.list_followed(database, rita)] == [AUTHOR]
    sell(database, "persuasion", title="Persuasion")
    sell(database, "persuasion-large-print", title="Persuasion", same_as="persuasion")
    following.follow(database, "emma", AUTHOR, ray, actor=ray)
    [told] = _told(notice_flow, rita)
    assert told.address == "rita@example.org"
    assert "“Persuasion” by Élise Łuc" in told.message.text
    assert "https://shop.example/books/persuasion" in told.message.html
    assert [one.book for one in of_followed(database, rita, 5)] == ["persuasion"]
    assert _told(notice_flow, ray) == []  # it was on sale before
    releases.withdraw(database, "persuasion", actor="ann")
    releases.release(database, "persuasion", actor="ann")
    assert len(_told(notice_flow, rita)) == 1

    notice_flow.send()
    mail = next(one for one in notice_flow.notifier.taken if one.to == "rita@example.org")
    token = mail.unsubscribe.rpartition("/")[2]
    for _ in range(2):
        unsubscribing.unsubscribe(database, token)
    sell(database, "sanditon", title="Sanditon")
    assert [one.why for one in _told(notice_flow, rita)] == ["", "unsubscribed"]
    assert [one.why for one in _told(notice_flow, ray)] == [""]
