"""Whatever a form or an address is filled with, the answer is a page and no fault of ours."""

from urllib.parse import quote

import pytest

from tests.support.desk_shop import HASHED, DeskShop

pytestmark = pytest.mark.prove

WORDS = ("a\0b", "\u202e'; --", "9" * 4000, "<script>alert(1)</script>{{ 7 * 7 }}")
QUERIES = (
    "/books?state={}", "/books?text={}", "/books?after={}", "/reviews?priority={}",
    "/reviews?after={}", "/reviews?done={}", "/shop?query={}", "/shop?after={}",
    "/shop?query=sold&after={}", "/audit?person={}", "/audit?after={}", "/operate/failed?after={}",
    "/submit?book={}", "/books/press-sold/cover?edition={}", "/books/{}", "/shop/{}",
)  # fmt: skip
FORMS = {
    "/submit/check": ("title", "authors", "language", "isbn", "description"),
    "/people": ("login", "role", "account", "name"),
    "/people/leaving": ("login",),
    "/operate/retries": ("which", "book"),
    "/shop/press-sold/licence": ("reader", "hint", "form", "until", "holder", "request"),
    "{review}/decision": ("verdict", "seen", "note", "reasons"),
    "{review}/assignment": ("seen", "take"),
    "{review}/fields": ("seen", "title", "languages", "free", "was"),
}
USUAL = {
    "verdict": "reject", "seen": "x", "which": "some", "role": "reader", "account": "house",
    "reader": "r", "hint": "h", "passphrase_sha256": HASHED, "login": "someone", "take": "true",
}  # fmt: skip


def harmless(media_type: str, text: str) -> bool:
    """Whether no page has a script that was typed."""
    return not media_type.startswith("text/html") or "<script>alert" not in text


@pytest.mark.parametrize("query", QUERIES)
def test_no_address_is_a_fault_of_ours(shop: DeskShop, query: str) -> None:
    for word in WORDS:
        answer = shop.by("olga").get(query.format(quote(word, safe="")))
        assert answer.status_code < 500, (query, word)
        assert harmless(answer.headers.get("content-type", ""), answer.text)


@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_a_fault_of_ours(shop: DeskShop, path: str) -> None:
    found = shop.by("olga").get("/api/v1/reviews", params={"book": "press-waiting"}).json()
    where = path.format(review=f"/reviews/{found['items'][0]['task']['id']}")
    for field in FORMS[path]:
        for word in WORDS:
            answer = shop.by("olga").post(where, data=USUAL | {field: word})
            assert answer.status_code < 500, (field, word, answer.text[:300])
            assert harmless(answer.headers.get("content-type", ""), answer.text)
