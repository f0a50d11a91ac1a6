"""My books: who sees which, what a book's page says, and what is not anybody's."""

import html
import re

import pytest

from ebook_pipeline.books.records import Manifestations
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.services.recording.journal import Journal
from tests.support.desk import ORIGIN
from tests.support.desk_shop import DeskShop

ROLES = ("pat", "edna", "paul", "rob", "rosa", "rita", "olga")


def titles(shop: DeskShop, login: str, query: str = "") -> list[str]:
    page = shop.by(login).get(f"/books{query}")
    assert page.status_code == 200
    return re.findall(r'<a href="/books/([0-9a-z-]+)">', page.text)


def test_everybody_sees_their_own_books_alone(shop: DeskShop) -> None:
    assert {name.partition("-")[0] for name in titles(shop, "pat")} == {"press"}
    assert {name.partition("-")[0] for name in titles(shop, "rosa")} == {"rival"}
    assert len(titles(shop, "olga")) == 6
    assert shop.by("rita").get("/books").status_code == 403


def test_books_are_found_by_state_and_by_words(shop: DeskShop) -> None:
    assert titles(shop, "pat", "?state=rejected") == ["press-draft"]
    assert titles(shop, "pat", "?text=press+sold") == ["press-sold"]
    nothing = shop.by("pat").get("/books", params={"text": "no such book"})
    assert "No book is like that" in nothing.text


@pytest.mark.parametrize("part", ["", "/standing", "/cover"])
@pytest.mark.parametrize(
    ("login", "status"), [("pat", 200), ("olga", 200), ("rob", 404), ("rita", 404)]
)
def test_a_books_page_is_its_peoples(shop: DeskShop, part: str, login: str, status: int) -> None:
    assert shop.by(login).get(f"/books/press-sold{part}").status_code == status


def test_the_page_says_what_is_needed_of_its_reader(shop: DeskShop) -> None:
    draft = shop.by("pat").get("/books/press-draft").text
    assert "This edition needs you" in draft
    assert "it is broken" in draft
    assert 'href="/submit?book=press-draft"' in draft
    waiting = shop.by("pat").get("/books/press-waiting").text
    assert "A person reads this edition" in waiting
    assert 'href="/reviews/' not in waiting
    assert 'href="/reviews/' in shop.by("edna").get("/books/press-waiting").text


def test_what_stopped_a_book_without_a_record_is_told_too(shop: DeskShop) -> None:
    shop.draft("press-claimed", "press")
    finding = Finding(
        rule="submission.not-its-isbn",
        severity=Severity.FATAL,
        message="The ISBN 9780306406157 is that of another account's book.",
    )
    Journal(shop.database).record(
        "run", "press-claimed", 1, "book_metadata", Outcome.REJECTED, 0,
        detail={"reason": finding.message, "finding": finding.model_dump(mode="json")},
    )  # fmt: skip
    page = shop.by("pat").get("/books/press-claimed").text
    assert page.count("The ISBN 9780306406157 is that of another account") == 2
    german = shop.by("pat").get("/books/press-claimed", headers={"Accept-Language": "de"}).text
    assert german.count("Diese ISBN gehört dem Buch eines anderen Kontos") == 2


def test_a_picture_that_could_act_is_not_shown(shop: DeskShop) -> None:
    cover = shop.by("pat").get("/books/press-sold/cover?edition=1")
    assert cover.headers["content-type"] == "image/svg+xml"
    assert "script" not in cover.text


def test_pages_hold_what_books_say_as_text(shop: DeskShop) -> None:
    for path in ("/books", "/books/press-sold", "/submit"):
        page = shop.by("pat").get(path).text
        assert " style=" not in page
        assert not re.search(r"<script(?! type=\"module\" src=\"/static/)", page)
        assert not re.search(r"\son[a-z]+=", page)


STARTS = (
    ("pat", "/books"), ("edna", "/reviews"), ("paul", "/books"), ("rita", "/shop"),
    ("olga", "/operate"),
)  # fmt: skip


@pytest.mark.parametrize(("login", "start"), STARTS)
def test_each_begins_where_their_work_does(shop: DeskShop, login: str, start: str) -> None:
    first = shop.by(login).get("/", follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, start)
    assert shop.by(login).get(start).status_code == 200


def test_nobody_begins_in_the_shop_and_finds_the_way_in(shop: DeskShop) -> None:
    page = shop.desk.nobody(Accept="text/html").get("/")
    assert page.url.path == "/shop"
    assert 'href="/sign-in?next=/shop"' in page.text
    assert "/sign-in" not in shop.by("rita").get("/shop").text


def test_what_needs_an_author_stands_first(shop: DeskShop) -> None:
    page = shop.by("pat").get("/books").text
    assert page.index("What needs you") < page.index('class="rows"')
    assert "What needs you" not in shop.by("pat").get("/books?state=released").text
    assert "What needs you" not in shop.by("olga").get("/books").text


@pytest.mark.parametrize("login", ROLES)
def test_the_menu_has_what_one_may_open(shop: DeskShop, login: str) -> None:
    browser = shop.by(login)
    menu = re.search(r"<nav.*?</nav>", browser.get("/account").text, re.DOTALL)
    linked = re.findall(r'href="([^"]+)"', menu[0]) if menu else []
    for path in ("/books", "/submit", "/reviews", "/operate", "/people", "/audit"):
        assert (browser.get(path).status_code == 200) == (path in linked), path


NO_ROUTE = (("GET", "/nowhere", 404), ("GET", "/operate/retries", 405), ("PUT", "/books", 405))


@pytest.mark.parametrize(("method", "path", "status"), NO_ROUTE)
def test_a_page_that_is_not_there_has_the_menu_of_who_asks(
    shop: DeskShop, method: str, path: str, status: int
) -> None:
    page = shop.by("pat").request(method, path, headers={"Accept": "text/html"})
    assert page.status_code == status
    assert 'href="/account"' in page.text
    assert "/sign-in" not in page.text
    assert "/sign-in" in shop.desk.nobody(Accept="text/html").get("/nowhere").text
    assert shop.by("pat").get("/api/v1/nowhere").json()["status"] == 404


GERMAN = (
    ("pat", "/books"), ("pat", "/books?text=nichts"), ("pat", "/books/press-sold"),
    ("pat", "/books/press-draft"), ("pat", "/submit"), ("pat", "/nowhere"), ("edna", "/reviews"),
    ("edna", "/reviews?whose=me"), ("olga", "/shop"), ("olga", "/shop/press-sold"),
    ("olga", "/shop/press-sold/licence"), ("olga", "/operate"), ("olga", "/operate/failed?asked=2"),
    ("olga", "/people"), ("olga", "/audit"),
)  # fmt: skip


@pytest.mark.parametrize(("login", "path"), GERMAN)
def test_each_page_speaks_german(shop: DeskShop, login: str, path: str) -> None:
    accepted = {"Accept-Language": "de", "Accept": "text/html"}
    page = shop.by(login).get(path, headers=accepted)
    assert page.status_code == (404 if path == "/nowhere" else 200)
    assert '<html lang="de">' in page.text
    assert "Zum Inhalt" in page.text


def test_two_editions_are_read_side_by_side(shop: DeskShop) -> None:
    page = shop.by("pat").get("/books/press-sold/changes")
    assert "There is only one edition" in page.text
    made = shop.context.records.read("converted_book", "press-sold", 1, Manifestations)
    assert made
    text = shop.store.put(b"another <b>text</b>", "text/plain")
    newer = made.model_copy(update={"text": text})
    for edition in (2, 3):
        shop.context.records.keep("converted_book", "press-sold", edition, newer, "f")
    same = shop.by("pat").get("/books/press-sold/changes?before=2&after=3").text
    assert "Nothing of the text changed" in same
    both = shop.by("pat").get("/books/press-sold/changes?before=1&after=2").text
    assert "<del>text of press-sold</del>" in both
    assert "<ins>another &lt;b&gt;text&lt;/b&gt;</ins>" in both
    for query in ("?before=9", "?after=9"):
        other = shop.by("pat").get(f"/books/press-sold/changes{query}").text
        assert "can’t be compared" in other
    assert shop.by("rob").get("/books/press-sold/changes").status_code == 404


def test_a_form_whose_session_has_ended_is_asked_for_again(shop: DeskShop) -> None:
    found = shop.by("olga").get("/api/v1/reviews", params={"book": "press-waiting"}).json()
    path = f"/reviews/{found['items'][0]['task']['id']}"
    sent = {"verdict": "approve", "seen": "x"}
    nobody = shop.desk.nobody(Accept="text/html", Referer=f"{ORIGIN}{path}")
    answer = nobody.post(f"{path}/decision", data=sent)
    assert answer.status_code == 401
    assert "Your session has ended" in answer.text
    assert f'href="/sign-in?next={path}"' in answer.text
    elsewhere = shop.desk.nobody(Accept="text/html", Referer=f"https://evil.example{path}")
    assert 'href="/sign-in?next=/"' in elsewhere.post(f"{path}/decision", data=sent).text


def test_a_publisher_sets_a_price_on_the_books_page(shop: DeskShop) -> None:
    paul = shop.by("paul")
    page = paul.get("/books/press-sold").text
    form = {"amount": "1490", "currency": "isk", "territory": "is", "seen": seen_price(page)}
    assert paul.post("/books/press-sold/price", data=form).status_code == 200
    assert "IS: 1490.00 ISK" in paul.get("/books/press-sold").text
    stale = paul.post("/books/press-sold/price", data=form | {"amount": "1"})
    assert stale.status_code == 412
    fresh = form | {"seen": seen_price(paul.get("/books/press-sold").text), "amount": "much"}
    wrong = paul.post("/books/press-sold/price", data=fresh)
    assert (wrong.status_code, "an amount such as 9.99" in wrong.text) == (422, True)


def test_who_may_not_set_a_price_has_no_form_for_it(shop: DeskShop) -> None:
    page = shop.by("pat").get("/books/press-sold").text
    assert '/price"' not in page
    form = {"amount": "1", "currency": "EUR"}
    assert shop.by("pat").post("/books/press-sold/price", data=form).status_code == 403


def seen_price(page: str) -> str:
    form = page[page.index('/price"') :]
    found = re.search(r'name="seen" value="([^"]*)"', form)
    assert found is not None
    return html.unescape(found[1])
