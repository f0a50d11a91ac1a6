"""The shop window: for everybody, what is on sale and nothing else; licences by those who may."""

import re

import pytest

from tests.support.desk_pages import KNOWN, Shelf
from tests.support.desk_shop import HASHED, DeskShop, count


@pytest.fixture(scope="module", autouse=True)
def _read_books(shop: DeskShop, tmp_path_factory: pytest.TempPathFactory) -> None:
    shelf = Shelf(shop.context, tmp_path_factory.mktemp("shelf"))
    for book in KNOWN:
        if book.id in ("press-moonstone", "press-woman-in-white"):
            shelf.put(book)


def shown(page: str) -> list[str]:
    return re.findall(r'<li><a href="/shop/([0-9a-z-]+)">', page)


def test_everybody_sees_what_is_on_sale_and_nothing_else(shop: DeskShop) -> None:
    page = shop.desk.nobody().get("/shop").text
    assert {"press-moonstone", "press-woman-in-white", "press-sold"} <= set(shown(page))
    assert not [book for book in shown(page) if book.endswith(("-draft", "-waiting"))]
    for book in ("press-draft", "press-waiting", "nothing"):
        for part in ("", "/cover", "/excerpt"):
            assert shop.desk.nobody().get(f"/shop/{book}{part}").status_code == 404


def test_words_and_facets_narrow_what_is_shown(shop: DeskShop) -> None:
    nobody = shop.desk.nobody()
    assert shown(nobody.get("/shop", params={"query": "moonstone"}).text) == ["press-moonstone"]
    by_publisher = nobody.get("/shop", params={"facet": "publisher=The Press"}).text
    assert set(shown(by_publisher)) == {"press-moonstone", "press-woman-in-white"}
    assert "take away" in by_publisher
    nothing = nobody.get("/shop", params={"query": "zzzz qqqq", "facet": "language=en"}).text
    assert "Nothing on sale is like that" in nothing
    assert nobody.get("/shop", params={"facet": "no=such"}).status_code == 422


def test_a_books_page_says_what_a_buyer_asks(shop: DeskShop) -> None:
    page = shop.desk.nobody().get("/shop/press-moonstone").text
    for told in ("6.99 EUR", "Haste to the Wedding", "read aloud", "WCAG 2.1 Level AA"):
        assert told in page, told
    assert "a licence, with which a reading app for Readium LCP opens the book" in page
    assert "we know of no price" not in page
    assert "To the shop that sells it" not in page  # none is set
    assert "Hand out a licence" not in page
    assert "Hand out a licence" in shop.by("olga").get("/shop/press-moonstone").text


def test_an_excerpt_is_read_in_the_page_and_acts_in_nothing(shop: DeskShop) -> None:
    page = shop.desk.nobody().get("/shop/press-moonstone").text
    assert re.search(r'<iframe[^>]* sandbox src="/shop/press-moonstone/excerpt"', page)
    excerpt = shop.desk.nobody().get("/shop/press-moonstone/excerpt")
    assert excerpt.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert shop.desk.nobody().get("/shop/press-sold/excerpt").status_code == 404


@pytest.mark.parametrize(
    ("login", "status"), [("pat", 404), ("edna", 404), ("paul", 403), ("rita", 404), ("olga", 200)]
)
def test_licences_are_handed_out_by_those_who_may(shop: DeskShop, login: str, status: int) -> None:
    assert shop.by(login).get("/shop/press-sold/licence").status_code == status


def test_a_licence_is_issued_once_however_often_its_form_is_sent(shop: DeskShop) -> None:
    form = {"reader": "r-9", "passphrase_sha256": HASHED, "hint": "As ever", "request": "once-1"}
    pages = [shop.by("olga").post("/shop/press-sold/licence", data=form).text for _ in range(2)]
    ids = {re.search(r"/api/v1/licenses/([^/]+)/", page)[1] for page in pages}  # type: ignore[index]
    assert len(ids) == 1
    document = shop.by("olga").get(f"/api/v1/licenses/{ids.pop()}/license.lcpl")
    assert document.status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"passphrase_sha256": ""}, {"passphrase_sha256": "zz"}, {"until": "tomorrow"}]
)
def test_what_can_not_be_is_said_and_nothing_typed_is_lost(
    shop: DeskShop, wrong: dict[str, str]
) -> None:
    before = count(shop.database, "SELECT count(*) FROM license")
    form = {"reader": "r-10", "passphrase_sha256": HASHED, "hint": "My cat's name"} | wrong
    answer = shop.by("olga").post("/shop/press-sold/licence", data=form)
    assert answer.status_code == 422
    assert "My cat&#39;s name" in answer.text
    assert HASHED not in answer.text
    assert count(shop.database, "SELECT count(*) FROM license") == before
