"""People sign in, out, and back in after they forgot their password: in a browser, by forms."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.signing_in import passwords
from tests.support.desk import COOKIE, HOST, ORIGIN, Desk, open_desk
from tests.support.servers.postgres import rows

PASSWORD = "a long enough password"


def form(client: TestClient, page: str, to: str = "", **fields: str) -> Any:
    """What a person does: open the page, fill in its form, send it; answers are not followed."""
    shown = client.get(page)
    assert shown.status_code == 200, shown.text
    (token,) = re.findall(r'name="csrf_token" value="(\w+)"', shown.text)[:1]
    return client.post(
        to or page,
        data={"csrf_token": token, **fields},
        headers={"Origin": ORIGIN},
        follow_redirects=False,
    )


def give_password(desk: Desk, login: str, password: str = PASSWORD) -> None:
    with desk.database.begin() as connection:
        passwords.set_password(connection, login, password)


def sign_in(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> Any:
    return form(client, "/sign-in", name=name, password=password, **more)


def test_a_person_signs_in_and_out(desk: Desk) -> None:
    give_password(desk, "ann")
    browser = desk.nobody(Accept="text/html")
    first = browser.get("/account", follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in?next=/account")
    answer = sign_in(browser, "ann")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "<strong>ann</strong>" in browser.get("/account").text
    assert form(browser, "/account", "/sign-out").status_code == 200
    assert browser.get("/api/v1/me").status_code == 401
    assert rows(desk.database, "SELECT count(*) FROM session") == [(0,)]


@pytest.mark.parametrize("name", ["ann", "nobody", " ", "ann\0", "Ann ' OR 1=1", "x" * 254])
def test_who_is_refused_is_not_told_why(desk: Desk, name: str) -> None:
    give_password(desk, "ann")
    answer = sign_in(desk.nobody(), name, "not the password")
    assert answer.status_code == 401
    assert "Nobody signs in by this name and password." in answer.text
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_as_much_work_is_done_for_whom_nobody_knows(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(desk, "ann")
    compared: list[str] = []

    def fits(stored: str, password: str) -> bool:
        compared.append(stored)
        return False

    monkeypatch.setattr(passwords, "_fits", fits)
    for name in ("ann", "bob", "nobody"):  # with a password, without one, unknown
        assert passwords.login_by(desk.database, name, "not the password") is None
    parameters = {stored.rsplit("$", 2)[0] for stored in compared}
    assert (len(compared), len(parameters)) == (3, 1)


@pytest.mark.parametrize("theirs", [True, False], ids=["of somebody", "of nobody"])
def test_a_session_that_somebody_left_in_a_browser_is_not_the_one_of_who_signs_in(
    desk: Desk, theirs: bool
) -> None:
    give_password(desk, "ann")
    planted = desk.browser("mallory").cookies[COOKIE] if theirs else "A" * 43
    browser = desk.nobody()
    browser.cookies.set(COOKIE, planted, HOST)
    assert (
        form(
            browser,
            "/sign-in" if not theirs else "/account",
            "/sign-in",
            name="ann",
            password=PASSWORD,
        ).status_code
        == 303
    )
    assert browser.cookies[COOKIE] != planted
    thief = desk.nobody()
    thief.cookies.set(COOKIE, planted, HOST)
    assert thief.get("/api/v1/me").status_code == 401


def test_who_left_is_out_at_once(desk: Desk) -> None:
    browser = desk.browser("ann")
    assert browser.get("/api/v1/me").status_code == 200
    people.leave(desk.database, "ann", actor="eve")
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("ended", ["ends_at = now()", "seen_at = now() - interval '13 hours'"])
def test_a_session_ends_by_age_and_by_idleness(desk: Desk, ended: str) -> None:
    browser = desk.browser("ann")
    with desk.database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE session SET {ended}")
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ("/books/emma?x=1", "/books/emma?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_one_is_at_a_page_of_ours(desk: Desk, wanted: str, taken: str) -> None:
    give_password(desk, "ann")
    assert sign_in(desk.nobody(), "ann", next=wanted).headers["location"] == taken


def test_pages_speak_the_language_that_the_browser_likes_best(desk: Desk) -> None:
    german = desk.nobody().get("/sign-in", headers={"Accept-Language": "fr, de-AT;q=0.9, en;q=0.5"})
    assert '<html lang="de">' in german.text
    assert "Anmelden" in german.text


def mailed_link(desk: Desk) -> str:
    """The link in the newest mail of the outbox folder."""
    desk.context.background.wait()
    mails = sorted(
        (desk.context.settings.root / "outbox").glob("*.eml"), key=lambda file: file.stat().st_mtime
    )
    body = message_from_bytes(mails[-1].read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    (link,) = re.findall(rf"{ORIGIN}(/\S+)", body.get_content())
    return str(link)


def confirm_address(desk: Desk, login: str, address: str, password: str = "") -> None:
    browser = desk.browser(login)
    assert form(browser, "/email", email=address, old=password).status_code == 200
    assert form(browser, mailed_link(desk)).status_code == 200


@pytest.fixture
def mailing(database: Database, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(database, home=tmp_path) as opened:
        yield opened


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(mailing: Desk) -> None:
    give_password(mailing, "ann", "the one that was forgotten")
    browser = mailing.browser("ann")  # a stolen session is not enough to have mails go elsewhere
    assert form(browser, "/email", email="mallory@example.org", old="?").status_code == 422
    confirm_address(mailing, "ann", "Ann@Example.org", "the one that was forgotten")
    other = mailing.browser("ann")
    stranger = mailing.nobody()
    assert form(stranger, "/forgot", name="ann@example.org").status_code == 200
    link = mailed_link(mailing)
    assert link.startswith("/reset/")
    assert form(stranger, link, password="short").status_code == 422
    assert form(stranger, link, password=PASSWORD).status_code == 200
    assert other.get("/api/v1/me").status_code == 401
    assert stranger.get(link).status_code == 403
    assert sign_in(stranger, "ann@example.org").status_code == 303
    told = notices.log(mailing.database)
    assert [one.state for one in told] == ["sent", "sent"]
    assert not any(link in one.message.model_dump_json() for one in told)


def test_asking_for_a_link_answers_alike_for_everybody(mailing: Desk) -> None:
    confirm_address(mailing, "ann", "ann@example.org")
    answers = {form(mailing.nobody(), "/forgot", name=name).text for name in ("ann", "zoe", "bob")}
    assert len(answers) == 1
    mailing.context.background.wait()
    told = notices.log(mailing.database, kind=NoticeKind.PASSWORD_RESET)
    assert [one.address for one in told] == ["ann@example.org"]


def test_an_address_is_somebodys_once_and_only_when_confirmed(mailing: Desk) -> None:
    confirm_address(mailing, "ann", "shared@example.org")
    browser = mailing.browser("bob")
    form(browser, "/email", email="shared@example.org")
    assert form(browser, mailed_link(mailing)).status_code == 409
    assert rows(mailing.database, "SELECT login FROM person WHERE email IS NOT NULL") == [("ann",)]


def test_a_password_is_changed_by_whom_knows_the_old_one(mailing: Desk) -> None:
    give_password(mailing, "ann")
    browser = mailing.browser("ann")
    new = "another long password"
    assert form(browser, "/password", old="wrong", password=new).status_code == 422
    assert form(browser, "/password", old=PASSWORD, password="ann").status_code == 422
    assert form(browser, "/password", old=PASSWORD, password=new).status_code == 200
    assert browser.get("/api/v1/me").status_code == 401
    assert sign_in(mailing.nobody(), "ann").status_code == 401
    assert sign_in(mailing.nobody(), "ann", new).status_code == 303


def test_guessing_is_slowed_down(desk: Desk) -> None:
    give_password(desk, "ann")
    browser = desk.nobody()
    statuses = [sign_in(browser, "ann", f"guess number {n}").status_code for n in range(6)]
    assert statuses == [401] * 5 + [429]
    assert int(sign_in(browser, "ann").headers["Retry-After"]) > 0


def test_a_reader_of_the_house_has_no_page_of_others(desk: Desk) -> None:
    page = desk.person("rita", Role.READER).get("/account")
    assert "Reader – house" in page.text
